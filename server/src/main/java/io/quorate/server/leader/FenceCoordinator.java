package io.quorate.server.leader;

import io.quorate.agent.v1.FenceOrder;
import io.quorate.agent.v1.FenceReport;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.ReportFence;
import io.quorate.server.leader.FenceProgress.Running;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.FencePaths;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Settings;
import io.quorate.v1.NodePhase;
import io.quorate.v1.TicketState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out open fence tickets: chooses an executor among the nodes in contact, orders one level of devices, waits,
 * and goes on until the ticket is closed, whoever asked for it. Which node is to be fenced is not decided here.
 */
final class FenceCoordinator {
    private static final Logger LOG = LoggerFactory.getLogger(FenceCoordinator.class);

    /** Added to a device's own time limit: the way of the order and of its report. */
    private static final long REPORT_MARGIN_MILLIS = 3_000;

    /** How often executors are looked at: one that is lost is replaced this soon after its silence is noticed. */
    private static final long TICK_MILLIS = 250;

    /** The third failure is the alarm of the operator's guide. */
    private static final int ALARM_FAILURES = 3;

    private static final class Ticket {
        private final FenceProgress progress;
        private @Nullable Running running;
        private EventQueue.@Nullable Timer timer;
        private boolean waiting;

        private Ticket(FenceProgress progress) {
            this.progress = progress;
        }
    }

    private final TermContext context;
    private final HeartbeatTable heartbeats;
    private final long startedNanos;
    private final Map<String, Ticket> tickets = new TreeMap<>();
    private final Set<Consumer<Throwable>> listening = new LinkedHashSet<>();
    private Consumer<String> touch = node -> {};
    private Predicate<String> answers = node -> true;
    private boolean ticking;

    FenceCoordinator(TermContext context, HeartbeatTable heartbeats) {
        this.context = context;
        this.heartbeats = heartbeats;
        this.startedNanos = context.nowNanos();
    }

    /**
     * Connects it with the publisher, which in turn takes its orders.
     *
     * @param nodeAnswers whether a node is in contact right now
     */
    void connect(Consumer<String> touchNode, Predicate<String> nodeAnswers) {
        touch = touchNode;
        answers = nodeAnswers;
    }

    /** Tickets, nodes or devices changed. */
    void evaluate() {
        ClusterState state = context.state();
        for (String id : List.copyOf(tickets.keySet())) {
            FenceTicketRow row = state.tickets().get(id);
            if (row == null || row.getState() != TicketState.TICKET_STATE_OPEN) {
                close(id);
            }
        }
        for (FenceTicketRow row : state.tickets().values()) {
            if (row.getState() == TicketState.TICKET_STATE_OPEN) {
                Ticket ticket =
                        tickets.computeIfAbsent(row.getId(), id -> new Ticket(new FenceProgress(row.getAttempts())));
                advance(row, ticket);
            }
        }
        if (!tickets.isEmpty() && !ticking) {
            ticking = true;
            context.after(TICK_MILLIS, "fence-tick", late -> {
                ticking = false;
                evaluate();
            });
        }
    }

    /** Adds the orders that a node shall execute to its work. */
    void addOrders(NodeRow node, StreamWorkResponse.Builder work) {
        tickets.forEach((id, ticket) -> {
            Running running = ticket.running;
            FenceTicketRow row = context.state().tickets().get(id);
            if (running == null || row == null || !running.executor().equals(node.getName())) {
                return;
            }
            FenceOrder.Builder order = FenceOrder.newBuilder()
                    .setTicket(id)
                    .setTargetNode(row.getNode())
                    .setTargetIncarnation(row.getIncarnation())
                    .setTimeout(Settings.duration(longestTimeoutMillis(running.devices())))
                    .setTerm(context.term())
                    .setAttempt(running.attempt());
            for (String device : running.devices()) {
                order.addDevices(WorkSets.deviceCall(context.state(), device, row.getNode()));
            }
            work.addFenceOrders(order);
        });
    }

    /** TicketFresh: whether this node is the one that shall switch the device now. */
    boolean isOrdered(String ticketId, String node) {
        Ticket ticket = tickets.get(ticketId);
        return ticket != null
                && ticket.running != null
                && ticket.running.executor().equals(node);
    }

    /**
     * An executor reports. "Off" counts at once for a node that this leader has known to be silent for long. One that was
     * in contact until now gets two more chances to renew, and one that this leader has not known for long the time to find
     * it; if it speaks, the report is contradicted (FenceContradicted).
     *
     * @param propose given the command when it is complete
     * @param otherwise told why, when the term ends before that
     */
    void report(
            ReportResultsRequest request,
            FenceReport report,
            Consumer<Command.Builder> propose,
            Consumer<Throwable> otherwise) {
        FenceTicketRow row = context.state().tickets().get(report.getTicket());
        long arrivedNanos = context.nowNanos();
        long suspectNanos = TermContext.millisToNanos(context.settings().suspectAfterMillis());
        long unknownNanos = startedNanos + suspectNanos - arrivedNanos;
        if (row == null || (unknownNanos <= 0 && !heardSince(row, arrivedNanos - suspectNanos))) {
            propose.accept(command(request, report, false));
            return;
        }
        long listenMillis =
                Math.max(2 * context.settings().renewEveryMillis(), TermContext.nanosToMillis(unknownNanos));
        listening.add(otherwise);
        context.after(listenMillis, "fence-listen", late -> {
            listening.remove(otherwise);
            propose.accept(command(request, report, heardSince(row, arrivedNanos)));
        });
    }

    /** The term is over: reports that still waited for renewals are told. */
    void end(Throwable why) {
        List<Consumer<Throwable>> left = List.copyOf(listening);
        listening.clear();
        left.forEach(waiter -> waiter.accept(why));
    }

    private static Command.Builder command(ReportResultsRequest request, FenceReport report, boolean targetAnswered) {
        return Command.newBuilder()
                .setReportFence(ReportFence.newBuilder()
                        .setExecutor(request.getNode())
                        .setExecutorIncarnation(request.getIncarnation())
                        .setExecutorSession(request.getSession())
                        .setReport(report)
                        .setTargetAnswered(targetAnswered));
    }

    /** The report is in the log: if its ticket is still open, that attempt has failed. */
    void reported(ReportResultsRequest request, FenceReport report) {
        context.refresh();
        Ticket ticket = tickets.get(report.getTicket());
        FenceTicketRow row = context.state().tickets().get(report.getTicket());
        if (ticket == null || row == null || ticket.running == null) {
            return;
        }
        boolean ordered = ticket.running.attempt() == report.getAttempt()
                && ticket.running.executor().equals(request.getNode())
                && ticket.running.executorSession() == request.getSession();
        if (row.getState() == TicketState.TICKET_STATE_OPEN && ordered) {
            attemptFailed(row, ticket, "its devices did not confirm \"off\"");
        }
    }

    private boolean heardSince(FenceTicketRow row, long sinceNanos) {
        return heartbeats
                .contact(row.getNode())
                .filter(contact -> contact.incarnation() == row.getIncarnation())
                .filter(contact -> contact.spoke() && contact.heardNanos() - sinceNanos > 0)
                .isPresent();
    }

    private void advance(FenceTicketRow row, Ticket ticket) {
        Running running = ticket.running;
        if (running != null && !canExecute(running.executor(), running.executorSession())) {
            LOG.info("fence {}: executor {} is gone, another takes over", row.getId(), running.executor());
            stop(ticket);
            ticket.waiting = false;
        }
        if (ticket.running == null && !ticket.waiting) {
            begin(row, ticket);
        }
    }

    private void begin(FenceTicketRow row, Ticket ticket) {
        List<List<String>> levels = FencePaths.levels(context.state(), row.getNode());
        List<NodeRow> executors = executors(row.getNode());
        if (levels.isEmpty() || executors.isEmpty()) {
            return;
        }
        List<String> devices = ticket.progress.devices(levels);
        int attempt = ticket.progress.begin();
        NodeRow executor = executors.get(ticket.progress.failures() % executors.size());
        ticket.running = new Running(executor.getName(), executor.getSession(), attempt, devices, context.nowNanos());
        context.counters().fenceAttempts.increment();
        LOG.info(
                "fence {} of {}: attempt {} by {} from {}",
                row.getId(),
                row.getNode(),
                attempt,
                devices,
                executor.getName());
        ticket.timer = context.after(attemptMillis(devices), "fence-timeout", late -> {
            FenceTicketRow now = context.state().tickets().get(row.getId());
            if (now != null && ticket.running != null && ticket.running.attempt() == attempt) {
                attemptFailed(now, ticket, "no report in time");
            }
        });
        touch.accept(executor.getName());
    }

    private void attemptFailed(FenceTicketRow row, Ticket ticket, String why) {
        context.counters().fenceFailures.increment();
        Settings settings = context.settings();
        int levels =
                Math.max(1, FencePaths.levels(context.state(), row.getNode()).size());
        long waitMillis =
                ticket.progress.failed(levels, 1 + settings.fenceRetriesPerLevel(), settings.fenceBackoffMaxMillis());
        if (ticket.progress.failures() == ALARM_FAILURES) {
            LOG.error("fencing {} failed {} times; it goes on", row.getNode(), ALARM_FAILURES);
        }
        LOG.warn("fence {} of {} failed: {}; next try in {} ms", row.getId(), row.getNode(), why, waitMillis);
        stop(ticket);
        ticket.waiting = true;
        ticket.timer = context.after(waitMillis, "fence-backoff", late -> {
            ticket.waiting = false;
            evaluate();
        });
    }

    private void stop(Ticket ticket) {
        Running running = ticket.running;
        ticket.running = null;
        if (ticket.timer != null) {
            ticket.timer.cancel();
            ticket.timer = null;
        }
        if (running != null) {
            touch.accept(running.executor());
        }
    }

    private void close(String id) {
        Ticket ticket = tickets.remove(id);
        if (ticket != null) {
            stop(ticket);
        }
    }

    /** Nodes that may switch the target: up, in contact, connected; the order of names keeps the choice stable. */
    private List<NodeRow> executors(String target) {
        List<NodeRow> result = new ArrayList<>();
        for (NodeRow node : context.state().nodes().values()) {
            if (!node.getName().equals(target) && canExecute(node.getName(), node.getSession())) {
                result.add(node);
            }
        }
        return result;
    }

    private boolean canExecute(String node, long session) {
        NodeRow row = context.state().node(node);
        return row != null
                && row.getPhase() == NodePhase.NODE_PHASE_UP
                && row.getSession() == session
                && answers.test(node);
    }

    /** The devices of a level are switched one after the other, each within the order's limit. */
    private long attemptMillis(List<String> devices) {
        return devices.size() * longestTimeoutMillis(devices) + REPORT_MARGIN_MILLIS;
    }

    private long longestTimeoutMillis(List<String> devices) {
        long longest = 0;
        for (String device : devices) {
            ObjectRow row = context.state().object(Keys.FENCE_DEVICES + device);
            longest = Math.max(
                    longest,
                    row != null && row.getFenceDevice().hasTimeout()
                            ? Settings.millis(row.getFenceDevice().getTimeout())
                            : context.settings().fenceAttemptTimeoutMillis());
        }
        return longest;
    }
}
