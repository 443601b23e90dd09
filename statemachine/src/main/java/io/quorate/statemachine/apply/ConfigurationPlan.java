package io.quorate.statemachine.apply;

import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.DeleteObject;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.apply.Circles.Edge;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.FencePaths;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.FenceLevel;
import io.quorate.v1.Manifest;
import io.quorate.v1.Role;
import io.quorate.v1.TicketConstraintSpec;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration would be after an apply or a delete, as far as its own rules are concerned: no dangling
 * names, no name twice, no owned thing changed in identity, no node without its last fence path.
 */
final class ConfigurationPlan {
    private final ClusterState state;
    private final NavigableMap<String, ObjectRow> after = new TreeMap<>();
    private final NavigableMap<String, Manifest> given = new TreeMap<>();
    private final NavigableSet<String> deleted = new TreeSet<>();

    private ConfigurationPlan(ClusterState state) {
        this.state = state;
        for (ObjectRow row : state.objects().values()) {
            if (!row.getDeleting()) {
                after.put(row.getKey(), row);
            }
        }
    }

    static ConfigurationPlan of(ClusterState state, ApplyObjects apply) {
        ConfigurationPlan plan = new ConfigurationPlan(state);
        for (Manifest manifest : apply.getManifestsList()) {
            if (!manifest.hasSettings()) {
                String key = Keys.of(manifest);
                plan.given.put(key, manifest);
                plan.after.put(
                        key,
                        withSpec(ObjectRow.newBuilder().setKey(key), manifest)
                                .setMeta(manifest.getMeta())
                                .build());
            }
        }
        if (!apply.getPruneSet().isEmpty()) {
            for (ObjectRow row : state.objects().values()) {
                boolean named = plan.given.containsKey(row.getKey());
                if (!named && row.getMeta().getSet().equals(apply.getPruneSet()) && !row.getDeleting()) {
                    plan.drop(row.getKey()); // not its members: those of the set go by themselves
                }
            }
        }
        return plan;
    }

    static ConfigurationPlan of(ClusterState state, DeleteObject delete) {
        ConfigurationPlan plan = new ConfigurationPlan(state);
        ObjectRow row = plan.after.get(delete.getObject());
        if (row != null) {
            plan.drop(row.getKey());
            row.getGroup().getMembersList().forEach(member -> plan.drop(Keys.resource(member)));
            if (row.hasClone()) {
                plan.dropCopied(row.getClone().getOf());
            }
        }
        return plan;
    }

    private void dropCopied(String name) {
        ObjectRow group = after.get(Keys.group(name));
        if (group == null) {
            drop(Keys.resource(name));
            return;
        }
        drop(group.getKey());
        group.getGroup().getMembersList().forEach(member -> drop(Keys.resource(member)));
    }

    private void drop(String key) {
        deleted.add(key);
        after.remove(key);
    }

    /** Keys of the objects that the plan deletes, in order. */
    NavigableSet<String> deleted() {
        return deleted;
    }

    static ObjectRow.Builder withSpec(ObjectRow.Builder row, Manifest manifest) {
        return switch (manifest.getSpecCase()) {
            case RESOURCE -> row.setResource(manifest.getResource());
            case GROUP -> row.setGroup(manifest.getGroup());
            case CLONE -> row.setClone(manifest.getClone());
            case FENCE_DEVICE -> row.setFenceDevice(manifest.getFenceDevice());
            case FENCE_PLAN -> row.setFencePlan(manifest.getFencePlan());
            case NODE -> row.setNode(manifest.getNode());
            case LOCATION -> row.setLocation(manifest.getLocation());
            case COLOCATION -> row.setColocation(manifest.getColocation());
            case ORDER -> row.setOrder(manifest.getOrder());
            case TICKET_CONSTRAINT -> row.setTicketConstraint(manifest.getTicketConstraint());
            case SETTINGS, SPEC_NOT_SET -> throw new IllegalArgumentException("not an object: " + manifest);
        };
    }

    /** {@code web.yaml:17:12: } of a manifest, or nothing. */
    static String at(Manifest manifest) {
        String place = ManifestRules.place(manifest);
        return place.isEmpty() ? "" : place + ": ";
    }

    private String at(String key) {
        Manifest manifest = given.get(key);
        return manifest == null ? "" : at(manifest);
    }

    /** Every member, device and node that is named must be there, and what a clone makes copies of. */
    @Nullable
    Rejection references() {
        for (ObjectRow row : after.values()) {
            if (row.hasClone()) {
                Rejection rejection = copied(row);
                if (rejection != null) {
                    return rejection;
                }
            }
            for (String member : row.getGroup().getMembersList()) {
                if (!after.containsKey(Keys.resource(member))) {
                    return dangling(row.getKey(), Keys.resource(member));
                }
            }
            for (FenceLevel level : row.getFencePlan().getLevelsList()) {
                for (String device : level.getDevicesList()) {
                    if (!after.containsKey(Keys.FENCE_DEVICES + device)) {
                        return dangling(row.getKey(), Keys.FENCE_DEVICES + device);
                    }
                }
            }
        }
        return constraintReferences();
    }

    private @Nullable Rejection copied(ObjectRow clone) {
        String of = clone.getClone().getOf();
        boolean group = after.containsKey(Keys.group(of));
        if (!group && !after.containsKey(Keys.resource(of))) {
            return dangling(clone.getKey(), deleted.contains(Keys.group(of)) ? Keys.group(of) : Keys.resource(of));
        }
        return group && clone.getClone().hasPromotable()
                ? Rejection.of(
                        RejectCode.INVALID_ARGUMENT,
                        clone.getKey(),
                        at(clone.getKey()) + clone.getKey() + " is promotable and makes copies of the group " + of
                                + ": only copies of a resource can be promoted")
                : null;
    }

    /** Constraints name resources, groups and clones that are there, what is inside others too. */
    private @Nullable Rejection constraintReferences() {
        ConstraintPlan constraints = new ConstraintPlan(after);
        for (ObjectRow row : after.values()) {
            String name = constraints.dangling(row);
            if (name == null) {
                Rejection role = promotes(constraints, row);
                if (role != null) {
                    return role;
                }
                continue;
            }
            for (String gone : keysOf(name)) {
                if (deleted.contains(gone)) {
                    List<String> naming = constraints.naming(name);
                    return Rejection.of(
                                    RejectCode.IN_USE,
                                    gone,
                                    gone + " is named by " + joined(naming, ", ")
                                            + ": delete those first, or prune them in the same apply")
                            .withNextStep("quorate get " + naming.get(0) + " -o yaml");
                }
            }
            return Rejection.of(
                    RejectCode.DANGLING_REFERENCE,
                    row.getKey(),
                    at(row.getKey()) + row.getKey() + " names " + name
                            + (isBeingDeleted(name)
                                    ? ", which is being deleted"
                                    : ", which is no resource, group or clone"));
        }
        return null;
    }

    /** Where only what is promoted needs a ticket, there is something to promote: nothing else would ever need it. */
    private @Nullable Rejection promotes(ConstraintPlan constraints, ObjectRow row) {
        TicketConstraintSpec spec = row.getTicketConstraint();
        if (spec.getRole() != Role.ROLE_PROMOTED) {
            return null;
        }
        for (String name : spec.getResourcesList()) {
            ObjectRow unit = after.get(Keys.clone(constraints.unitOf(name)));
            if (unit == null || !Clones.isPromotable(unit)) {
                return Rejection.of(
                        RejectCode.INVALID_ARGUMENT,
                        row.getKey(),
                        at(row.getKey()) + row.getKey() + " is for the role promoted, and " + name
                                + " cannot be promoted: leave the role out, or make it a promotable clone");
            }
        }
        return null;
    }

    private boolean isBeingDeleted(String name) {
        return keysOf(name).stream().anyMatch(key -> state.object(key) != null);
    }

    /** What a name of their common space may belong to. */
    private static List<String> keysOf(String name) {
        return List.of(Keys.clone(name), Keys.group(name), Keys.resource(name));
    }

    /** No circles: of resources each placed by where another is, or each waiting for another. */
    @Nullable
    Rejection circles() {
        ConstraintPlan constraints = new ConstraintPlan(after);
        List<Edge> circle = constraints.colocationCircle();
        if (circle != null) {
            String what = circle.size() == 1
                    ? " is about two that are always placed together: "
                    : " closes a circle of colocations, each placed by where the next one is: ";
            return circle(circle, what);
        }
        circle = constraints.orderCircle();
        return circle == null ? null : circle(circle, " closes a circle of mandatory orders: ");
    }

    private Rejection circle(List<Edge> circle, String what) {
        // what this change says closes it: the rest was there before
        String closing = circle.stream()
                .map(Edge::source)
                .filter(given::containsKey)
                .findFirst()
                .orElse(circle.get(0).source());
        List<String> steps = circle.stream()
                .filter(edge -> !edge.words().isEmpty())
                .map(edge -> edge.words() + " (" + edge.source() + ")")
                .toList();
        return Rejection.of(RejectCode.CIRCLE, closing, at(closing) + closing + what + joined(steps, "; "));
    }

    private static String joined(List<String> words, String separator) {
        int shown = Math.min(10, words.size());
        return String.join(separator, words.subList(0, shown))
                + (words.size() > shown ? " and " + (words.size() - shown) + " more" : "");
    }

    private Rejection dangling(String from, String to) {
        return deleted.contains(to)
                ? Rejection.of(RejectCode.IN_USE, to, at(from) + from + " still names " + to)
                : Rejection.of(
                        RejectCode.DANGLING_REFERENCE,
                        from,
                        at(from) + from + " names " + to + ", which does not exist");
    }

    /**
     * Clones, groups and resources share one space of names, those that are only about to go included: a unit's instance has
     * its name. A resource is a member of one group at most, and a resource or group is copied by one clone at most, or is a
     * member of a group.
     */
    @Nullable
    Rejection names() {
        for (String key : given.keySet()) {
            for (String other : keysOf(Keys.bare(key))) {
                boolean unit = keysOf(Keys.bare(key)).contains(key) && !key.equals(other);
                if (unit && (given.containsKey(other) || state.object(other) != null)) {
                    String first = after.containsKey(other) ? "" : ": delete that first, and wait until it is gone";
                    return Rejection.of(
                            RejectCode.NAME_TAKEN, key, at(key) + key + " has the same name as " + other + first);
                }
            }
        }
        NavigableMap<String, String> memberOf = new TreeMap<>();
        for (ObjectRow row : after.values()) {
            if (!row.hasGroup()) {
                continue;
            }
            String name = Keys.bare(row.getKey());
            for (String member : row.getGroup().getMembersList()) {
                String other = memberOf.put(member, name);
                if (other != null) {
                    return Rejection.of(
                            RejectCode.IN_TWO_GROUPS,
                            Keys.resource(member),
                            at(row.getKey())
                                    + member
                                    + (other.equals(name)
                                            ? " is twice in the group " + name
                                            : " is in the groups " + other + " and " + name));
                }
            }
        }
        return copiedOnce(memberOf);
    }

    private @Nullable Rejection copiedOnce(NavigableMap<String, String> memberOf) {
        NavigableMap<String, String> cloneOf = new TreeMap<>();
        for (ObjectRow row : after.values()) {
            if (!row.hasClone()) {
                continue;
            }
            String of = row.getClone().getOf();
            String name = Keys.bare(row.getKey());
            String other = cloneOf.put(of, name);
            String group = memberOf.get(of);
            if (other != null || group != null) {
                return Rejection.of(
                        RejectCode.IN_TWO_GROUPS,
                        row.getKey(),
                        at(row.getKey())
                                + of
                                + (other != null
                                        ? " is copied by the clones " + other + " and " + name
                                        : " is a member of the group " + group + ": " + name
                                                + " can make copies of the whole group only"));
            }
        }
        return null;
    }

    /** What is owned keeps its identity, and the unit that it is placed with. */
    @Nullable
    Rejection retire() {
        return new RetirePlan(state, after, given).rejection();
    }

    /** Whether an agent would run the same thing for both. */
    static boolean sameDefinition(ObjectRow one, ObjectRow other) {
        return one.getResource().equals(other.getResource())
                || Arrays.equals(
                        Units.definitionDigest(one.getResource()), Units.definitionDigest(other.getResource()));
    }

    /** No node that may own exclusive units loses its last fence path by a change of files. */
    @Nullable
    Rejection fencePaths() {
        boolean exclusive = state.objects().values().stream()
                .anyMatch(row -> Units.isUnit(row) && Units.isExclusive(row) && after.containsKey(row.getKey()));
        if (!exclusive) {
            return null;
        }
        ClusterState next = withObjects();
        for (NodeRow node : state.nodes().values()) {
            if (FencePaths.has(state, node.getName()) && !FencePaths.has(next, node.getName())) {
                return Rejection.of(
                                RejectCode.LAST_FENCE_PATH,
                                Keys.node(node.getName()),
                                node.getName() + " would have no fence path: nothing would move when it is lost")
                        .withNextStep("add --allow-unfenced if that is what you want");
            }
        }
        return null;
    }

    private ClusterState withObjects() {
        ClusterState next = state;
        for (ObjectRow row : state.objects().values()) {
            if (!after.containsKey(row.getKey())) {
                next = Reducer.reduce(
                        next,
                        io.quorate.log.v1.Change.newBuilder()
                                .setObject(row)
                                .setDeleted(true)
                                .build());
            }
        }
        for (String key : given.keySet()) {
            ObjectRow row = after.get(key);
            if (row != null) {
                next = Reducer.reduce(
                        next,
                        io.quorate.log.v1.Change.newBuilder().setObject(row).build());
            }
        }
        return next;
    }
}
