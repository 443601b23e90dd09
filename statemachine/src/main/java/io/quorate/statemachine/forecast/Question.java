package io.quorate.statemachine.forecast;

import io.quorate.v1.Manifest;
import java.util.List;

/**
 * What is supposed to happen. Manifests are applied first, then tickets are revoked together, then nodes are drained, then
 * nodes fail together, then resources one after the other; each begins when what came before has come to rest.
 * No failure is forgotten before the last of them.
 *
 * @param pruneSet objects of this set that the manifests do not name are deleted; empty: none
 * @param allowUnfenced the manifests may take away the last fence path of a node
 * @param revoked names of tickets that this cluster loses
 * @param drained names of nodes
 * @param failedNodes names of nodes that fall silent and do not come back
 * @param failedResources names or keys of resources or groups; one failure for each mention, where it runs
 * @param moves units that a person moves once
 */
public record Question(
        List<Manifest> manifests,
        String pruneSet,
        boolean allowUnfenced,
        List<String> revoked,
        List<String> drained,
        List<String> failedNodes,
        List<String> failedResources,
        List<Move> moves) {
    public Question {
        manifests = List.copyOf(manifests);
        revoked = List.copyOf(revoked);
        drained = List.copyOf(drained);
        failedNodes = List.copyOf(failedNodes);
        failedResources = List.copyOf(failedResources);
        moves = List.copyOf(moves);
    }

    /**
     * A person moves one unit once.
     *
     * @param unit its key
     * @param toNode empty: the best other node
     * @param promoted of a promotable clone: its promoted role
     */
    public record Move(String unit, String toNode, boolean promoted) {}

    /** Nothing happens but what is under way. */
    public static Question nothing() {
        return new Question(List.of(), "", false, List.of(), List.of(), List.of(), List.of(), List.of());
    }

    /** A person moves one unit. */
    public static Question move(Move move) {
        return new Question(List.of(), "", false, List.of(), List.of(), List.of(), List.of(), List.of(move));
    }

    public Question applying(List<Manifest> files, String prune, boolean unfenced) {
        return new Question(files, prune, unfenced, revoked, drained, failedNodes, failedResources, moves);
    }

    public Question revoking(List<String> tickets) {
        return new Question(manifests, pruneSet, allowUnfenced, tickets, drained, failedNodes, failedResources, moves);
    }

    public Question draining(List<String> nodes) {
        return new Question(manifests, pruneSet, allowUnfenced, revoked, nodes, failedNodes, failedResources, moves);
    }

    public Question failingNodes(List<String> nodes) {
        return new Question(manifests, pruneSet, allowUnfenced, revoked, drained, nodes, failedResources, moves);
    }

    public Question failingResources(List<String> resources) {
        return new Question(manifests, pruneSet, allowUnfenced, revoked, drained, failedNodes, resources, moves);
    }
}
