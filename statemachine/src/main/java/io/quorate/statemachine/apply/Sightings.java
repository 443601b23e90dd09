package io.quorate.statemachine.apply;

import io.quorate.agent.v1.ProbeReport;
import io.quorate.log.v1.AssignOwner;
import io.quorate.log.v1.FoundRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.ProbeRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.MultipleActive;
import io.quorate.v1.OperationResult;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What nodes say of what they do not own, and the guards of a grant that rest on it.
 *
 * <p>A copy of a clone that is not globally unique is a thing of its node: the copies cannot be told apart, so what runs on
 * a node is that node's copy, whatever its number, and says nothing of other nodes. Promotions cannot be told apart either,
 * but each counts in the whole cluster.
 */
final class Sightings {
    private Sightings() {}

    /** Whether something runs there, without being owned, that is this instance as far as anyone can tell. */
    static boolean isFoundOn(ClusterState state, String node, InstanceRow instance) {
        NodeRow row = state.node(node);
        return row != null && row.getFoundList().stream().anyMatch(found -> isSame(state, instance, found));
    }

    private static boolean isSame(ClusterState state, InstanceRow instance, FoundRow found) {
        if (found.getInstance().equals(instance.getId())) {
            return true;
        }
        InstanceRow other = state.instance(found.getInstance());
        boolean twin = other != null
                && other.getUnit().equals(instance.getUnit())
                && Clones.isPromotion(other) == Clones.isPromotion(instance);
        return twin && (Clones.isPromotion(instance) || Clones.isAnonymousCopy(state, instance));
    }

    /**
     * Notes what a look came to: whether it runs there without being owned, and whether the node could end that.
     *
     * @return what was known of it, if it runs there no more; else null
     */
    static @Nullable FoundRow record(Draft draft, String name, ProbeReport probe, boolean found) {
        NodeRow node = draft.state().nodes().get(name);
        if (node == null) {
            return null;
        }
        List<FoundRow> rows = new ArrayList<>(node.getFoundList());
        FoundRow before = rows.stream()
                .filter(row -> row.getInstance().equals(probe.getInstance()))
                .findFirst()
                .orElse(null);
        FoundRow after = found ? found(draft, before, probe) : null;
        if (Objects.equals(before, after)) {
            return null;
        }
        rows.remove(before);
        if (after != null) {
            rows.add(after);
        }
        draft.put(node.toBuilder().clearFound().addAllFound(rows));
        tell(draft, name, before, after);
        return after == null ? before : null;
    }

    /** A stop that failed is remembered until it runs there no more: there is not one with every look. */
    private static FoundRow found(Draft draft, @Nullable FoundRow before, ProbeReport probe) {
        FoundRow.Builder row = before == null
                ? FoundRow.newBuilder()
                        .setInstance(probe.getInstance())
                        .setToken(probe.getToken())
                        .setRevision(draft.revision())
                : before.toBuilder();
        if (probe.getFinding() == ProbeReport.Finding.FINDING_RUNNING) {
            row.setRunning(true);
        }
        if (probe.hasStopFailed()) {
            row.setStopFailed(news(row.getStopFailed(), probe.getStopFailed()));
        }
        return row.build();
    }

    /** A row is written, and told of, when the failure is another one: not for each try, nor for what a try prints anew. */
    private static OperationResult news(OperationResult before, OperationResult failed) {
        boolean same = before.getExitCode() == failed.getExitCode()
                && before.getOperation().equals(failed.getOperation());
        return same
                ? before
                : failed.toBuilder().clearAt().clearTook().clearOutputTail().build();
    }

    private static void tell(Draft draft, String node, @Nullable FoundRow before, @Nullable FoundRow after) {
        FoundRow row = Objects.requireNonNull(after == null ? before : after);
        boolean failed =
                after != null && before != null && !after.getStopFailed().equals(before.getStopFailed());
        String type = after == null ? "FOUND_GONE" : failed ? "FOUND_NOT_STOPPED" : "FOUND_RUNNING";
        if (before != null && after != null && !failed) {
            return;
        }
        String what = after == null ? " no longer runs on " : failed ? " could not be stopped on " : " runs on ";
        draft.event(Events.of(type, Keys.instance(row.getInstance()))
                .setFromNode(node)
                .setText(row.getInstance() + what + node + ", which does not own it"));
    }

    /**
     * {@code multipleActive: stopAndStart}: two may have written the same data, so the one that stays starts anew, once, when
     * it was found nowhere else any more. A copy that
     * is a thing of its node shares nothing with those of other nodes, and a promotion starts nothing.
     */
    static void restartOwner(Draft draft, FoundRow gone) {
        InstanceRow instance = draft.state().instance(gone.getInstance());
        ObjectRow unit = instance == null ? null : Units.of(draft.state(), instance);
        if (instance == null
                || unit == null
                || !gone.getRunning()
                || Units.multipleActive(unit) != MultipleActive.MULTIPLE_ACTIVE_STOP_AND_START
                || Clones.isPromotion(instance)
                || Clones.isAnonymousCopy(draft.state(), instance)) {
            return;
        }
        NodeRow owner = draft.state().node(instance.getOwnership().getNode());
        boolean settled = instance.hasOwnership()
                && !instance.getOwnership().getReleasing()
                && !instance.getOwnership().getStopFailed()
                && Migrations.arrivalOf(draft.state(), instance) == null
                && draft.state().nodes().keySet().stream().noneMatch(node -> isFoundOn(draft.state(), node, instance));
        boolean handsOff = Units.isInMaintenance(unit) || owner == null || owner.hasMaintenance();
        if (settled && !handsOff && !draft.state().isPaused() && !Units.isHeldForProbes(draft.state(), instance)) {
            OwnershipRules.restart(
                    draft,
                    instance,
                    "",
                    Reason.newBuilder()
                            .setCode("FOUND_ELSEWHERE")
                            .setMessage(instance.getId() + " was found running on another node, where it has ended")
                            .build());
        }
    }

    /** The first grant needs a not-running probe of every node that is up, and evidence for those that are lost. */
    static @Nullable Rejection probeFirst(Situation situation, AssignOwner assign) {
        ClusterState state = situation.state();
        InstanceRow instance = state.instance(assign.getInstance());
        ObjectRow unit = instance == null ? null : Units.of(state, instance);
        if (instance == null || unit == null || instance.getProbeSince() == 0) {
            return null;
        }
        for (NodeRow node : state.nodes().values()) {
            boolean silent =
                    mustProbe(state, unit, instance, node, assign.getNode()) && !Units.saidNotRunning(instance, node);
            if (silent && !isLeftToMultipleActive(state, instance, node, assign.getNode())) {
                return Rejection.of(
                        RejectCode.PROBE_MISSING,
                        Keys.instance(instance.getId()),
                        node.getName() + " has not said that it does not run " + instance.getId());
            }
        }
        return null;
    }

    /** What was found where it is to go may be adopted; what was found promoted elsewhere may be another promotion of the clone. */
    private static boolean isLeftToMultipleActive(
            ClusterState state, InstanceRow instance, NodeRow node, String target) {
        boolean isTarget = node.getName().equals(target);
        return (isTarget || Clones.isPromotion(instance)) && isFoundOn(state, node.getName(), instance);
    }

    private static boolean mustProbe(
            ClusterState state, ObjectRow unit, InstanceRow instance, NodeRow node, String target) {
        if (!node.getName().equals(target) && Clones.isAnonymousCopy(state, instance)) {
            return false;
        }
        InstanceRow arrival = Migrations.arrivalOf(state, instance);
        if (arrival != null && Lives.owns(arrival, node.getName(), node.getIncarnation())) {
            return false; // it holds it itself, by a migration
        }
        return switch (node.getPhase()) {
            case NODE_PHASE_UP, NODE_PHASE_JOINING -> true;
            case NODE_PHASE_LOST -> Units.isExclusive(unit);
            case NODE_PHASE_OFF, NODE_PHASE_UNSPECIFIED, UNRECOGNIZED -> false;
        };
    }

    /** Found running where it is not owned: no grant anywhere, unless a restored cluster takes it over where it runs. */
    static @Nullable Rejection runsElsewhere(Situation situation, AssignOwner assign) {
        ClusterState state = situation.state();
        InstanceRow instance = state.instance(assign.getInstance());
        if (instance == null) {
            return null;
        }
        boolean quarantine = state.meta().getPause().getQuarantine();
        boolean anonymous = Clones.isAnonymousCopy(state, instance);
        List<String> nodes = new ArrayList<>();
        for (NodeRow node : state.nodes().values()) {
            boolean isTarget = node.getName().equals(assign.getNode());
            boolean counts = isTarget ? !quarantine : !anonymous;
            if (counts && isFoundOn(state, node.getName(), instance)) {
                nodes.add(node.getName());
            }
        }
        if (nodes.isEmpty() || (quarantine && isOneOfSeveral(state, instance, nodes.size()))) {
            return null;
        }
        return Rejection.of(
                RejectCode.RUNS_ELSEWHERE,
                Keys.instance(assign.getInstance()),
                assign.getInstance() + " was found running on " + nodes.get(0) + ", which does not own it");
    }

    /** Whether a restored clone may have as many promotions as were found elsewhere, besides this one. */
    private static boolean isOneOfSeveral(ClusterState state, InstanceRow instance, int elsewhere) {
        ObjectRow clone = Units.of(state, instance);
        if (clone == null || !Clones.isPromotion(instance)) {
            return false;
        }
        long owned = Clones.promotions(state, clone).stream()
                .filter(InstanceRow::hasOwnership)
                .count();
        return owned + elsewhere < Clones.maxPromoted(clone);
    }

    /** Its owner has stopped it and looked: where others are asked before the next grant, it need not be. */
    static void noteReleased(Draft draft, InstanceRow before) {
        InstanceRow instance = draft.state().instance(before.getId());
        if (instance == null || instance.getProbeSince() == 0) {
            return;
        }
        String node = before.getOwnership().getNode();
        ProbeRow said = ProbeRow.newBuilder()
                .setNode(node)
                .setIncarnation(before.getOwnership().getIncarnation())
                .setSince(instance.getProbeSince())
                .build();
        if (!said.equals(Lives.probe(instance, node))) {
            put(draft, instance, said);
        }
    }

    /** Writes what a node said of an instance, in place of what it said before. */
    static void put(Draft draft, InstanceRow instance, ProbeRow row) {
        List<ProbeRow> probes = new ArrayList<>(instance.getProbesList());
        probes.removeIf(old -> old.getNode().equals(row.getNode()));
        probes.add(row);
        probes.sort((one, other) -> one.getNode().compareTo(other.getNode()));
        draft.put(instance.toBuilder().clearProbes().addAllProbes(probes));
    }

    /** A node that is forgotten said what nobody asks for any more. */
    static void forgetNode(Draft draft, String node) {
        for (InstanceRow instance : List.copyOf(draft.state().instances().values())) {
            if (Lives.probe(instance, node) != null) {
                draft.put(instance.toBuilder()
                        .clearProbes()
                        .addAllProbes(instance.getProbesList().stream()
                                .filter(probe -> !probe.getNode().equals(node))
                                .toList()));
            }
        }
    }

    /**
     * Of an anonymous copy other nodes say whether it runs there while one owns it too: each has its own. What is promoted
     * there besides it would be a second one.
     */
    private static boolean isAskedWhileOwned(ClusterState state, InstanceRow instance) {
        return Clones.isPromotion(instance) || Clones.isAnonymousCopy(state, instance);
    }

    /** ProbeFirst: what nodes said before counts no more. */
    static void probeAgain(Draft draft, InstanceRow instance) {
        if (!instance.hasOwnership() || isAskedWhileOwned(draft.state(), instance)) {
            probeAnew(draft, instance);
        }
    }

    /** The same of what hands were off, owned or not: it may have been started where nobody expects it. */
    static void probeAnew(Draft draft, InstanceRow instance) {
        if (Migrations.isArrival(instance)) { // nodes are asked about what it is the arrival of
            InstanceRow source = draft.state().instance(instance.getArrivalOf());
            if (source != null) {
                probeAnew(draft, source);
            }
            return;
        }
        draft.put(instance.toBuilder().setProbeSince(draft.revision()).clearProbes());
        settle(draft, instance.getId());
    }

    /** Once every node that counts has said that it does not run there, its owner may start it anew. */
    static void settle(Draft draft, String id) {
        ClusterState state = draft.state();
        InstanceRow instance = state.instance(id);
        ObjectRow unit = instance == null ? null : Units.of(state, instance);
        if (instance == null || unit == null || !Units.isHeldForProbes(state, instance)) {
            return;
        }
        String owner = instance.getOwnership().getNode();
        boolean all = state.nodes().values().stream()
                .filter(node -> !node.getName().equals(owner) && mustProbe(state, unit, instance, node, owner))
                .allMatch(node -> Units.saidNotRunning(instance, node));
        if (all) {
            draft.put(instance.toBuilder().setProbeSince(0).clearProbes());
        }
    }

    /** A node no longer counts: what waited for its answer alone waits no more. */
    static void settleAll(Draft draft) {
        List.copyOf(draft.state().instances().keySet()).forEach(id -> settle(draft, id));
    }

    /** What a restored cluster takes over is no longer found without an owner. */
    static void takeOver(Draft draft, String name, InstanceRow instance) {
        NodeRow node = Objects.requireNonNull(draft.state().node(name));
        List<FoundRow> rows = new ArrayList<>(node.getFoundList());
        rows.removeIf(found -> isSame(draft.state(), instance, found));
        draft.put(node.toBuilder().clearFound().addAllFound(rows));
    }
}
