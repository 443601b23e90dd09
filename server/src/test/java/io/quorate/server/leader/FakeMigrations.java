package io.quorate.server.leader;

import io.quorate.agent.v1.DesiredInstance;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one machine of the {@link World} has of live migrations: operations that take their time whether or not anybody waits
 * for them, what came from elsewhere, and the records that an agent keeps over its own death. An operation is done once, and
 * one of which no agent saw the end has failed.
 */
final class FakeMigrations {

    /** How the operations of a migration go, whose middle is the moment in which the service changes nodes. */
    enum Journey {
        /** It runs at the target from the middle of migrate_to on. */
        ARRIVES,
        /** migrate_to fails, and the service runs on where it is. */
        NEVER_LEAVES,
        /** migrate_to fails at its end: the service runs at the target. */
        LEAVES_UNNOTICED,
        /** migrate_from fails, though the service runs there. */
        IS_NOT_WELCOME
    }

    private enum Phase {
        SENDING,
        SENT,
        AWAITED,
        ARRIVING,
        ARRIVED,
        FAILED
    }

    /** The agent's record of its part of one migration. */
    private static final class Half {
        private final long token;
        /** Where it goes; empty: it comes here. */
        private final String target;
        /** Of what is sent: the token of what is to arrive. */
        private final long departure;

        private Phase phase;
        private String failedOperation = "";
        private Journey journey = Journey.ARRIVES;
        private long middleNanos;
        private long endNanos;
        private boolean pastMiddle;

        private Half(long token, String target, long departure, Phase phase) {
            this.token = token;
            this.target = target;
            this.departure = departure;
            this.phase = phase;
        }

        private boolean isBusy() {
            return phase == Phase.SENDING || phase == Phase.ARRIVING;
        }
    }

    private final World world;
    /** What the agent started or took over, as in {@link FakeAgent#running()}. */
    private final Map<String, Long> running;

    /** What the present agent process counted. */
    private final Map<String, Long> failures;

    private final Map<String, Half> halves = new TreeMap<>();
    private final Set<String> unclaimed = new TreeSet<>();

    FakeMigrations(World world, Map<String, Long> running, Map<String, Long> failures) {
        this.world = world;
        this.running = running;
        this.failures = failures;
    }

    /** What came here from other nodes and runs, and was taken over by no agent. */
    Set<String> unclaimed() {
        return unclaimed;
    }

    /** Somebody stops what came here. */
    void stopUnclaimed(String instance) {
        unclaimed.remove(instance);
    }

    Set<String> recorded() {
        return Set.copyOf(halves.keySet());
    }

    /** The machine lost its power; the records are of no use to the next boot. */
    void powerOff() {
        halves.clear();
        unclaimed.clear();
    }

    /** Lets operations go on; true when one has ended. */
    boolean step(long nowNanos) {
        boolean ended = false;
        for (String instance : new ArrayList<>(halves.keySet())) {
            Half half = halves.get(instance);
            if (half != null && half.isBusy()) {
                passMiddle(instance, half, nowNanos);
                ended |= end(instance, half, nowNanos);
            }
        }
        return ended;
    }

    private void passMiddle(String instance, Half half, long nowNanos) {
        if (half.pastMiddle || nowNanos < half.middleNanos) {
            return;
        }
        half.pastMiddle = true;
        boolean leaves = half.phase == Phase.SENDING && half.journey != Journey.NEVER_LEAVES;
        if (leaves && running.containsKey(instance) && world.agent(half.target).receive(instance)) {
            running.remove(instance);
        } else if (leaves) {
            half.journey = Journey.NEVER_LEAVES;
        }
    }

    private boolean end(String instance, Half half, long nowNanos) {
        if (nowNanos < half.endNanos) {
            return false;
        }
        if (half.phase == Phase.SENDING) {
            if (half.journey == Journey.NEVER_LEAVES || half.journey == Journey.LEAVES_UNNOTICED) {
                fail(instance, half, "migrate_to");
            } else {
                half.phase = Phase.SENT;
            }
        } else if (half.journey == Journey.IS_NOT_WELCOME || !unclaimed.remove(instance)) {
            fail(instance, half, "migrate_from");
        } else {
            running.put(instance, half.token);
            half.phase = Phase.ARRIVED;
        }
        return true;
    }

    private void fail(String instance, Half half, String operation) {
        half.phase = Phase.FAILED;
        half.failedOperation = operation;
        failures.merge(instance, 1L, Long::sum);
    }

    /** Another agent process: it ends what an earlier one was doing, does none of it again, and counts for itself. */
    void endOrphans() {
        halves.forEach((instance, half) -> {
            if (half.isBusy() || half.phase == Phase.FAILED) {
                fail(instance, half, half.target.isEmpty() ? "migrate_from" : "migrate_to");
            }
        });
    }

    /** OneOp: nothing else is done with it, and nothing concluded. */
    boolean isBusy(String instance) {
        Half half = halves.get(instance);
        return half != null && half.isBusy();
    }

    /** The token under which this node has a half of a migration; 0: it has none. */
    long token(String instance) {
        Half half = halves.get(instance);
        return half == null ? 0 : half.token;
    }

    /** Whether no monitor watches it: on its way it may rightly say that it does not run here. */
    boolean isUnwatched(String instance) {
        Half half = halves.get(instance);
        return half != null && half.phase != Phase.ARRIVED;
    }

    /** A monitor found that what has arrived does not run any more; false when nothing has arrived. */
    boolean failMonitor(String instance) {
        Half half = halves.get(instance);
        if (half == null) {
            return false;
        }
        fail(instance, half, "monitor");
        return true;
    }

    /** The record ends with a stop, which stops what came here as well. */
    void forget(String instance) {
        halves.remove(instance);
        unclaimed.remove(instance);
    }

    /**
     * Does what is desired of a half: sends, receives, or waits.
     *
     * @param mayBegin an operation may be begun now
     * @return false when the instance is not, or no longer, on its way: it is to be treated as any other
     */
    boolean obey(DesiredInstance desired, boolean mayBegin, long nowNanos) {
        String instance = desired.getInstance();
        long token = desired.getToken().getNumber();
        if (desired.getArrivesFrom().isEmpty() && hasCome(instance)) {
            halves.remove(instance);
        }
        Half half = halves.get(instance);
        if (half == null && !desired.getArrivesFrom().isEmpty()) {
            half = new Half(token, "", 0, Phase.AWAITED);
            halves.put(instance, half);
        } else if (half == null && desired.hasMigrate() && mayBegin && running.containsKey(instance)) {
            half = new Half(
                    token,
                    desired.getMigrate().getToNode(),
                    desired.getMigrate().getTokenNumber(),
                    Phase.SENDING);
            halves.put(instance, half);
            begin(half, Phase.SENDING, nowNanos);
        }
        if (half == null) {
            return false;
        }
        if (half.phase == Phase.AWAITED && mayBegin) {
            begin(half, Phase.ARRIVING, nowNanos);
        }
        return true;
    }

    /** Its source has ended its part: it is an instance like any other. */
    private boolean hasCome(String instance) {
        Half half = halves.get(instance);
        return half != null && half.target.isEmpty();
    }

    private void begin(Half half, Phase phase, long nowNanos) {
        half.phase = phase;
        half.journey = world.journey();
        half.endNanos = nowNanos + world.journeyNanos();
        half.middleNanos = nowNanos + world.journeyNanos() / 2;
    }

    boolean hasFailed(String instance) {
        Half half = halves.get(instance);
        return half != null && half.phase == Phase.FAILED;
    }

    /** The state of a half, as it is reported. */
    RunState state(String instance) {
        Half half = halves.get(instance);
        return half == null
                ? RunState.RUN_STATE_UNKNOWN
                : switch (half.phase) {
                    case SENDING, SENT, ARRIVED -> RunState.RUN_STATE_RUNNING;
                    case AWAITED, ARRIVING -> RunState.RUN_STATE_STARTING;
                    case FAILED -> RunState.RUN_STATE_FAILED;
                };
    }

    /** The arrival for which it was sent successfully; 0: it was not. */
    long sentFor(String instance) {
        Half half = halves.get(instance);
        return half != null && half.phase == Phase.SENT ? half.departure : 0;
    }

    /** The operation of a half that failed; empty: none did. */
    String failedOperation(String instance) {
        Half half = halves.get(instance);
        return half == null ? "" : half.failedOperation;
    }
}
