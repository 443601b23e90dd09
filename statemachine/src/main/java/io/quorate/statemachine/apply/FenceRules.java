package io.quorate.statemachine.apply;

import io.quorate.agent.v1.FenceDeviceResult;
import io.quorate.log.v1.AttemptRow;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.ConfirmFence;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ReportFence;
import io.quorate.log.v1.RequestFence;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.FencePaths;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Limits;
import io.quorate.statemachine.model.Settings;
import io.quorate.statemachine.model.SiteTickets;
import io.quorate.statemachine.model.StartupGrace;
import io.quorate.v1.Evidence;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.NodePhase;
import io.quorate.v1.RunState;
import io.quorate.v1.TicketState;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Fence tickets: asked for, tried, confirmed by a device or by a person. */
final class FenceRules {
    private FenceRules() {}

    static List<Rule<?>> all() {
        return List.of(
                new Rule<>(
                        CommandKind.REQUEST_FENCE,
                        Command::getRequestFence,
                        List.of(
                                NodeGuards.known(RequestFence::getNode),
                                new Guard<>(
                                        "FencedIncarnation",
                                        RejectCode.OLD_INCARNATION,
                                        (situation, request) ->
                                                lives(situation.state(), request.getNode(), request.getIncarnation())),
                                new Guard<>("NodeLost", RejectCode.NODE_NOT_LOST, FenceRules::lostUnlessPerson),
                                new Guard<>("NotPaused", RejectCode.PAUSED, FenceRules::notPaused),
                                new Guard<>("FencePath", RejectCode.NO_FENCE_PATH, FenceRules::hasPath),
                                new Guard<>("OneTicket", RejectCode.TICKET_EXISTS, FenceRules::oneTicket),
                                new Guard<>("StartupGrace", RejectCode.STARTUP_GRACE, FenceRules::startupGrace),
                                new Guard<>("StormBrake", RejectCode.STORM_BRAKE, FenceRules::stormBrake)),
                        FenceRules::request),
                new Rule<>(
                        CommandKind.REPORT_FENCE,
                        Command::getReportFence,
                        List.of(
                                ticketKnown(report -> report.getReport().getTicket()),
                                new Guard<>("Incarnation", RejectCode.OLD_SESSION, FenceRules::executorInContact),
                                new Guard<>("ExecutorUp", RejectCode.NODE_NOT_UP, FenceRules::executorUp),
                                new Guard<>("TicketFresh", RejectCode.TICKET_CLOSED, FenceRules::ticketFresh)),
                        FenceRules::reportAttempt),
                new Rule<>(
                        CommandKind.CONFIRM_FENCE,
                        Command::getConfirmFence,
                        List.of(
                                NodeGuards.known(ConfirmFence::getNode),
                                new Guard<>(
                                        "FencedIncarnation",
                                        RejectCode.OLD_INCARNATION,
                                        (situation, confirm) ->
                                                lives(situation.state(), confirm.getNode(), confirm.getIncarnation())),
                                new Guard<>(
                                        "NodeLost",
                                        RejectCode.NODE_NOT_LOST,
                                        (situation, confirm) ->
                                                isLost(situation.state(), confirm.getNode(), confirm.getIncarnation())),
                                new Guard<>("ConfirmNamed", RejectCode.NAME_NOT_TYPED, FenceRules::nameTyped),
                                new Guard<>("ConfirmAlive", RejectCode.STILL_ALIVE, FenceRules::notAlive)),
                        FenceRules::confirmByPerson));
    }

    /** A ticket or confirmation names a life of the node: the present one, or one that still owns something. */
    private static @Nullable Rejection lives(ClusterState state, String name, long incarnation) {
        NodeRow node = state.node(name);
        boolean known =
                node != null && (node.getIncarnation() == incarnation || Lives.formerLife(node, incarnation) != null);
        return known
                ? null
                : Rejection.of(
                        RejectCode.OLD_INCARNATION,
                        Keys.node(name),
                        name + " has no incarnation " + incarnation
                                + (node == null ? "" : ": it lives in incarnation " + node.getIncarnation()));
    }

    private static @Nullable Rejection isLost(ClusterState state, String name, long incarnation) {
        NodeRow node = state.node(name);
        boolean lost =
                node != null && (node.getPhase() == NodePhase.NODE_PHASE_LOST || node.getIncarnation() != incarnation);
        return lost
                ? null
                : Rejection.of(
                        RejectCode.NODE_NOT_LOST,
                        Keys.node(name),
                        name + " is " + (node == null ? "unknown" : Phases.words(node.getPhase())) + ", not lost");
    }

    /**
     * A node in contact is fenced without a person only when it failed at what it owns, a stop or a member, or when it owns
     * what lost a ticket for which its loss policy says fence.
     */
    private static @Nullable Rejection lostUnlessPerson(Situation situation, RequestFence request) {
        boolean mayBeUp = situation.byPerson()
                || Lives.owned(situation.state(), request.getNode(), request.getIncarnation()).stream()
                        .anyMatch(instance -> hasFailed(instance)
                                || SiteTickets.isLost(situation.state(), instance, LossPolicy.LOSS_POLICY_FENCE));
        return mayBeUp ? null : isLost(situation.state(), request.getNode(), request.getIncarnation());
    }

    private static boolean hasFailed(InstanceRow instance) {
        return instance.getOwnership().getStopFailed()
                || instance.getMembersList().stream()
                        .anyMatch(member -> member.getState() == RunState.RUN_STATE_FAILED);
    }

    private static @Nullable Rejection notPaused(Situation situation, RequestFence request) {
        return situation.byPerson() || !situation.state().isPaused()
                ? null
                : Rejection.of(RejectCode.PAUSED, "", "the cluster is paused: nothing is fenced")
                        .withNextStep("quorate resume");
    }

    private static @Nullable Rejection hasPath(Situation situation, RequestFence request) {
        return FencePaths.has(situation.state(), request.getNode())
                ? null
                : Rejection.of(
                                RejectCode.NO_FENCE_PATH,
                                Keys.node(request.getNode()),
                                "no fence device can switch " + request.getNode())
                        .withNextStep("quorate fence confirm " + request.getNode());
    }

    private static @Nullable Rejection oneTicket(Situation situation, RequestFence request) {
        for (FenceTicketRow ticket : situation.state().tickets().values()) {
            if (ticket.getNode().equals(request.getNode())
                    && ticket.getIncarnation() == request.getIncarnation()
                    && ticket.getState() == TicketState.TICKET_STATE_OPEN) {
                return Rejection.of(
                        RejectCode.TICKET_EXISTS,
                        Keys.TICKETS + ticket.getId(),
                        request.getNode() + " is being fenced already (" + ticket.getId() + ")");
            }
        }
        return null;
    }

    /** After a cold start a silent node may only be late: before the grace is over, fence only what was heard since. */
    private static @Nullable Rejection startupGrace(Situation situation, RequestFence request) {
        long rest = StartupGrace.restMillis(
                situation.state(), request.getNode(), situation.now().getLogMillis());
        return situation.byPerson() || rest == 0
                ? null
                : Rejection.of(
                        RejectCode.STARTUP_GRACE,
                        Keys.node(request.getNode()),
                        request.getNode() + " has not been heard since the cold start: fencing waits another " + rest
                                + " ms");
    }

    /** Never more than the allowed share of the nodes without a person; one is always allowed. */
    private static @Nullable Rejection stormBrake(Situation situation, RequestFence request) {
        ClusterState state = situation.state();
        if (situation.byPerson()) {
            return null;
        }
        NavigableSet<String> fenced = new TreeSet<>();
        for (FenceTicketRow ticket : state.tickets().values()) {
            NodeRow node = state.node(ticket.getNode());
            boolean open = ticket.getState() == TicketState.TICKET_STATE_OPEN;
            boolean stillDown = node != null
                    && (open || node.getPhase() != NodePhase.NODE_PHASE_UP)
                    && node.getIncarnation() == ticket.getIncarnation();
            boolean counts = ticket.getState() != TicketState.TICKET_STATE_CANCELLED && !ticket.getByPerson();
            if (counts && stillDown) {
                fenced.add(ticket.getNode());
            }
        }
        fenced.add(request.getNode());
        int allowed = Math.max(1, state.nodes().size() * state.settings().maxFencedSharePercent() / 100);
        return fenced.size() <= allowed
                ? null
                : Rejection.of(
                                RejectCode.STORM_BRAKE,
                                Keys.node(request.getNode()),
                                fenced.size() + " of " + state.nodes().size()
                                        + " nodes would be fenced; without a person at most " + allowed)
                        .withNextStep("quorate node fence " + request.getNode());
    }

    private static void request(Draft draft, RequestFence request, CommandResult.Builder result) {
        String id = "fence-" + draft.revision();
        boolean person = draft.actor().getKind() == io.quorate.log.v1.Actor.Kind.KIND_USER;
        draft.put(FenceTicketRow.newBuilder()
                .setId(id)
                .setNode(request.getNode())
                .setIncarnation(request.getIncarnation())
                .setState(TicketState.TICKET_STATE_OPEN)
                .setReason(request.getReason())
                .setRequested(draft.now())
                .setRequestedBy(draft.actor().getName())
                .setByPerson(person));
        draft.event(Events.of("FENCE_REQUESTED", Keys.node(request.getNode()))
                .setReason(request.getReason())
                .setText("fencing " + request.getNode()));
        trimTickets(draft);
        result.setObject(Keys.TICKETS + id);
    }

    private static void trimTickets(Draft draft) {
        List<FenceTicketRow> closed = new ArrayList<>();
        for (FenceTicketRow ticket : draft.state().tickets().values()) {
            if (ticket.getState() != TicketState.TICKET_STATE_OPEN) {
                closed.add(ticket);
            }
        }
        closed.sort((one, other) -> Long.compare(one.getRevision(), other.getRevision()));
        for (int i = 0; i < closed.size() - Limits.CLOSED_TICKETS; i++) {
            draft.deleteTicket(closed.get(i).getId());
        }
    }

    private static <P> Guard<P> ticketKnown(Function<P, String> id) {
        return new Guard<>(
                "TicketKnown",
                RejectCode.NOT_FOUND,
                (situation, payload) -> situation.state().tickets().containsKey(id.apply(payload))
                        ? null
                        : Rejection.of(
                                RejectCode.NOT_FOUND,
                                Keys.TICKETS + id.apply(payload),
                                "there is no fence ticket " + id.apply(payload)));
    }

    private static @Nullable Rejection executorInContact(Situation situation, ReportFence report) {
        NodeRow executor = situation.state().node(report.getExecutor());
        boolean current = executor != null
                && executor.getSession() == report.getExecutorSession()
                && executor.getIncarnation() == report.getExecutorIncarnation();
        return current
                ? null
                : Rejection.of(
                        RejectCode.OLD_SESSION,
                        Keys.node(report.getExecutor()),
                        "a later agent process of " + report.getExecutor() + " has registered");
    }

    /** A node that was given up, or the target itself, is no witness. */
    private static @Nullable Rejection executorUp(Situation situation, ReportFence report) {
        NodeRow executor = situation.state().node(report.getExecutor());
        FenceTicketRow ticket =
                situation.state().tickets().get(report.getReport().getTicket());
        boolean witness = executor != null
                && executor.getPhase() == NodePhase.NODE_PHASE_UP
                && (ticket == null || !ticket.getNode().equals(executor.getName()));
        return witness
                ? null
                : Rejection.of(
                        RejectCode.NODE_NOT_UP,
                        Keys.node(report.getExecutor()),
                        report.getExecutor() + " is not up, or is the node that is to be fenced: it proves nothing");
    }

    private static @Nullable Rejection ticketFresh(Situation situation, ReportFence report) {
        FenceTicketRow ticket =
                situation.state().tickets().get(report.getReport().getTicket());
        return ticket != null && ticket.getState() == TicketState.TICKET_STATE_OPEN
                ? null
                : Rejection.of(
                        RejectCode.TICKET_CLOSED,
                        Keys.TICKETS + report.getReport().getTicket(),
                        "the ticket is closed: its result no longer counts");
    }

    private static void reportAttempt(Draft draft, ReportFence report, CommandResult.Builder result) {
        FenceTicketRow ticket = Objects.requireNonNull(
                draft.state().tickets().get(report.getReport().getTicket()));
        FenceTicketRow.Builder row = ticket.toBuilder().setExecutor(report.getExecutor());
        List<AttemptRow> attempts = new ArrayList<>(row.getLastAttemptsList());
        for (FenceDeviceResult device : report.getReport().getDevicesList()) {
            attempts.add(AttemptRow.newBuilder()
                    .setDevice(device.getDevice())
                    .setExecutor(report.getExecutor())
                    .setExitCode(device.getExitCode())
                    .setOffReadBack(device.getOffReadBack())
                    .setOutputTail(device.getOutputTail())
                    .setTookMillis(Settings.millis(device.getTook()))
                    .setAt(draft.now())
                    .build());
        }
        int drop = Math.max(0, attempts.size() - Limits.TICKET_ATTEMPTS);
        row.clearLastAttempts()
                .addAllLastAttempts(attempts.subList(drop, attempts.size()))
                .setAttempts(row.getAttempts() + 1);
        boolean off = confirmsWholeLevel(draft.state(), ticket.getNode(), report);
        String devices = String.join("+", deviceNames(report));
        // FenceContradicted: a device that says "off" of a node that gave a sign of life afterwards is no evidence.
        if (off && !report.getTargetAnswered()) {
            draft.put(row);
            confirm(draft, row.build(), Evidence.EVIDENCE_FENCED, devices, result);
            return;
        }
        draft.put(row);
        draft.event(Events.of(off ? "FENCE_CONTRADICTED" : "FENCE_FAILED", Keys.node(ticket.getNode()))
                .setText(
                        off
                                ? devices + " says that " + ticket.getNode()
                                        + " is off, but the node gave a sign of life afterwards"
                                : "fencing " + ticket.getNode() + " by " + devices + " from " + report.getExecutor()
                                        + " failed (attempt " + row.getAttempts() + ")"));
    }

    private static List<String> deviceNames(ReportFence report) {
        return report.getReport().getDevicesList().stream()
                .map(FenceDeviceResult::getDevice)
                .toList();
    }

    /** "Off" counts when every device of one level of the node's plan read it back. */
    private static boolean confirmsWholeLevel(ClusterState state, String node, ReportFence report) {
        NavigableSet<String> confirmed = new TreeSet<>();
        for (FenceDeviceResult device : report.getReport().getDevicesList()) {
            if (device.getOffReadBack()) {
                confirmed.add(device.getDevice());
            }
        }
        return FencePaths.levels(state, node).stream().anyMatch(confirmed::containsAll);
    }

    /** Evidence (b): frees only what the ticket's incarnation owned. */
    private static void confirm(
            Draft draft, FenceTicketRow ticket, Evidence evidence, String by, CommandResult.Builder result) {
        draft.put(ticket.toBuilder()
                .setState(TicketState.TICKET_STATE_CONFIRMED)
                .setClosed(draft.now())
                .setConfirmedBy(by));
        end(draft, ticket.getNode(), ticket.getIncarnation(), evidence, by, result);
    }

    private static void end(
            Draft draft, String name, long incarnation, Evidence evidence, String by, CommandResult.Builder result) {
        NodeRow node = Objects.requireNonNull(draft.state().node(name));
        if (node.getIncarnation() == incarnation) {
            NodeRow.Builder row = node.toBuilder().setOffEvidence(evidence).clearFound();
            NodeRules.setPhase(draft, row, NodePhase.NODE_PHASE_OFF);
            draft.put(row);
            Sightings.settleAll(draft);
            ScoreRules.forgetNode(draft, name);
        }
        draft.event(
                Events.of(evidence == Evidence.EVIDENCE_FENCED ? "NODE_FENCED" : "NODE_CONFIRMED_OFF", Keys.node(name))
                        .setText(name + (evidence == Evidence.EVIDENCE_FENCED ? " fenced by " : " confirmed off by ")
                                + by + " (incarnation " + incarnation + ")"));
        result.addAllObjects(Lives.freeAll(draft, name, incarnation, evidence));
        Lives.dropEmptyLives(draft, name);
        Slots.fit(draft); // nothing is found on it any more
        UnitRules.removeAllDeleted(draft);
    }

    private static @Nullable Rejection nameTyped(Situation situation, ConfirmFence confirm) {
        return confirm.getTypedName().equals(confirm.getNode())
                ? null
                : Rejection.of(
                        RejectCode.NAME_NOT_TYPED,
                        Keys.node(confirm.getNode()),
                        "'" + confirm.getTypedName() + "' is not the name of the node");
    }

    private static @Nullable Rejection notAlive(Situation situation, ConfirmFence confirm) {
        return !confirm.getAlive() || confirm.getAlthoughAlive()
                ? null
                : Rejection.of(
                                RejectCode.STILL_ALIVE,
                                Keys.node(confirm.getNode()),
                                "something still answers at " + confirm.getNode())
                        .withNextStep("switch it off, or add --although-alive if you can see that it is off");
    }

    private static void confirmByPerson(Draft draft, ConfirmFence confirm, CommandResult.Builder result) {
        String person = draft.actor().getName();
        for (FenceTicketRow ticket : List.copyOf(draft.state().tickets().values())) {
            if (ticket.getNode().equals(confirm.getNode())
                    && ticket.getIncarnation() == confirm.getIncarnation()
                    && ticket.getState() == TicketState.TICKET_STATE_OPEN) {
                draft.put(ticket.toBuilder()
                        .setState(TicketState.TICKET_STATE_CONFIRMED)
                        .setClosed(draft.now())
                        .setConfirmedBy(person));
            }
        }
        end(draft, confirm.getNode(), confirm.getIncarnation(), Evidence.EVIDENCE_CONFIRMED_BY_PERSON, person, result);
    }
}
