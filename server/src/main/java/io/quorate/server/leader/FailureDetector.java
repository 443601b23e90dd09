package io.quorate.server.leader;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.DeclareNodeLost;
import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Settings;
import io.quorate.v1.NodePhase;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Declares nodes lost whose time is over. Never in a hurry when the leader itself was late or could not confirm itself,
 * and never by a former leader: what it declares carries the term (TermBound) and the revision of the node that it judged.
 */
final class FailureDetector {
    private static final Logger LOG = LoggerFactory.getLogger(FailureDetector.class);

    /** How often the table is looked at: the precision of every deadline in it. */
    private static final long TICK_MILLIS = 100;

    /** A barrier that takes longer keeps renewals from being answered, and the next ones from being sent. */
    private static final long PROMPT_MILLIS = 200;

    /** A declaration that was refused or lost is not made again before this. */
    private static final long AGAIN_MILLIS = 500;

    private final TermContext context;
    private final HeartbeatTable heartbeats;
    private final ConfirmationRounds rounds;
    private final Set<String> declaring = new TreeSet<>();
    private long ledUntilNanos;

    FailureDetector(TermContext context, HeartbeatTable heartbeats, ConfirmationRounds rounds) {
        this.context = context;
        this.heartbeats = heartbeats;
        this.rounds = rounds;
    }

    /**
     * Begins to watch: every node that should be in contact gets its full time from now (NewLeader).
     *
     * @param firstDeadlineExtraNanos more time for all, because they may need it to find this leader
     * @param ledUntil until when somebody led before; on the monotonic clock, in nanoseconds
     */
    void start(long firstDeadlineExtraNanos, long ledUntil) {
        ledUntilNanos = ledUntil;
        track(context.state(), true);
        heartbeats.extend(firstDeadlineExtraNanos);
        context.after(TICK_MILLIS, "heartbeat-tick", this::tick);
    }

    /** The nodes of the state changed. */
    void nodesChanged(ClusterState state) {
        track(state, false);
    }

    /** The agent's connection ended while its host still answered. */
    void connectionBroken(String node, long session) {
        Settings settings = context.settings();
        heartbeats.connectionBroken(
                node,
                session,
                context.nowNanos(),
                TermContext.millisToNanos(settings.suspectAfterMillis()),
                TermContext.millisToNanos(settings.reattachGraceMillis()));
    }

    /** How long a node may be silent. */
    static long timeoutMillis(NodeRow row, Settings settings) {
        return row.getDetaching()
                ? Math.max(Settings.DETACH_GRACE_MILLIS, settings.suspectAfterMillis())
                : settings.suspectAfterMillis();
    }

    private void track(ClusterState state, boolean firstOfTerm) {
        for (NodeRow row : state.nodes().values()) {
            // A lost one is listened to as well: it may yet contradict the device that calls it off.
            boolean lost = row.getPhase() == NodePhase.NODE_PHASE_LOST;
            if (LeaseAuthority.isInContact(row) || (firstOfTerm && lost)) {
                long timeoutNanos = TermContext.millisToNanos(timeoutMillis(row, state.settings()));
                heartbeats.track(row, context.nowNanos(), timeoutNanos, firstOfTerm);
            }
        }
        heartbeats.retain(state.nodes().keySet());
    }

    private void tick(long lateNanos) {
        long excused = Math.max(0, lateNanos);
        // An agent sends no renewal while an earlier one is unanswered: while we cannot confirm ourselves, all are
        // silent.
        if (rounds.takenNanos() > TermContext.millisToNanos(PROMPT_MILLIS)) {
            excused += TermContext.millisToNanos(TICK_MILLIS);
        }
        if (excused > 0) {
            heartbeats.extend(excused);
        }
        heartbeats.overdue(context.nowNanos()).forEach(this::declareLost);
        context.after(TICK_MILLIS, "heartbeat-tick", this::tick);
    }

    /**
     * Where the silence begins that history tells of. A node that this leader never heard was in contact as long as the
     * leader before was at work, above all that leader's own: the election counts, too. It has no part in deciding that
     * the node is lost (NewLeader).
     */
    private long lastAliveNanos(HeartbeatTable.Contact contact) {
        return contact.spoke() ? contact.heardNanos() : Math.min(contact.heardNanos(), ledUntilNanos);
    }

    private void declareLost(String node, HeartbeatTable.Contact contact) {
        NodeRow row = context.state().node(node);
        if (row == null
                || !LeaseAuthority.isInContact(row)
                || row.getIncarnation() != contact.incarnation()
                || row.getSession() != contact.session()
                || !declaring.add(node)) {
            return;
        }
        long silenceMillis = TermContext.nanosToMillis(context.nowNanos() - lastAliveNanos(contact));
        Command.Builder command = context.termBound()
                .addReadSet(context.read(Keys.node(node)))
                .setDeclareNodeLost(DeclareNodeLost.newBuilder()
                        .setNode(node)
                        .setIncarnation(contact.incarnation())
                        .setSilenceMillis(silenceMillis)
                        .setWhy(contact.suspicion()));
        context.propose("node-lost-decided", command, outcome -> {
            if (outcome.isAccepted()) {
                declaring.remove(node);
                context.counters().nodesDeclaredLost.increment();
                LOG.warn("node {} lost: {} for {} ms", node, contact.suspicion(), silenceMillis);
            } else {
                context.after(AGAIN_MILLIS, "node-lost-again", late -> declaring.remove(node));
            }
        });
    }
}
