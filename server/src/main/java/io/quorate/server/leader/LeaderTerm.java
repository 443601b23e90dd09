package io.quorate.server.leader;

import io.quorate.log.v1.BeginTerm;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.policy.Policy;
import io.quorate.statemachine.policy.ReadAttributes;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Everything that the leader knows beside the log during one term. Made when leadership is ready, thrown away when it
 * ends: nothing of it reaches the next term. Belongs to the loop's thread.
 */
final class LeaderTerm {
    private static final Set<Change.RowCase> ALL = EnumSet.allOf(Change.RowCase.class);

    /** What decisions, operations and fencing depend on. */
    private static final Set<Change.RowCase> DECISIVE = EnumSet.of(
            Change.RowCase.META,
            Change.RowCase.SETTINGS,
            Change.RowCase.OBJECT,
            Change.RowCase.NODE,
            Change.RowCase.INSTANCE,
            Change.RowCase.TICKET,
            Change.RowCase.SITE_TICKET,
            Change.RowCase.OPERATION);

    private static final long BEGIN_AGAIN_MILLIS = 100;

    private final TermContext context;
    private ReadAttributes readAttributes;
    private final ColdStart coldStart;
    private final HeartbeatTable heartbeats = new HeartbeatTable();
    private final ConfirmationRounds rounds;
    private final LeaseAuthority leases;
    private final FailureDetector detector;
    private final FenceCoordinator fences;
    private final Inquiries inquiries;
    private final WorkPublisher publisher;
    private final DecisionPipeline decisions;
    private final OperationTracker operations;
    private final LeaseExpiry leaseExpiry;
    private boolean begun;

    LeaderTerm(TermContext context, Policy policy, ColdStart coldStart) {
        this.context = context;
        this.coldStart = coldStart;
        this.begun = !coldStart.isCold();
        rounds = new ConfirmationRounds(context);
        leases = new LeaseAuthority(context, heartbeats, rounds);
        detector = new FailureDetector(context, heartbeats, rounds);
        fences = new FenceCoordinator(context, heartbeats);
        inquiries = new Inquiries(context, heartbeats);
        publisher = new WorkPublisher(context, rounds, List.of(fences::addOrders, inquiries::addOrders));
        fences.connect(publisher::touch, this::answers);
        inquiries.connect(publisher::touch, publisher::isConnected);
        readAttributes = ReadAttributes.of(context.state());
        decisions = new DecisionPipeline(context, policy, this::answers);
        operations = new OperationTracker(context, decisions);
        decisions.connect(operations::evaluate);
        leaseExpiry = new LeaseExpiry(context, heartbeats);
    }

    /** @param ledUntilNanos when the newest sign of whoever led before was given */
    void start(long ledUntilNanos) {
        context.counters().terms.increment();
        long atMost = TermContext.millisToNanos(context.settings().startupGraceMillis());
        detector.start(coldStart.takeExtraNanos(context.nowNanos(), atMost), ledUntilNanos);
        begin();
        evaluate();
    }

    /** After a cold start nothing is decided before the log knows of the grace. */
    private void begin() {
        Command.Builder command = context.termBound()
                .setBeginTerm(BeginTerm.newBuilder()
                        .setMember(context.raft().memberId())
                        .setCold(coldStart.isCold()));
        context.propose("term-begun", command, outcome -> {
            if (outcome.isAccepted()) {
                coldStart.begun();
                begun = true;
                evaluate();
            } else {
                context.after(BEGIN_AGAIN_MILLIS, "begin-again", late -> begin());
            }
        });
    }

    void applied(ClusterState state, List<Commit> commits) {
        if (state.revision() >= context.state().revision()) {
            context.advance(state);
        }
        Set<Change.RowCase> changed = EnumSet.noneOf(Change.RowCase.class);
        commits.forEach(commit -> commit.changes().forEach(change -> changed.add(change.getRowCase())));
        if (commits.isEmpty()) {
            changed.addAll(ALL);
            publisher.touchAll();
        }
        publisher.committed(commits);
        if (changed.contains(Change.RowCase.NODE) || changed.contains(Change.RowCase.SETTINGS)) {
            detector.nodesChanged(context.state());
        }
        if (changed.contains(Change.RowCase.OBJECT) || changed.contains(Change.RowCase.SETTINGS)) {
            readAttributes = ReadAttributes.of(context.state());
        }
        boolean attributes = changed.contains(Change.RowCase.ATTRIBUTE) && (commits.isEmpty() || areRead(commits));
        changed.retainAll(DECISIVE);
        if (attributes || !changed.isEmpty()) {
            evaluate();
        }
    }

    /** Programs may keep what they like in attributes, and change it all the time: most decide nothing. */
    private boolean areRead(List<Commit> commits) {
        return commits.stream()
                .flatMap(commit -> commit.changes().stream())
                .anyMatch(change -> change.hasAttribute()
                        && readAttributes.has(change.getAttribute().getName()));
    }

    private void evaluate() {
        if (!begun) {
            return;
        }
        fences.evaluate();
        decisions.changed();
        operations.evaluate();
        leaseExpiry.evaluate();
    }

    /** Whether a node has its stream of work open and was heard within the time that makes it suspect. */
    private boolean answers(String node) {
        NodeRow row = context.state().node(node);
        return row != null
                && publisher.isConnected(node)
                && heartbeats.fresh(
                        node,
                        row.getIncarnation(),
                        context.nowNanos(),
                        TermContext.millisToNanos(context.settings().suspectAfterMillis()));
    }

    /** The term is over: whoever waits is told, everything else is forgotten. */
    void end(Throwable why) {
        context.end();
        publisher.end();
        rounds.end(why);
        fences.end(why);
        inquiries.end(why);
    }

    TermContext context() {
        return context;
    }

    HeartbeatTable heartbeats() {
        return heartbeats;
    }

    ConfirmationRounds rounds() {
        return rounds;
    }

    LeaseAuthority leases() {
        return leases;
    }

    FailureDetector detector() {
        return detector;
    }

    FenceCoordinator fences() {
        return fences;
    }

    Inquiries inquiries() {
        return inquiries;
    }

    WorkPublisher publisher() {
        return publisher;
    }
}
