package io.quorate.statemachine.apply;

import io.quorate.log.v1.FormerLife;
import io.quorate.log.v1.FoundRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.ProbeRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Evidence;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Incarnations of nodes, what they own, and the one way in which an instance becomes free. */
final class Lives {
    private Lives() {}

    static boolean owns(InstanceRow instance, String node, long incarnation) {
        OwnershipRow ownership = instance.getOwnership();
        return instance.hasOwnership() && ownership.getNode().equals(node) && ownership.getIncarnation() == incarnation;
    }

    /** Instances that this incarnation owns, in order of id. */
    static List<InstanceRow> owned(ClusterState state, String node, long incarnation) {
        return matching(state, instance -> owns(instance, node, incarnation));
    }

    /** Instances that any life of the node owns. */
    static List<InstanceRow> ownedByAnyLife(ClusterState state, String node) {
        return matching(
                state,
                instance -> instance.hasOwnership()
                        && instance.getOwnership().getNode().equals(node));
    }

    private static List<InstanceRow> matching(ClusterState state, Predicate<InstanceRow> wanted) {
        List<InstanceRow> found = new ArrayList<>();
        for (InstanceRow instance : state.instances().values()) {
            if (wanted.test(instance)) {
                found.add(instance);
            }
        }
        return found;
    }

    static @Nullable FormerLife formerLife(NodeRow node, long incarnation) {
        for (FormerLife life : node.getFormerLivesList()) {
            if (life.getIncarnation() == incarnation) {
                return life;
            }
        }
        return null;
    }

    /**
     * Ends an ownership on evidence. Its token is spent for ever (NoRegrant); the instance is free for another grant. With a
     * copy of a clone its promotion ends: what does not run is not promoted. A slot that is one too many goes. What has
     * arrived elsewhere by live migration is not free: it is the other holder's.
     */
    static void free(Draft draft, InstanceRow instance, Evidence evidence) {
        InstanceRow promotion = Clones.promotionOf(draft.state(), instance);
        if (promotion != null) {
            free(draft, promotion, evidence);
        }
        InstanceRow arrival = Migrations.arrivalOf(draft.state(), instance);
        if (arrival != null && MigrationRules.hasArrived(instance, arrival)) {
            MigrationRules.takeOver(draft, instance, arrival, evidence);
            return;
        }
        OwnershipRow ownership = instance.getOwnership();
        InstanceRow.Builder row = instance.toBuilder()
                .clearOwnership()
                .clearRecover()
                .clearRestart()
                .setStoppedToken(ownership.getToken())
                .setFreedAt(draft.now())
                .setFreedBy(evidence)
                .setLastNode(ownership.getNode());
        if (ownership.hasDeparture()) {
            MigrationRules.abandon(draft, row, ownership.getDeparture(), arrival);
        }
        for (int i = 0; i < row.getMembersCount(); i++) {
            row.getMembersBuilder(i)
                    .setState(RunState.RUN_STATE_STOPPED)
                    .setSince(draft.now())
                    .clearLastFailure();
        }
        draft.put(row);
        draft.event(Events.of("RESOURCE_FREED", "instances/" + instance.getId())
                .setFromNode(ownership.getNode())
                .setToken(ownership.getToken())
                .setText(instance.getId() + " is free: " + Events.words(evidence) + " on " + ownership.getNode()));
        ObjectRow unit = Units.of(draft.state(), instance);
        if (unit != null && Clones.isCopy(instance)) {
            ScoreRules.forgetUnlessOwned(draft, unit, ownership.getNode());
        }
        Slots.dropIfUnneeded(draft, instance.getId());
        if (Migrations.isArrival(instance)) {
            MigrationRules.end(draft, instance);
        }
    }

    /** Whether the node, in this life, holds it: as its owner, or as the one that it is moving to. */
    static boolean holds(ClusterState state, InstanceRow instance, String node, long incarnation) {
        InstanceRow arrival = Migrations.arrivalOf(state, instance);
        return owns(instance, node, incarnation) || (arrival != null && owns(arrival, node, incarnation));
    }

    /** Frees all that one incarnation owns, and nothing else (FencedIncarnation). */
    static List<String> freeAll(Draft draft, String node, long incarnation, Evidence evidence) {
        List<String> freed = new ArrayList<>();
        for (InstanceRow instance : owned(draft.state(), node, incarnation)) {
            if (isOwned(draft, instance)) {
                free(draft, instance, evidence);
            }
            freed.add(instance.getId());
        }
        return freed;
    }

    /** Whether it still is: a promotion is freed with its copy. */
    static boolean isOwned(Draft draft, InstanceRow instance) {
        InstanceRow row = draft.state().instance(instance.getId());
        return row != null && row.hasOwnership();
    }

    /** Forgets former lives that own nothing any more. */
    static void dropEmptyLives(Draft draft, String name) {
        NodeRow node = draft.state().node(name);
        if (node == null || node.getFormerLivesCount() == 0) {
            return;
        }
        List<FormerLife> left = node.getFormerLivesList().stream()
                .filter(life ->
                        !owned(draft.state(), name, life.getIncarnation()).isEmpty())
                .toList();
        if (left.size() != node.getFormerLivesCount()) {
            draft.put(node.toBuilder().clearFormerLives().addAllFormerLives(left));
        }
    }

    static @Nullable ProbeRow probe(InstanceRow instance, String node) {
        for (ProbeRow probe : instance.getProbesList()) {
            if (probe.getNode().equals(node)) {
                return probe;
            }
        }
        return null;
    }

    /** What was found running on a node that does not own it. Of an instance that is deleted nobody asks any more. */
    static List<FoundRow> found(ClusterState state, NodeRow node) {
        return node.getFoundList().stream()
                .filter(found -> state.instance(found.getInstance()) != null)
                .toList();
    }
}
