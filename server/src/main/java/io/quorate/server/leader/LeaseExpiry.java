package io.quorate.server.leader;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.ExpireLease;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.NodePhase;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Evidence (e): frees bestEffort instances of lost nodes once lease and margin have passed on this leader's clock since
 * the last renewal that it accepted; a new leader counts from its own start (NewLeader, TermBound).
 */
final class LeaseExpiry {
    private static final long AGAIN_MILLIS = 1_000;

    private final TermContext context;
    private final HeartbeatTable heartbeats;
    private final long startedNanos;
    private final Set<String> expiring = new TreeSet<>();
    private EventQueue.@Nullable Timer timer;
    private long dueNanos;

    LeaseExpiry(TermContext context, HeartbeatTable heartbeats) {
        this.context = context;
        this.heartbeats = heartbeats;
        this.startedNanos = context.nowNanos();
    }

    /** Nodes or instances changed, or time has passed. */
    void evaluate() {
        ClusterState state = context.state();
        long nextMillis = Long.MAX_VALUE;
        for (InstanceRow instance : state.instances().values()) {
            ObjectRow unit = Units.of(state, instance);
            if (unit == null || Units.isExclusive(unit) || !ownerIsLost(state, instance)) {
                continue;
            }
            long waitedMillis = waitedMillis(instance);
            long leftMillis = Math.max(
                    state.settings().leaseWaitMillis(instance.getOwnership()) - waitedMillis,
                    state.settings().longerLeasesLeftMillis(instance.getOwnership(), context.logMillis()));
            if (leftMillis <= 0) {
                expire(instance, waitedMillis);
            } else {
                nextMillis = Math.min(nextMillis, leftMillis);
            }
        }
        if (nextMillis != Long.MAX_VALUE) {
            lookAgainAfter(nextMillis + 1);
        }
    }

    /** One timer, for the first that is over: a node that is lost later may have the shorter lease. */
    private void lookAgainAfter(long millis) {
        long wantedNanos = context.nowNanos() + TermContext.millisToNanos(millis);
        if (timer != null) {
            if (dueNanos <= wantedNanos) {
                return;
            }
            timer.cancel();
        }
        dueNanos = wantedNanos;
        timer = context.after(millis, "lease-expiry", late -> {
            timer = null;
            evaluate();
        });
    }

    private static boolean ownerIsLost(ClusterState state, InstanceRow instance) {
        NodeRow node = state.node(instance.getOwnership().getNode());
        return instance.hasOwnership()
                && node != null
                && node.getIncarnation() == instance.getOwnership().getIncarnation()
                && node.getPhase() == NodePhase.NODE_PHASE_LOST;
    }

    private long waitedMillis(InstanceRow instance) {
        long incarnation = instance.getOwnership().getIncarnation();
        long sinceNanos = heartbeats
                .contact(instance.getOwnership().getNode())
                .filter(contact -> contact.incarnation() == incarnation)
                .map(HeartbeatTable.Contact::acceptedNanos)
                .orElse(startedNanos);
        return TermContext.nanosToMillis(context.nowNanos() - sinceNanos);
    }

    private void expire(InstanceRow instance, long waitedMillis) {
        if (!expiring.add(instance.getId())) {
            return;
        }
        Command.Builder command = context.termBound()
                .addReadSet(context.read(Keys.node(instance.getOwnership().getNode())))
                .setExpireLease(ExpireLease.newBuilder()
                        .setInstance(instance.getId())
                        .setToken(instance.getOwnership().getToken())
                        .setWaitedMillis(waitedMillis));
        context.propose("lease-expired", command, outcome -> {
            if (outcome.isAccepted()) {
                expiring.remove(instance.getId());
            } else {
                context.after(AGAIN_MILLIS, "lease-expiry-again", late -> {
                    expiring.remove(instance.getId());
                    evaluate();
                });
            }
        });
    }
}
