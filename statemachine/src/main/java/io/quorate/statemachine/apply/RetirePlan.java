package io.quorate.statemachine.apply;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.Evidence;
import io.quorate.v1.Manifest;
import io.quorate.v1.ResourceSpec;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Retire: what is owned keeps its identity, its kind, its type, its safety, and the unit that it is placed with. */
final class RetirePlan {
    private final ClusterState state;
    private final NavigableMap<String, ObjectRow> after;
    private final NavigableMap<String, Manifest> given;

    /**
     * @param after the objects that there would be, by key, without those that are being deleted
     * @param given those of them that the change names
     */
    RetirePlan(ClusterState state, NavigableMap<String, ObjectRow> after, NavigableMap<String, Manifest> given) {
        this.state = state;
        this.after = after;
        this.given = given;
    }

    /** What the plan may not do; null when there is nothing. */
    @Nullable
    Rejection rejection() {
        for (String key : given.keySet()) {
            ObjectRow old = state.object(key);
            ObjectRow next = after.get(key);
            if (old == null || next == null || !isOwned(old)) {
                continue;
            }
            if (old.getDeleting()) {
                return owned(key, Units.unitKey(state, old), "is being deleted and not stopped yet");
            }
            if (old.hasResource() && !sameIdentity(old.getResource(), next.getResource())) {
                return owned(key, Units.unitKey(state, old), "would become another kind of thing");
            }
            if (old.hasClone() && !sameCopies(old.getClone(), next.getClone())) {
                return owned(key, key, "would make copies of another kind");
            }
            if (Units.isUnit(old) && Units.isExclusive(old) != Units.isExclusive(next)) {
                // what its agent does without contact, and what frees it, is settled with the grant
                return owned(key, Units.unitKey(state, old), "would change its safety");
            }
        }
        Membership lasting = Membership.of(
                after.values(),
                state.objects().values().stream()
                        .filter(row -> !after.containsKey(row.getKey()))
                        .toList());
        for (InstanceRow instance : state.instances().values()) {
            if (!instance.hasOwnership()) {
                continue;
            }
            Rejection rejection = leaves(instance, lasting);
            if (rejection == null) {
                rejection = joins(instance);
            }
            if (rejection != null) {
                return rejection;
            }
        }
        return regroups();
    }

    /** An agent looks for a resource where its unit has it: what is left of another unit would not be found there. */
    private @Nullable Rejection regroups() {
        Membership membership = Membership.of(after.values());
        for (ObjectRow row : after.values()) {
            ObjectRow old = state.object(row.getKey());
            ObjectRow unit = old == null || !old.hasResource() ? null : state.object(Units.unitKey(state, old));
            String next = membership.unitOf(Keys.bare(row.getKey()));
            if (unit == null || unit.getKey().equals(next) || unit.getDeleting()) {
                continue;
            }
            if (state.meta().getPause().getQuarantine()) {
                return Rejection.of(
                                RejectCode.PAUSED,
                                row.getKey(),
                                at(row.getKey()) + row.getKey() + " was restored as part of " + unit.getKey()
                                        + " and may run: resume the cluster before it becomes part of another unit")
                        .withNextStep("quorate resume");
            }
            for (String node : state.nodes().keySet()) {
                boolean found = Units.instances(state, unit).stream()
                        .anyMatch(instance -> Sightings.isFoundOn(state, node, instance));
                if (found) {
                    return Rejection.of(
                            RejectCode.RUNS_ELSEWHERE,
                            row.getKey(),
                            at(row.getKey()) + row.getKey() + " would become part of another unit while "
                                    + unit.getKey() + " is found running on " + node);
                }
            }
        }
        return null;
    }

    /** What an owner may run it runs for one unit: no other unit may start it before the owner has stopped. */
    private @Nullable Rejection leaves(InstanceRow instance, Membership lasting) {
        String unit = instance.getUnit();
        for (String name : mayRun(instance)) {
            if (after.containsKey(Keys.resource(name)) && !lasting.unitOf(name).equals(unit)) {
                return owned(Keys.resource(name), unit, "would be placed apart from " + unit + ", which runs it,");
            }
        }
        return null;
    }

    /** Its members, and former ones that its owner has not reported as gone. */
    private NavigableSet<String> mayRun(InstanceRow instance) {
        NavigableSet<String> names = new TreeSet<>();
        ObjectRow unit = Units.of(state, instance);
        if (unit != null) {
            Units.members(state, unit).forEach(row -> names.add(Keys.bare(row.getKey())));
        }
        instance.getMembersList().forEach(member -> names.add(member.getResource()));
        return names;
    }

    /**
     * An owner starts a new member at once, without the probes of a first grant. So a resource that existed before joins
     * an owned group only when it is certain that it runs nowhere. A resource that is new with this change may join:
     * there the protocol rests on its premise that nothing but the agents starts what Quorate is told to run.
     */
    private @Nullable Rejection joins(InstanceRow instance) {
        ObjectRow old = Units.of(state, instance);
        ObjectRow next = after.get(instance.getUnit());
        if (old == null || next == null) {
            return null;
        }
        List<String> members = group(state.objects(), old).getGroup().getMembersList();
        for (String member : group(after, next).getGroup().getMembersList()) {
            String key = Keys.resource(member);
            ObjectRow known = state.object(key);
            boolean joins = !members.contains(member);
            if (joins && known != null && !isCertainlyStopped(known, Units.isExclusive(next))) {
                return owned(key, old.getKey(), "may run somewhere and would join " + old.getKey());
            }
        }
        return null;
    }

    /** The group that a unit is or makes copies of; the unit itself where there is none. */
    private static ObjectRow group(Map<String, ObjectRow> rows, ObjectRow unit) {
        ObjectRow copied = unit.hasClone() ? rows.get(Keys.group(unit.getClone().getOf())) : null;
        return copied == null ? unit : copied;
    }

    /** Freed on evidence after it last ran, and neither changed nor left to a person since. */
    private boolean isCertainlyStopped(ObjectRow known, boolean exclusive) {
        ObjectRow unit = state.object(Units.unitKey(state, known));
        ObjectRow next = after.get(known.getKey());
        // of what was copied nobody can tell without asking each node again
        InstanceRow instance = unit == null || unit.hasClone() ? null : state.instance(Keys.bare(unit.getKey()));
        return unit != null
                && next != null
                && instance != null
                && !instance.hasOwnership()
                && instance.getProbeSince() == 0
                && (!exclusive || instance.getFreedBy() != Evidence.EVIDENCE_LEASE_EXPIRED)
                && !state.isPaused()
                && !Units.isInMaintenance(unit)
                && ConfigurationPlan.sameDefinition(known, next);
    }

    private Rejection owned(String key, String unit, String what) {
        return Rejection.of(RejectCode.STILL_OWNED, key, at(key) + key + " " + what + " while a node owns it")
                .withNextStep("quorate disable " + Keys.bare(unit));
    }

    private boolean isOwned(ObjectRow row) {
        ObjectRow unit = state.object(Units.unitKey(state, row));
        return unit != null
                && Units.isUnit(unit)
                && Units.instances(state, unit).stream().anyMatch(InstanceRow::hasOwnership);
    }

    private static boolean sameIdentity(ResourceSpec one, ResourceSpec other) {
        return one.getKindCase() == other.getKindCase()
                && one.getOcf().getProvider().equals(other.getOcf().getProvider())
                && one.getOcf().getType().equals(other.getOcf().getType())
                && one.getSystemd().getUnit().equals(other.getSystemd().getUnit());
    }

    private static boolean sameCopies(CloneSpec one, CloneSpec other) {
        return one.getOf().equals(other.getOf())
                && one.getGloballyUnique() == other.getGloballyUnique()
                && one.hasPromotable() == other.hasPromotable();
    }

    private String at(String key) {
        Manifest manifest = given.get(key);
        return manifest == null ? "" : ConfigurationPlan.at(manifest);
    }
}
