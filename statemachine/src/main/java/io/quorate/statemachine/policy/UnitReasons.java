package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.FoundRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.PauseRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Tokens;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.model.Units.StopHeld;
import io.quorate.statemachine.policy.Scoring.Candidate;
import io.quorate.v1.NodePhase;
import io.quorate.v1.OperationResult;
import io.quorate.v1.Override;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The sentences about units: each says what is, why, and the command that shows or changes it. */
final class UnitReasons {
    private UnitReasons() {}

    static Reason assigned(UnitView unit, Candidate best, List<Candidate> candidates) {
        long allowed = candidates.stream().filter(Candidate::allowed).count();
        String choice = best.inWords() + ", the best of " + allowed + " allowed";
        List<String> objects = List.of(unit.key(), Keys.node(best.node().getName()));
        if (!unit.instance().hasHighestToken()) {
            return Reasons.of(ReasonCode.FIRST_PLACEMENT, unit.name() + " to " + choice, objects, explain(unit));
        }
        String last = unit.instance().getLastNode();
        String evidence = switch (unit.instance().getFreedBy()) {
            case EVIDENCE_FENCED -> last + " was fenced";
            case EVIDENCE_CONFIRMED_BY_PERSON -> last + " was confirmed off by a person";
            case EVIDENCE_REBOOTED -> last + " was rebooted";
            case EVIDENCE_LEASE_EXPIRED -> "the lease of " + last + " is over";
            case EVIDENCE_SELF_FENCE_WAIT -> last + " has reset itself";
            case EVIDENCE_RELEASED, EVIDENCE_FIRST, EVIDENCE_UNSPECIFIED, UNRECOGNIZED -> "";
        };
        return evidence.isEmpty()
                ? Reasons.of(ReasonCode.PLACED, unit.name() + " to " + choice, objects, explain(unit))
                : Reasons.of(
                        ReasonCode.FAILOVER, evidence + "; " + unit.name() + " to " + choice, objects, explain(unit));
    }

    static Reason adopted(UnitView unit, NodeRow node) {
        return Reasons.of(
                ReasonCode.ADOPTED,
                unit.name() + " was found running on " + node.getName() + " after the restore and is taken over there",
                List.of(unit.key(), Keys.node(node.getName())),
                explain(unit));
    }

    static Reason betterNode(UnitView unit, Candidate here, Candidate other) {
        String text = unit.name() + " moves: " + other.inWords() + " scores higher than " + scored(here);
        return Reasons.of(ReasonCode.BETTER_NODE, text, both(unit, here, other), explain(unit));
    }

    private static String scored(Candidate here) {
        return !here.forbidden() ? here.inWords() : here.node().getName() + " " + here.score();
    }

    static Reason moveRequested(UnitView unit, String from, String to, OperationRow move) {
        String by = move.getActor().isEmpty() ? "" : " by " + move.getActor();
        String why = move.getReason().isEmpty() ? "" : ": " + move.getReason();
        return Reasons.of(
                ReasonCode.MOVE_REQUESTED,
                subject(unit) + " moves from " + from + " to " + to + ", asked for" + by + why,
                List.of(unit.key(), Keys.node(to), Keys.OPERATIONS + move.getId()),
                "quorate operation wait " + move.getId());
    }

    /** What a verb moves or pins. */
    private static String subject(UnitView unit) {
        return unit.isPromotion() ? "the promoted role of " + unit.unitName() : unit.name();
    }

    static Reason pinnedElsewhere(UnitView unit, String from, String to) {
        return Reasons.of(
                ReasonCode.PINNED_ELSEWHERE,
                subject(unit) + " is pinned to " + to + " and leaves " + from,
                List.of(unit.key(), Keys.node(to)),
                "quorate unpin " + unit.unitName());
    }

    static Reason pinWaits(UnitView unit, String here, String pinned, String obstacles) {
        return Reasons.of(
                ReasonCode.PIN_WAITS,
                subject(unit) + " is pinned to " + pinned + " but stays on " + here + ": " + obstacles,
                List.of(unit.key(), Keys.node(pinned)),
                "quorate unpin " + unit.unitName());
    }

    static Reason moveNotPossible(UnitView unit, OperationRow move, String obstacles) {
        return Reasons.of(
                ReasonCode.MOVE_NOT_POSSIBLE,
                subject(unit) + " cannot move to " + move.getNode() + " now: " + obstacles,
                List.of(unit.key(), Keys.node(move.getNode()), Keys.OPERATIONS + move.getId()),
                "quorate explain " + unit.unitName() + " --on " + move.getNode());
    }

    static Reason migrating(UnitView unit, String from, String to) {
        return Reasons.of(
                ReasonCode.MIGRATING,
                unit.name() + " moves from " + from + " to " + to + " without being stopped",
                List.of(unit.key(), Keys.node(from), Keys.node(to)),
                "quorate logs " + unit.unitName());
    }

    static Reason migrationHeld(UnitView unit, String from, String to) {
        return Reasons.of(
                ReasonCode.MIGRATING,
                unit.name() + " goes on on " + from + " until it is known what became of " + to
                        + ", where it was to move without being stopped",
                List.of(unit.key(), Keys.node(from), Keys.node(to)),
                explain(unit));
    }

    static Reason hasArrived(UnitView unit, String from, String to) {
        return Reasons.of(
                ReasonCode.HAS_ARRIVED,
                unit.name() + " runs on " + to + " now: what is left of it on " + from + " is stopped",
                List.of(unit.key(), Keys.node(from), Keys.node(to)),
                explain(unit));
    }

    static Reason failedOnArrival(UnitView arrival, String from, MemberRowStatus failed) {
        String to = arrival.instance().getOwnership().getNode();
        return Reasons.since(
                Reasons.of(
                        ReasonCode.FAILED_ON_ARRIVAL,
                        arrival.unitName() + " failed on " + to + " (" + inWords(failed.getLastFailure())
                                + "), where it has arrived: it is started again there when " + from
                                + " has given up what is left of it",
                        List.of(arrival.key(), Keys.node(to), Keys.node(from)),
                        "quorate logs " + arrival.unitName()),
                failed.getSince());
    }

    /** @param from empty when nobody holds that half any more */
    static Reason migrationFailed(UnitView unit, String from, String to, String why) {
        List<String> objects = new ArrayList<>(List.of(unit.key(), Keys.node(to)));
        if (!from.isEmpty()) {
            objects.add(1, Keys.node(from));
        }
        return Reasons.of(
                ReasonCode.MIGRATION_FAILED,
                unit.unitName() + " could not move" + (from.isEmpty() ? "" : " from " + from) + " to " + to
                        + " without being stopped (" + why + "): it is stopped on both, and started anew",
                objects,
                "quorate logs " + unit.unitName());
    }

    static Reason waitingForArrival(UnitView unit, UnitView arrival) {
        String node = arrival.instance().getOwnership().getNode();
        return Reasons.of(
                ReasonCode.MIGRATION_FAILED,
                unit.name() + " starts when " + node + " has given up what arrived of it in a move that failed",
                List.of(unit.key(), Keys.node(node)),
                explain(unit));
    }

    static Reason stoppedToMove(UnitView unit, String obstacle) {
        return Reasons.of(
                ReasonCode.STOPPED_TO_MOVE,
                unit.name() + " is stopped to be moved: " + obstacle,
                List.of(unit.key()),
                explain(unit));
    }

    static Reason target(UnitView unit, Candidate target) {
        return Reasons.of(
                ReasonCode.NEXT_NODE,
                "it may go to " + target.inWords(),
                List.of(unit.key(), Keys.node(target.node().getName())),
                explain(unit));
    }

    static Reason noOtherNode(UnitView unit, NodeRow here, List<Candidate> candidates) {
        List<String> words = new ArrayList<>();
        for (Candidate each : candidates) {
            if (!each.node().getName().equals(here.getName())) {
                words.add(each.inWords());
            }
        }
        String others = words.isEmpty() ? "there is no other node" : String.join("; ", words);
        return Reasons.of(
                ReasonCode.NO_OTHER_NODE,
                "no other node may run " + unit.name() + ": " + others,
                List.of(unit.key()),
                explain(unit));
    }

    static Reason noNodeAllowed(UnitView unit, List<Candidate> candidates) {
        List<String> words = candidates.stream().map(Candidate::inWords).toList();
        String nodes = words.isEmpty() ? "no node has joined" : String.join("; ", words);
        return Reasons.of(
                ReasonCode.NO_NODE_ALLOWED,
                "no node may run " + unit.name() + " now: " + nodes,
                List.of(unit.key()),
                explain(unit));
    }

    static Reason notAllowedHere(UnitView unit, Candidate here) {
        return Reasons.of(
                ReasonCode.NOT_ALLOWED_HERE,
                unit.name() + " may not stay on " + here.inWords(),
                List.of(unit.key(), Keys.node(here.node().getName())),
                explain(unit));
    }

    static Reason unhealthy(UnitView unit, NodeRow node, String words) {
        return Reasons.of(
                ReasonCode.NODE_UNHEALTHY,
                unit.name() + " leaves " + node.getName() + ", which is not well: " + words,
                List.of(unit.key(), Keys.node(node.getName())),
                explain(unit));
    }

    static Reason draining(UnitView unit, NodeRow node) {
        String why = node.getDrain().getReason().isEmpty()
                ? ""
                : ": " + node.getDrain().getReason();
        return Reasons.of(
                ReasonCode.DRAINING,
                unit.name() + " leaves " + node.getName() + ", which is drained" + why,
                List.of(unit.key(), Keys.node(node.getName())),
                "quorate node resume " + node.getName());
    }

    static Reason notWanted(UnitView unit) {
        if (unit.row().getDeleting() || !Units.isUnit(unit.row())) {
            return Reasons.of(
                    ReasonCode.DELETING,
                    unit.unitName() + " is being deleted",
                    List.of(unit.key()),
                    "quorate history " + unit.unitName());
        }
        Override disabled = Units.override(unit.row(), Override.KindCase.DISABLED);
        if (disabled != null) {
            return Reasons.of(
                    ReasonCode.DISABLED,
                    unit.unitName() + " is disabled" + byAndWhy(disabled),
                    List.of(unit.key()),
                    "quorate enable " + unit.unitName());
        }
        return Reasons.of(
                ReasonCode.STOPPED_BY_FILE,
                "the file of " + unit.unitName() + " says stopped",
                List.of(unit.key()),
                "quorate get " + unit.key() + " -o yaml");
    }

    static Reason override(UnitView unit, Override override) {
        String text = switch (override.getKindCase()) {
            case DISABLED -> "disabled";
            case MAINTENANCE -> "in maintenance";
            case PIN ->
                (override.getPin().getPromoted() ? "promoted where it is pinned to: " : "pinned to ")
                        + override.getPin().getNode();
            case KIND_NOT_SET -> "overridden";
        };
        String next = switch (override.getKindCase()) {
            case DISABLED -> "quorate enable " + unit.unitName();
            case PIN -> "quorate unpin " + unit.unitName();
            case MAINTENANCE -> "quorate maintain " + unit.unitName() + " --end";
            case KIND_NOT_SET -> "quorate get " + unit.key() + " -o yaml";
        };
        Reason reason = Reasons.of(
                ReasonCode.OVERRIDE, unit.unitName() + " is " + text + byAndWhy(override), List.of(unit.key()), next);
        return override.hasSince()
                ? reason.toBuilder().setSince(override.getSince()).build()
                : reason;
    }

    static Reason maintenance(Survey survey, UnitView unit) {
        NodeRow node = survey.ownerInMaintenance(unit);
        if (node != null && !Units.isInMaintenance(unit.row())) {
            return Reasons.of(
                    ReasonCode.MAINTENANCE,
                    unit.name() + " is let be: " + node.getName() + " is in maintenance",
                    List.of(unit.key(), Keys.node(node.getName())),
                    "quorate node maintenance " + node.getName() + " --end");
        }
        Override override = Units.override(unit.row(), Override.KindCase.MAINTENANCE);
        return Reasons.of(
                ReasonCode.MAINTENANCE,
                unit.unitName() + " is in maintenance" + (override == null ? "" : byAndWhy(override)),
                List.of(unit.key()),
                "quorate maintain " + unit.unitName() + " --end");
    }

    private static String byAndWhy(Override override) {
        String by = override.getBy().isEmpty() ? "" : " by " + override.getBy();
        return override.getReason().isEmpty() ? by : by + ": " + override.getReason();
    }

    static Reason paused(ClusterState state) {
        PauseRow pause = state.meta().getPause();
        String by = pause.getBy().isEmpty() ? "" : " by " + pause.getBy();
        String why = pause.getReason().isEmpty() ? "" : ": " + pause.getReason();
        return Reasons.since(
                Reasons.of(ReasonCode.PAUSED, "the cluster is paused" + by + why, List.of(), "quorate resume"),
                pause.getSince());
    }

    static Reason starting(UnitView unit, OwnershipRow ownership) {
        return Reasons.since(
                Reasons.of(
                        ReasonCode.STARTING,
                        ownership.getNode() + " is starting " + unit.name() + " with token "
                                + Tokens.format(ownership.getToken()),
                        List.of(unit.key(), Keys.node(ownership.getNode())),
                        "quorate logs " + unit.unitName()),
                ownership.getGranted());
    }

    static Reason releasing(UnitView unit, OwnershipRow ownership) {
        return Reasons.of(
                ReasonCode.RELEASING,
                ownership.getNode() + " is stopping " + unit.name(),
                List.of(unit.key(), Keys.node(ownership.getNode())),
                "quorate logs " + unit.unitName());
    }

    static Reason waitingForProbe(UnitView unit, List<String> nodes) {
        return Reasons.of(
                ReasonCode.WAITING_FOR_PROBE,
                unit.name() + " waits until " + String.join(", ", nodes) + " said whether it runs there",
                withNodes(unit, nodes),
                explain(unit));
    }

    static Reason waitingForJoin(UnitView unit, NodeRow node) {
        return Reasons.since(
                Reasons.of(
                        ReasonCode.WAITING_FOR_JOIN,
                        node.getName() + " registered again and is checking whether " + unit.name() + " runs there",
                        List.of(unit.key(), Keys.node(node.getName())),
                        "quorate get " + Keys.node(node.getName())),
                node.getPhaseSince());
    }

    static Reason waitingForLease(UnitView unit, NodeRow node) {
        return Reasons.since(
                Reasons.of(
                        ReasonCode.WAITING_FOR_LEASE,
                        node.getName() + " is lost; " + unit.name() + " is bestEffort and moves when its lease is over",
                        List.of(unit.key(), Keys.node(node.getName())),
                        "quorate get " + Keys.node(node.getName())),
                node.getPhaseSince());
    }

    static Reason waitingForFence(UnitView unit, NodeRow node, FenceTicketRow ticket) {
        String attempts = ticket.getAttempts() == 0 ? "" : ", " + ticket.getAttempts() + " attempts so far";
        return Reasons.since(
                Reasons.of(
                        ReasonCode.WAITING_FOR_FENCE,
                        unit.name() + " is owned by " + node.getName() + " (" + NodeWords.phase(node.getPhase())
                                + ") and waits for " + ticket.getId() + attempts,
                        List.of(unit.key(), Keys.node(node.getName()), Keys.TICKETS + ticket.getId()),
                        NodeReasons.confirmIfLost(node)),
                ticket.getRequested());
    }

    static Reason stormBrake(UnitView unit, NodeRow node, Collection<String> fenced) {
        return Reasons.of(
                ReasonCode.STORM_BRAKE,
                unit.name() + " waits for the fence of " + node.getName() + ", which needs a person: already fenced "
                        + String.join(", ", fenced),
                List.of(unit.key(), Keys.node(node.getName())),
                "quorate node fence " + node.getName());
    }

    static Reason noEvidencePath(UnitView unit, NodeRow node, Reason why) {
        Reason reason = Reasons.of(
                ReasonCode.NO_EVIDENCE_PATH,
                why.getMessage() + "; no fence device can switch " + node.getName() + ", so " + unit.name()
                        + " waits for a person",
                List.of(unit.key(), Keys.node(node.getName())),
                NodeReasons.confirmIfLost(node));
        return node.getPhase() == NodePhase.NODE_PHASE_LOST ? Reasons.since(reason, node.getPhaseSince()) : reason;
    }

    static Reason wouldNotMove(UnitView unit, NodeRow node) {
        return Reasons.of(
                ReasonCode.NO_FENCE_PATH,
                unit.name() + " would not move if " + node.getName()
                        + " were lost: no fence device can switch it. It would wait for quorate fence confirm, unless"
                        + " its safety is bestEffort",
                List.of(unit.key(), Keys.node(node.getName())),
                "quorate help fencing");
    }

    static Reason notOnAnUpNode(UnitView unit) {
        return Reasons.of(
                ReasonCode.NOT_RUNNING, unit.name() + " is on no node that is up", List.of(unit.key()), explain(unit));
    }

    static Reason formerLife(UnitView unit, OwnershipRow ownership) {
        String node = ownership.getNode();
        return Reasons.of(
                ReasonCode.FORMER_LIFE,
                unit.name() + " is owned by an earlier life of " + node + " (incarnation " + ownership.getIncarnation()
                        + "), and nothing proves that it ended",
                List.of(unit.key(), Keys.node(node)),
                "quorate fence confirm " + node);
    }

    static Reason stopFailed(UnitView unit, NodeRow node) {
        return Reasons.of(
                ReasonCode.STOP_FAILED,
                node.getName() + " could not stop " + unit.name() + ": it may still run there",
                List.of(unit.key(), Keys.node(node.getName())),
                "quorate logs " + unit.unitName() + " --on " + node.getName());
    }

    static Reason multipleActive(ClusterState state, UnitView unit, Collection<String> nodes) {
        return Reasons.of(
                ReasonCode.MULTIPLE_ACTIVE,
                unit.name() + (isSure(state, unit, nodes) ? " was found running on " : " may run on ")
                        + String.join(", ", nodes) + " without being owned there: "
                        + whatIsDone(state, unit, nodes),
                withNodes(unit, nodes),
                explain(unit));
    }

    static Reason foundElsewhere(ClusterState state, UnitView unit, Collection<String> nodes) {
        return Reasons.of(
                ReasonCode.FOUND_ELSEWHERE,
                unit.name() + (isSure(state, unit, nodes) ? " was also found running on " : " may also run on ")
                        + String.join(", ", nodes) + ": "
                        + whatIsDone(state, unit, nodes),
                withNodes(unit, nodes),
                explain(unit));
    }

    private static String whatIsDone(ClusterState state, UnitView unit, Collection<String> nodes) {
        if (!Units.isStoppedWhereFound(unit.row())) {
            return "stop it there";
        }
        String waits = nodes.stream()
                .map(state::node)
                .filter(Objects::nonNull)
                .flatMap(node -> found(unit, node)
                        .map(found -> Units.whatKeepsAStop(state, unit.row(), node, found))
                        .filter(Objects::nonNull)
                        .map(held -> inWords(held, unit, node.getName())))
                .distinct()
                .collect(Collectors.joining(", "));
        return waits.isEmpty()
                ? "it is stopped there (multipleActive)"
                : "it is stopped there (multipleActive), but not while " + waits;
    }

    private static boolean isSure(ClusterState state, UnitView unit, Collection<String> nodes) {
        return nodes.stream()
                .map(state::node)
                .filter(Objects::nonNull)
                .flatMap(node -> found(unit, node))
                .anyMatch(FoundRow::getRunning);
    }

    private static Stream<FoundRow> found(UnitView unit, NodeRow node) {
        return node.getFoundList().stream().filter(found -> found.getInstance().equals(unit.name()));
    }

    private static String inWords(StopHeld held, UnitView unit, String node) {
        return switch (held) {
            case CLUSTER_PAUSED -> "the cluster is paused";
            case UNIT_IN_MAINTENANCE -> unit.name() + " is in maintenance";
            case NODE_NOT_UP -> node + " is not up";
            case NODE_IN_MAINTENANCE -> node + " is in maintenance";
            case NOT_SURE -> node + " cannot tell whether it runs";
        };
    }

    static Reason failedAndHeld(ReasonCode code, UnitView unit, FailureRow failure) {
        String what = switch (code) {
            case ON_FAIL_STOP -> "it stays stopped (onFail: stop)";
            case ON_FAIL_BLOCK -> "nothing is done (onFail: block)";
            default -> "it is ignored (onFail: ignore)";
        };
        return Reasons.since(
                Reasons.of(
                        code,
                        failure.getMember() + " failed on " + failure.getNode() + " (" + inWords(failure.getLast())
                                + "): " + what,
                        List.of(unit.key(), Keys.node(failure.getNode())),
                        "quorate failures clear " + unit.unitName()),
                failure.getLastAt());
    }

    static Reason failedTooOften(UnitView unit, NodeRow node, MemberRowStatus failed) {
        return Reasons.of(
                ReasonCode.FAILED_TOO_OFTEN,
                unit.name() + " failed " + times(Failures.countOn(unit, node.getName())) + " on " + node.getName()
                        + " (" + failed.getResource() + ": " + inWords(failed.getLastFailure()) + ")",
                List.of(unit.key(), Keys.node(node.getName())),
                "quorate failures clear " + unit.unitName());
    }

    static Reason recovering(UnitView unit, NodeRow node, MemberRowStatus failed) {
        return Reasons.since(
                Reasons.of(
                        ReasonCode.RECOVERING,
                        failed.getResource() + " failed on " + node.getName() + " (" + inWords(failed.getLastFailure())
                                + ") and is started again there",
                        List.of(unit.key(), Keys.node(node.getName())),
                        logs(failed, node)),
                failed.getSince());
    }

    static Reason backoff(UnitView unit, NodeRow node, MemberRowStatus failed, long millis) {
        int count = Failures.countOn(unit, node.getName());
        return Reasons.since(
                Reasons.of(
                        ReasonCode.RESTART_BACKOFF,
                        failed.getResource() + " failed on " + node.getName() + " ("
                                + inWords(failed.getLastFailure()) + "), failure " + count + " there: next start "
                                + millis / 1_000.0 + " s after it",
                        List.of(unit.key(), Keys.node(node.getName())),
                        logs(failed, node)),
                failed.getSince());
    }

    static Reason forgotten(UnitView unit, FailureRow failure) {
        return Reasons.of(
                ReasonCode.FAILURES_FORGOTTEN,
                failure.getMember() + " has not failed on " + failure.getNode() + " for "
                        + Units.forgetAfterMillis(unit.row()) / 1_000 + " s",
                List.of(unit.key(), Keys.node(failure.getNode())),
                explain(unit));
    }

    static String times(int count) {
        return count == 1 ? "once" : count + " times";
    }

    static String inWords(OperationResult result) {
        String operation = result.getOperation().isEmpty() ? "no operation on record" : result.getOperation();
        String exit = result.getExitName().isEmpty() ? "" : ": " + result.getExitName();
        String why = result.getExitReason().isEmpty() ? "" : ", " + result.getExitReason();
        return operation + exit + why;
    }

    private static String logs(MemberRowStatus failed, NodeRow node) {
        return "quorate logs " + failed.getResource() + " --on " + node.getName();
    }

    private static String explain(UnitView unit) {
        return "quorate explain " + unit.unitName();
    }

    private static List<String> both(UnitView unit, Candidate here, Candidate other) {
        return List.of(
                unit.key(),
                Keys.node(here.node().getName()),
                Keys.node(other.node().getName()));
    }

    private static List<String> withNodes(UnitView unit, Collection<String> nodes) {
        List<String> objects = new ArrayList<>();
        objects.add(unit.key());
        nodes.forEach(node -> objects.add(Keys.node(node)));
        return objects;
    }
}
