package io.quorate.statemachine.apply;

import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.DeleteObject;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.SettingsRow;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Limits;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.statemachine.model.Settings;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.model.Violation;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.SettingsSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Declarative configuration: all documents of an apply or none; deletion in two phases. */
final class ConfigurationRules {
    private ConfigurationRules() {}

    static List<Rule<?>> all() {
        return List.of(
                new Rule<>(
                        CommandKind.APPLY_OBJECTS,
                        Command::getApplyObjects,
                        List.of(
                                new Guard<>("ManifestsValid", RejectCode.INVALID_ARGUMENT, ConfigurationRules::valid),
                                new Guard<>("ObjectLimit", RejectCode.LIMIT_REACHED, ConfigurationRules::objectLimit),
                                UnitRules.operationLimit(ConfigurationRules::mayTouchUnits),
                                new Guard<>(
                                        "SettingsLimits", RejectCode.INVALID_SETTINGS, ConfigurationRules::settings),
                                new Guard<>(
                                        "References",
                                        RejectCode.DANGLING_REFERENCE,
                                        (situation, apply) -> ConfigurationPlan.of(situation.state(), apply)
                                                .references()),
                                new Guard<>(
                                        "Circles",
                                        RejectCode.CIRCLE,
                                        (situation, apply) -> ConfigurationPlan.of(situation.state(), apply)
                                                .circles()),
                                new Guard<>(
                                        "Names",
                                        RejectCode.NAME_TAKEN,
                                        (situation, apply) -> ConfigurationPlan.of(situation.state(), apply)
                                                .names()),
                                new Guard<>(
                                        "Retire",
                                        RejectCode.STILL_OWNED,
                                        (situation, apply) -> ConfigurationPlan.of(situation.state(), apply)
                                                .retire()),
                                new Guard<>(
                                        "LastFencePath",
                                        RejectCode.LAST_FENCE_PATH,
                                        (situation, apply) -> apply.getAllowUnfenced()
                                                ? null
                                                : ConfigurationPlan.of(situation.state(), apply)
                                                        .fencePaths())),
                        ConfigurationRules::apply),
                new Rule<>(
                        CommandKind.DELETE_OBJECT,
                        Command::getDeleteObject,
                        List.of(
                                new Guard<>("ObjectKnown", RejectCode.NOT_FOUND, ConfigurationRules::objectKnown),
                                UnitRules.operationLimit(),
                                new Guard<>(
                                        "References",
                                        RejectCode.IN_USE,
                                        (situation, delete) -> ConfigurationPlan.of(situation.state(), delete)
                                                .references()),
                                new Guard<>(
                                        "LastFencePath",
                                        RejectCode.LAST_FENCE_PATH,
                                        (situation, delete) -> delete.getAllowUnfenced()
                                                ? null
                                                : ConfigurationPlan.of(situation.state(), delete)
                                                        .fencePaths())),
                        ConfigurationRules::delete));
    }

    private static @Nullable Rejection valid(Situation situation, ApplyObjects apply) {
        if (apply.getManifestsCount() > Limits.MANIFESTS_PER_APPLY) {
            return Rejection.of(
                    RejectCode.TOO_LARGE,
                    "",
                    apply.getManifestsCount() + " objects in one apply; at most " + Limits.MANIFESTS_PER_APPLY);
        }
        NavigableSet<String> seen = new TreeSet<>();
        for (Manifest manifest : apply.getManifestsList()) {
            List<Violation> problems = ManifestRules.check(manifest);
            if (!problems.isEmpty()) {
                Violation first = problems.get(0);
                String key = manifest.getSpecCase() == Manifest.SpecCase.SPEC_NOT_SET ? "" : Keys.of(manifest);
                return Rejection.of(
                        RejectCode.INVALID_ARGUMENT,
                        key,
                        ConfigurationPlan.at(manifest)
                                + (first.field().isEmpty() ? "" : first.field() + ": ")
                                + first.text());
            }
            if (!seen.add(Keys.of(manifest))) {
                return Rejection.of(
                        RejectCode.NAME_TAKEN,
                        Keys.of(manifest),
                        ConfigurationPlan.at(manifest) + Keys.of(manifest) + " is there twice");
            }
        }
        return null;
    }

    private static @Nullable Rejection objectLimit(Situation situation, ApplyObjects apply) {
        ClusterState state = situation.state();
        long added = apply.getManifestsList().stream()
                .filter(manifest -> state.object(Keys.of(manifest)) == null)
                .count();
        return state.objects().size() + added <= Limits.OBJECTS
                ? null
                : Rejection.of(RejectCode.LIMIT_REACHED, "", "a cluster has at most " + Limits.OBJECTS + " objects");
    }

    private static @Nullable Rejection settings(Situation situation, ApplyObjects apply) {
        for (Manifest manifest : apply.getManifestsList()) {
            if (manifest.hasSettings()) {
                List<String> problems = Settings.of(merged(situation.state(), manifest.getSettings()))
                        .problems();
                if (!problems.isEmpty()) {
                    return Rejection.of(
                            RejectCode.INVALID_SETTINGS,
                            Keys.SETTINGS,
                            ConfigurationPlan.at(manifest) + String.join("; ", problems));
                }
            }
        }
        return null;
    }

    private static boolean mayTouchUnits(ApplyObjects apply) {
        return !apply.getPruneSet().isEmpty()
                || apply.getManifestsList().stream()
                        .anyMatch(manifest -> manifest.hasResource() || manifest.hasGroup() || manifest.hasClone());
    }

    /** The settings with the given fields replaced. A protobuf merge would add the parts of two durations. */
    private static SettingsSpec merged(ClusterState state, SettingsSpec given) {
        SettingsSpec.Builder next = state.settingsRow().getSpec().toBuilder();
        given.getAllFields().forEach(next::setField);
        return next.build();
    }

    private static void apply(Draft draft, ApplyObjects apply, CommandResult.Builder result) {
        ClusterState before = draft.state();
        ConfigurationPlan plan = ConfigurationPlan.of(before, apply);
        List<String> touched = new ArrayList<>();
        for (Manifest manifest : apply.getManifestsList()) {
            if (manifest.hasSettings()) {
                applySettings(draft, manifest, touched);
            } else {
                applyObject(draft, manifest, touched);
            }
        }
        for (String key : plan.deleted()) {
            startDeletion(draft, key);
            touched.add(key);
        }
        refreshUnits(draft);
        RestartsInTurn.holdChanged(draft, before);
        probeChanged(draft, before);
        UnitRules.removeAllDeleted(draft);
        if (!touched.isEmpty()) {
            result.addAllObjects(touched);
            draft.event(Events.of("APPLIED", touched.size() == 1 ? touched.get(0) : "")
                    .setText("applied " + String.join(", ", touched.subList(0, Math.min(10, touched.size())))
                            + (touched.size() > 10 ? " and " + (touched.size() - 10) + " more" : "")
                            + UnitRules.because(draft)));
        }
        String[] units = touched.stream()
                .filter(key ->
                        key.startsWith(Keys.GROUPS) || key.startsWith(Keys.RESOURCES) || key.startsWith(Keys.CLONES))
                .toArray(String[]::new);
        if (units.length > 0) {
            result.setObject(Keys.OPERATIONS + draft.startOperation("apply", "", units));
            UnitRules.trimOperations(draft);
        }
    }

    private static void applySettings(Draft draft, Manifest manifest, List<String> touched) {
        SettingsSpec next = merged(draft.state(), manifest.getSettings());
        if (!next.equals(draft.state().settingsRow().getSpec())) {
            long leaseMillis = draft.state().settings().leaseMillis();
            draft.put(SettingsRow.newBuilder().setSpec(next));
            if (draft.state().settings().leaseMillis() < leaseMillis) {
                LongerLeases.lowered(draft, leaseMillis);
            }
            touched.add(Keys.SETTINGS);
        }
    }

    private static void applyObject(Draft draft, Manifest manifest, List<String> touched) {
        String key = Keys.of(manifest);
        ObjectRow old = draft.state().object(key);
        ObjectRow.Builder next = ConfigurationPlan.withSpec(
                old == null || old.getDeleting() ? ObjectRow.newBuilder().setKey(key) : old.toBuilder(), manifest);
        ObjectMeta.Builder meta = next.getMetaBuilder();
        if (old == null || old.getDeleting()) {
            if (old != null) {
                meta.mergeFrom(old.getMeta());
                next.addAllOverrides(old.getOverridesList());
            }
            meta.setName(manifest.getMeta().getName())
                    .setUid(Long.toString(draft.revision()))
                    .setCreatedRevision(draft.revision());
        }
        meta.setSet(manifest.getMeta().getSet())
                .setDescription(manifest.getMeta().getDescription())
                .clearLabels()
                .putAllLabels(manifest.getMeta().getLabelsMap());
        if (old != null && next.build().equals(old)) {
            return;
        }
        meta.setSpecRevision(draft.revision())
                .setUpdatedAt(Times.timestamp(draft.now()))
                .setUpdatedBy(draft.actor().getName());
        draft.put(next.setDeleting(false));
        touched.add(key);
    }

    private static @Nullable Rejection objectKnown(Situation situation, DeleteObject delete) {
        return situation.state().object(delete.getObject()) != null
                ? null
                : Rejection.of(RejectCode.NOT_FOUND, delete.getObject(), "there is no " + delete.getObject())
                        .withNextStep("quorate get");
    }

    private static void delete(Draft draft, DeleteObject delete, CommandResult.Builder result) {
        ConfigurationPlan.of(draft.state(), delete).deleted().forEach(key -> startDeletion(draft, key));
        refreshUnits(draft);
        UnitRules.removeAllDeleted(draft);
        draft.event(Events.of("DELETE_ASKED", delete.getObject())
                .setText("delete " + delete.getObject() + UnitRules.because(draft)));
        result.setObject(Keys.OPERATIONS + draft.startOperation("delete", "", delete.getObject()));
        UnitRules.trimOperations(draft);
    }

    /** Units and what is inside them are marked, and go when nothing owns the unit; all else goes at once. */
    private static void startDeletion(Draft draft, String key) {
        ObjectRow row = draft.state().object(key);
        if (row == null || row.getDeleting()) {
            return;
        }
        if (!row.hasGroup() && !row.hasResource() && !row.hasClone()) {
            draft.deleteObject(key);
            return;
        }
        draft.put(row.toBuilder().setDeleting(true));
    }

    /** Makes units and instances fit the objects: after each change of groups, and when a group is gone. */
    static void refreshUnits(Draft draft) {
        refreshMembership(draft);
        refreshInstances(draft);
        OwnedMembers.refresh(draft);
    }

    /** Each resource knows its group, and what a clone copies the clone; one that is being deleted has them until another has. */
    private static void refreshMembership(Draft draft) {
        List<ObjectRow> rows = List.copyOf(draft.state().objects().values());
        Membership membership = Membership.of(
                rows.stream().filter(row -> !row.getDeleting()).toList(),
                rows.stream().filter(ObjectRow::getDeleting).toList());
        for (ObjectRow row : rows) {
            if (row.hasResource() || row.hasGroup()) {
                String name = row.getMeta().getName();
                String group = row.hasResource() ? membership.groupOf(name) : "";
                String clone = group.isEmpty() ? membership.cloneOf(name) : "";
                if (!group.equals(row.getMemberOf()) || !clone.equals(row.getCloneOf())) {
                    draft.put(row.toBuilder().setMemberOf(group).setCloneOf(clone));
                }
            }
        }
    }

    /** Each unit has its instance, a clone its slots; what is inside another unit has none any more. */
    private static void refreshInstances(Draft draft) {
        for (String key : Units.all(draft.state())) {
            boolean clone = key.startsWith(Keys.CLONES);
            if (!clone && draft.state().instance(Keys.bare(key)) == null) {
                draft.put(InstanceRow.newBuilder()
                        .setId(Keys.bare(key))
                        .setUnit(key)
                        .setCreatedRevision(draft.revision())
                        .setProbeSince(draft.revision()));
            }
        }
        for (InstanceRow instance : List.copyOf(draft.state().instances().values())) {
            ObjectRow unit = draft.state().object(instance.getUnit());
            if (!instance.hasOwnership() && (unit == null || !Units.isUnit(unit))) {
                draft.deleteInstance(instance.getId());
            }
        }
        Slots.fit(draft);
    }

    /** ProbeFirst: what a unit will run where it does not run now may run somewhere already, started by hand or left by another unit. */
    private static void probeChanged(Draft draft, ClusterState before) {
        for (InstanceRow instance : List.copyOf(draft.state().instances().values())) {
            ObjectRow old = before.object(instance.getUnit());
            ObjectRow unit = Units.of(draft.state(), instance);
            if (old != null && unit != null && needsProbe(before, old, draft.state(), unit)) {
                Sightings.probeAgain(draft, instance);
            }
        }
    }

    private static boolean needsProbe(ClusterState before, ObjectRow old, ClusterState after, ObjectRow unit) {
        if (Units.isExclusive(unit) && !Units.isExclusive(old)) {
            return true; // a lease may have freed it: no evidence for an exclusive one
        }
        if (unit.getClone().getGloballyUnique() != old.getClone().getGloballyUnique()) {
            return true; // a copy was a thing of its node, and is one of the cluster, or the other way round
        }
        List<ObjectRow> known = Units.members(before, old);
        return Units.members(after, unit).stream()
                .anyMatch(member -> known.stream()
                        .noneMatch(other -> other.getKey().equals(member.getKey())
                                && ConfigurationPlan.sameDefinition(other, member)));
    }
}
