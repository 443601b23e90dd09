package io.quorate.jepsen.sim;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.AssignOwner;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.DeclareNodeLost;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRevision;
import io.quorate.log.v1.RecoverInstance;
import io.quorate.log.v1.ReleaseOwner;
import io.quorate.log.v1.RequestFence;
import io.quorate.statemachine.model.ClusterState;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Commands that no correct leader or agent sends, or not any more. The rules of the state machine promise that two never run whatever
 * is proposed, as long as nobody lies about what it has measured or done itself; the product's own policy and agent would never
 * find out.
 */
final class Adversary {
    private static final Actor LEADER = Actor.newBuilder()
            .setKind(Actor.Kind.KIND_LEADER)
            .setName("adversary")
            .build();

    private final SplittableRandom random;

    Adversary(SplittableRandom random) {
        this.random = random;
    }

    /**
     * Something of the past arrives once more, under another request id, as if whoever sent it had just read what it rests on. What
     * says what its sender has measured, or what an agent has done that is still there, stays away: it would be a lie now.
     */
    Command.@Nullable Builder late(ClusterState state, List<Command> asked) {
        List<Command> candidates =
                asked.stream().filter(command -> isNoLie(state, command)).toList();
        if (candidates.isEmpty()) {
            return null;
        }
        Command.Builder late = candidates.get(random.nextInt(candidates.size())).toBuilder();
        List<ObjectRevision> read = late.getReadSetList().stream()
                .map(object -> read(state, object.getObject()))
                .toList();
        return late.clearReadSet().addAllReadSet(read).clearIfPosition();
    }

    private static boolean isNoLie(ClusterState state, Command command) {
        return switch (command.getKindCase()) {
            case REGISTER_NODE, ASSIGN_OWNER, RELEASE_OWNER, RECOVER_INSTANCE, REQUEST_FENCE, INIT_CLUSTER -> true;
            case REPORT_INSTANCE ->
                isOver(
                        state,
                        command.getReportInstance().getNode(),
                        command.getReportInstance().getSession());
            case REPORT_PROBES ->
                isOver(
                        state,
                        command.getReportProbes().getNode(),
                        command.getReportProbes().getSession());
            case COMPLETE_JOIN ->
                isOver(
                        state,
                        command.getCompleteJoin().getNode(),
                        command.getCompleteJoin().getSession());
            case REPORT_FENCE ->
                isOver(
                        state,
                        command.getReportFence().getExecutor(),
                        command.getReportFence().getExecutorSession());
            default -> false;
        };
    }

    /** Whether the session of the agent that said it is another one now. */
    private static boolean isOver(ClusterState state, String node, long session) {
        NodeRow row = state.node(node);
        return row == null || row.getSession() != session;
    }

    /** What a leader might decide that has lost its mind. */
    Command.@Nullable Builder wild(ClusterState state, long term) {
        List<InstanceRow> instances = new ArrayList<>(state.instances().values());
        List<NodeRow> nodes = new ArrayList<>(state.nodes().values());
        if (instances.isEmpty() || nodes.isEmpty()) {
            return null;
        }
        InstanceRow instance = instances.get(random.nextInt(instances.size()));
        NodeRow node = nodes.get(random.nextInt(nodes.size()));
        Command.Builder command = Command.newBuilder()
                .setActor(LEADER)
                .addReadSet(read(state, "instances/" + instance.getId()))
                .addReadSet(read(state, "nodes/" + node.getName()));
        switch (random.nextInt(5)) {
            case 0 ->
                command.setReleaseOwner(ReleaseOwner.newBuilder()
                        .setInstance(instance.getId())
                        .setToken(instance.getOwnership().getToken()));
            case 1 ->
                command.setRecoverInstance(RecoverInstance.newBuilder()
                        .setInstance(instance.getId())
                        .setToken(instance.getOwnership().getToken()));
            case 2 ->
                command.setDeclareNodeLost(DeclareNodeLost.newBuilder()
                                .setNode(node.getName())
                                .setIncarnation(node.getIncarnation())
                                .setWhy("silent"))
                        .setFormedInTerm(term);
            case 3 ->
                command.setRequestFence(
                        RequestFence.newBuilder().setNode(node.getName()).setIncarnation(node.getIncarnation()));
            default ->
                command.setAssignOwner(AssignOwner.newBuilder()
                        .setInstance(instance.getId())
                        .setNode(node.getName())
                        .setIncarnation(node.getIncarnation()));
        }
        return command;
    }

    private static ObjectRevision read(ClusterState state, String object) {
        return ObjectRevision.newBuilder()
                .setObject(object)
                .setRevision(state.revisionOf(object))
                .build();
    }
}
