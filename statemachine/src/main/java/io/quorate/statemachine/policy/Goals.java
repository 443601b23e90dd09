package io.quorate.statemachine.policy;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.SiteTickets;
import io.quorate.statemachine.model.SiteTickets.Need;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.NodePhase;
import io.quorate.v1.TicketState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** When an operation is over: pure functions from the state. */
public final class Goals {
    private Goals() {}

    /** How far an operation has come. */
    public enum Progress {
        /** On its way, or waiting for something that may still happen. */
        GOING_ON,
        /** What was asked for is so. */
        REACHED,
        /** It can no longer come about without somebody asking again. */
        IMPOSSIBLE
    }

    /**
     * Where an operation stands.
     *
     * @param detail for people; empty while it goes on
     */
    public record Verdict(Progress progress, String detail) {
        private static final Verdict GOING_ON = new Verdict(Progress.GOING_ON, "");

        private static Verdict reached(String detail) {
            return new Verdict(Progress.REACHED, detail);
        }

        private static Verdict impossible(String detail) {
            return new Verdict(Progress.IMPOSSIBLE, detail);
        }

        public boolean isOver() {
            return progress != Progress.GOING_ON;
        }
    }

    public static Verdict of(ClusterState state, OperationRow operation) {
        return switch (operation.getKind()) {
            case "delete" -> deleted(state, operation);
            case "drain" -> drained(state, operation);
            case "move" -> moved(state, operation);
            case "switchover" -> switchedOver(state, operation);
            case "fence" -> fenced(state, operation);
            case "probe" -> probed(state, operation);
            // apply, restart, and the verbs that set or clear an override: every unit is as it is wanted
            default -> settled(state, operation);
        };
    }

    /**
     * Whether the operation is over once the policy leaves all its units as they are: that they run, which the state shows, may
     * be so because nobody has looked yet at what was asked.
     */
    public static boolean isSettledByPolicy(OperationRow operation) {
        return switch (operation.getKind()) {
            case "delete", "drain", "move", "switchover", "fence", "probe" -> false;
            default -> true;
        };
    }

    /**
     * Whether something that is bound to what was moved is still on its way. The weight of a move ends with the operation, and
     * what goes along for that weight would go back when it ended before.
     *
     * @param undecided instances that nobody owns, for which the policy may yet have a place
     */
    public static boolean isFollowed(ClusterState state, OperationRow operation, Predicate<InstanceRow> undecided) {
        if (!operation.getKind().equals("move") && !operation.getKind().equals("switchover")) {
            return false;
        }
        Relations relations = new Relations(state);
        return operation.getObjectsList().stream()
                .flatMap(key -> relations.boundTogether(Keys.bare(key)).stream())
                .map(party -> Units.find(state, Relations.unitOf(party)))
                .filter(unit -> unit != null && Units.isWanted(unit))
                .flatMap(unit -> Units.instances(state, Objects.requireNonNull(unit)).stream())
                .anyMatch(instance -> instance.hasOwnership() ? isLeaving(state, instance) : undecided.test(instance));
    }

    /** What failed to stop, or is on a node that does not answer, may take longer than anybody should wait for. */
    private static boolean isLeaving(ClusterState state, InstanceRow instance) {
        NodeRow node = state.node(instance.getOwnership().getNode());
        return instance.getOwnership().getReleasing()
                && node != null
                && node.getPhase() == NodePhase.NODE_PHASE_UP
                && !instance.getOwnership().getStopFailed();
    }

    private static Verdict deleted(ClusterState state, OperationRow operation) {
        for (String key : operation.getObjectsList()) {
            ObjectRow row = state.object(key);
            if (row != null && row.getDeleting()) {
                return Verdict.GOING_ON;
            }
        }
        return Verdict.reached("deleted");
    }

    private static Verdict drained(ClusterState state, OperationRow operation) {
        NodeRow node = state.node(operation.getNode());
        if (node == null) {
            return Verdict.reached(operation.getNode() + " is gone");
        }
        if (!node.hasDrain()) {
            return Verdict.impossible(operation.getNode() + " was resumed");
        }
        for (InstanceRow instance : state.instances().values()) {
            if (instance.hasOwnership() && instance.getOwnership().getNode().equals(node.getName())) {
                return Verdict.GOING_ON;
            }
        }
        return Verdict.reached(operation.getNode() + " owns nothing");
    }

    private static Verdict moved(ClusterState state, OperationRow operation) {
        SortedSet<String> nodes = new TreeSet<>();
        for (String key : operation.getObjectsList()) {
            ObjectRow unit = Units.find(state, key);
            if (unit == null || !Units.isWanted(unit)) {
                return Verdict.impossible(Keys.bare(key) + " shall no longer run");
            }
            if (SiteTickets.of(state, unit.getKey()).stream().anyMatch(need -> need.bars(false))) {
                return Verdict.impossible(Keys.bare(key) + " needs a ticket that is not granted, or in standby");
            }
            String target = operation.getNode();
            String pinned = Units.pinnedTo(unit);
            if (pinned != null && !target.isEmpty() && !pinned.equals(target)) {
                return Verdict.impossible(Keys.bare(key) + " was pinned to " + pinned);
            }
            OwnershipRow owner = ownership(state, unit);
            if (target.isEmpty() && isPinnedSince(operation, owner, pinned)) {
                return Verdict.impossible(Keys.bare(key) + " was pinned to " + pinned);
            }
            boolean there = owner != null
                    && (target.isEmpty()
                            ? owner.getToken().getRevision() > operation.getStartedRevision()
                            : owner.getNode().equals(target));
            if (owner != null && there && isRunning(state, unit)) {
                nodes.add(owner.getNode());
                continue;
            }
            return mayTake(state, target)
                    ? Verdict.GOING_ON
                    : Verdict.impossible(target + " can no longer take " + Keys.bare(key));
        }
        return Verdict.reached("running on " + String.join(", ", nodes));
    }

    /** A copy is promoted on the node that was named; where none was, somewhere anew. */
    private static Verdict switchedOver(ClusterState state, OperationRow operation) {
        String target = operation.getNode();
        SortedSet<String> nodes = new TreeSet<>();
        for (String key : operation.getObjectsList()) {
            ObjectRow clone = state.object(key);
            if (clone == null || !Units.isWanted(clone) || !Clones.isPromotable(clone)) {
                return Verdict.impossible(Keys.bare(key) + " shall no longer run, or not be promoted");
            }
            if (SiteTickets.of(state, key).stream().anyMatch(need -> need.bars(true))) {
                return Verdict.impossible(Keys.bare(key) + " needs a ticket that is not granted, or in standby");
            }
            String pinned = Units.pinnedTo(clone);
            if (pinned != null && !target.isEmpty() && !pinned.equals(target)) {
                return Verdict.impossible("the promoted role of " + Keys.bare(key) + " was pinned to " + pinned);
            }
            List<InstanceRow> owned = Clones.promotions(state, clone).stream()
                    .filter(InstanceRow::hasOwnership)
                    .toList();
            if (target.isEmpty()
                    && !owned.isEmpty()
                    && owned.stream().allMatch(each -> isPinnedSince(operation, each.getOwnership(), pinned))) {
                return Verdict.impossible("the promoted role of " + Keys.bare(key) + " was pinned to " + pinned);
            }
            if (!isPromoted(state, clone, target, target.isEmpty() ? operation.getStartedRevision() : 0)) {
                if (target.isEmpty() ? mayLeave(state, clone) : mayBePromoted(state, clone, target)) {
                    return Verdict.GOING_ON;
                }
                String where = target.isEmpty() ? "elsewhere" : "on " + target;
                return Verdict.impossible("no copy of " + Keys.bare(key) + " may be promoted " + where + " now");
            }
            owned.forEach(each -> nodes.add(each.getOwnership().getNode()));
        }
        return Verdict.reached("promoted on " + String.join(", ", nodes));
    }

    /** It has not left yet, and is to stay where it is. */
    private static boolean isPinnedSince(OperationRow move, @Nullable OwnershipRow owner, @Nullable String pinned) {
        return pinned != null
                && isOwnedBy(owner, pinned)
                && Objects.requireNonNull(owner).getToken().getRevision() < move.getStartedRevision();
    }

    private static boolean isPromoted(ClusterState state, ObjectRow clone, String node, long since) {
        return Clones.promotions(state, clone).stream()
                .filter(InstanceRow::hasOwnership)
                .filter(promotion ->
                        node.isEmpty() || promotion.getOwnership().getNode().equals(node))
                .filter(promotion -> promotion.getOwnership().getToken().getRevision() > since)
                .anyMatch(promotion -> isRunning(state, clone, promotion));
    }

    /** Whether the promoted role is on its way, or another node may take it. */
    private static boolean mayLeave(ClusterState state, ObjectRow clone) {
        List<String> owners = Clones.promotions(state, clone).stream()
                .filter(InstanceRow::hasOwnership)
                .map(promotion -> promotion.getOwnership().getNode())
                .toList();
        return owners.isEmpty()
                || state.nodes().keySet().stream()
                        .anyMatch(node -> !owners.contains(node) && mayBePromoted(state, clone, node));
    }

    /**
     * Whether nothing but rules can keep a copy from being promoted there, or from running soon so that it can. What runs and
     * has no score its agent does not let be promoted; what only starts may get one.
     */
    private static boolean mayBePromoted(ClusterState state, ObjectRow clone, String node) {
        CloneView view = CloneView.of(clone, Clones.instances(state, clone));
        return mayTake(state, node)
                && !view.copiesOn(node).isEmpty()
                && view.promotions().stream().noneMatch(promotion -> Failures.bans(state, promotion, node))
                && Clones.promotionScore(state, clone, node).orElse(Clones.hasRunningCopy(state, clone, node) ? -1 : 0)
                        >= 0;
    }

    private static boolean mayTake(ClusterState state, String target) {
        NodeRow node = state.node(target);
        return target.isEmpty() || (node != null && Obstacles.isOpen(node));
    }

    /** A fence has ended when nothing of the life that it is about is open any more. */
    private static Verdict fenced(ClusterState state, OperationRow operation) {
        NodeRow node = state.node(operation.getNode());
        boolean open = state.tickets().values().stream()
                .anyMatch(ticket -> ticket.getNode().equals(operation.getNode())
                        && ticket.getState() == TicketState.TICKET_STATE_OPEN);
        if (open) {
            return Verdict.GOING_ON;
        }
        boolean off = node == null || node.getPhase() == NodePhase.NODE_PHASE_OFF;
        return off
                ? Verdict.reached(operation.getNode() + " is off")
                : Verdict.impossible(operation.getNode() + " registered again before it was confirmed off");
    }

    /** All that were asked have answered, or are no longer there to answer. */
    private static Verdict probed(ClusterState state, OperationRow operation) {
        List<String> silent = new ArrayList<>();
        for (NodeRow node : state.nodes().values()) {
            if (hasToLook(state, operation, node)) {
                switch (node.getPhase()) {
                    case NODE_PHASE_UP, NODE_PHASE_JOINING -> {
                        return Verdict.GOING_ON;
                    }
                    case NODE_PHASE_LOST, NODE_PHASE_OFF, NODE_PHASE_UNSPECIFIED, UNRECOGNIZED ->
                        silent.add(node.getName());
                }
            }
        }
        if (!silent.isEmpty() && !operation.getNode().isEmpty()) {
            return Verdict.impossible(operation.getNode() + " is gone and did not answer");
        }
        String found = operation.getDetail().isEmpty() ? "found running on no node" : operation.getDetail();
        return Verdict.reached(found + (silent.isEmpty() ? "" : " · no answer: " + String.join(", ", silent)));
    }

    /** Whether a node still owes an answer to what a probe asked. */
    public static boolean hasToLook(ClusterState state, OperationRow operation, NodeRow node) {
        return node.getLooksList().stream()
                .anyMatch(look -> look.getSince() == operation.getStartedRevision()
                        && state.instance(look.getInstance()) != null);
    }

    private static Verdict settled(ClusterState state, OperationRow operation) {
        if (Units.of(state, operation).stream().anyMatch(unit -> isUnpinned(operation, unit))) {
            return Verdict.impossible("no longer pinned to " + operation.getNode());
        }
        for (ObjectRow unit : Units.of(state, operation)) {
            if (isUnpin(operation) && isNowhere(state, unit)) {
                return Verdict.reached("no longer pinned; " + Keys.bare(unit.getKey()) + " does not run");
            }
            if (isRestart(operation) ? !isRestarted(state, unit) : !isSettled(state, unit)) {
                return Verdict.GOING_ON;
            }
        }
        if (pinWaits(state, operation)) {
            return Verdict.reached("the pin waits until " + operation.getNode() + " can take it");
        }
        List<String> later = Units.of(state, operation).stream()
                .flatMap(unit -> Units.instances(state, unit).stream())
                .filter(InstanceRow::hasRestart)
                .map(InstanceRow::getId)
                .toList();
        return Verdict.reached(
                later.isEmpty() ? "as wanted" : "as wanted, but not restarted yet: " + String.join(", ", later));
    }

    private static boolean isUnpinned(OperationRow operation, ObjectRow unit) {
        return operation.getKind().equals("pin") && !operation.getNode().equals(Units.pinnedTo(unit));
    }

    private static boolean isUnpin(OperationRow operation) {
        return operation.getKind().equals("unpin");
    }

    private static boolean isNowhere(ClusterState state, ObjectRow unit) {
        return Units.instances(state, unit).stream().noneMatch(InstanceRow::hasOwnership);
    }

    private static boolean isRestart(OperationRow operation) {
        return operation.getKind().equals("restart");
    }

    /** Nothing restarts while hands are off it: what runs is what ran before. */
    private static boolean isRestarted(ClusterState state, ObjectRow unit) {
        return !isLeftAlone(state, unit)
                && Units.instances(state, unit).stream().noneMatch(InstanceRow::hasRestart)
                && isSettled(state, unit);
    }

    private static boolean isLeftAlone(ClusterState state, ObjectRow unit) {
        return Units.isInMaintenance(unit) || isOwnedInMaintenance(state, unit);
    }

    private static boolean pinWaits(ClusterState state, OperationRow operation) {
        String node = operation.getNode();
        return operation.getKind().equals("pin")
                && Units.of(state, operation).stream()
                        .anyMatch(unit -> unit.hasClone()
                                ? !isPromoted(state, unit, node, 0)
                                : !isOwnedBy(ownership(state, unit), node));
    }

    private static boolean isOwnedBy(@Nullable OwnershipRow owner, String node) {
        return owner != null && owner.getNode().equals(node);
    }

    private static boolean isSettled(ClusterState state, ObjectRow unit) {
        if (isLeftAlone(state, unit)) {
            return true;
        }
        boolean owned = Units.instances(state, unit).stream().anyMatch(InstanceRow::hasOwnership);
        List<Need> needs = SiteTickets.of(state, unit.getKey());
        if (Units.isWanted(unit) && needs.stream().anyMatch(need -> need.bars(false))) {
            // Without its ticket it stops, or is let be as it is.
            return !owned || needs.stream().anyMatch(need -> need.isLost(LossPolicy.LOSS_POLICY_FREEZE, false));
        }
        if (needs.stream().anyMatch(need -> need.bars(true)) && isPromoted(state, unit)) {
            return needs.stream().anyMatch(need -> need.isLost(LossPolicy.LOSS_POLICY_FREEZE, true));
        }
        return Units.isWanted(unit)
                ? isRunning(state, unit)
                        && Units.instances(state, unit).stream().noneMatch(InstanceRow::hasRestart)
                : !owned;
    }

    private static boolean isPromoted(ClusterState state, ObjectRow unit) {
        return Units.instances(state, unit).stream()
                .anyMatch(instance -> Clones.isPromotion(instance) && instance.hasOwnership());
    }

    private static boolean isOwnedInMaintenance(ClusterState state, ObjectRow unit) {
        return Units.instances(state, unit).stream()
                .map(instance -> state.node(instance.getOwnership().getNode()))
                .anyMatch(node -> node != null && node.hasMaintenance());
    }

    private static @Nullable OwnershipRow ownership(ClusterState state, ObjectRow unit) {
        InstanceRow instance = state.instance(Keys.bare(unit.getKey()));
        return instance == null || !instance.hasOwnership() ? null : instance.getOwnership();
    }

    /**
     * Owned for good, and every member that its definition names runs; a restart that was asked for is behind it. Of a clone
     * all that is owned runs, which is something, and one is promoted if it is promotable and holds the tickets for that.
     */
    static boolean isRunning(ClusterState state, ObjectRow unit) {
        List<InstanceRow> owned = Units.instances(state, unit).stream()
                .filter(InstanceRow::hasOwnership)
                .toList();
        boolean promoted = !Clones.isPromotable(unit)
                || owned.stream().anyMatch(Clones::isPromotion)
                || SiteTickets.of(state, unit.getKey()).stream().anyMatch(need -> need.bars(true));
        return promoted && !owned.isEmpty() && owned.stream().allMatch(instance -> isRunning(state, unit, instance));
    }

    private static boolean isRunning(ClusterState state, ObjectRow unit, InstanceRow instance) {
        if (instance.getOwnership().getReleasing()) {
            return false;
        }
        for (ObjectRow member : Units.members(state, unit)) {
            if (!memberRuns(instance, member.getMeta().getName())) {
                return false;
            }
        }
        return true;
    }

    private static boolean memberRuns(InstanceRow instance, String member) {
        for (MemberRowStatus status : instance.getMembersList()) {
            if (status.getResource().equals(member)) {
                return RunStates.isUp(status.getState());
            }
        }
        return false;
    }
}
