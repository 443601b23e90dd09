package io.quorate.jepsen.sim;

import io.quorate.server.leader.AgentServiceImpl;
import io.quorate.server.leader.LeaderCounters;
import io.quorate.server.leader.LeaderLoop;
import io.quorate.statemachine.policy.DefaultPolicy;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The server of one machine: the production leader loop and agent plane on a simulated member of the log. */
final class SimServer {
    private static final long LOOK_NANOS = 2 * Timeline.MILLI;

    private final String name;
    private final Timeline timeline;
    private final SplittableRandom random;
    private final SimClock clock;
    private final SimRaft.Member raft;
    private final Consumer<String> onDefect;
    private @Nullable Life process;
    private boolean paused;
    private int processes;

    /** One life of the server's process. */
    record Life(int number, LeaderLoop loop, AgentServiceImpl service) {}

    SimServer(
            String name,
            Timeline timeline,
            SplittableRandom random,
            SimClock clock,
            SimRaft.Member raft,
            Consumer<String> onDefect) {
        this.name = name;
        this.timeline = timeline;
        this.random = random;
        this.clock = clock;
        this.raft = raft;
        this.onDefect = onDefect;
    }

    String name() {
        return name;
    }

    String endpoint() {
        return name + ":7403";
    }

    SimRaft.Member raft() {
        return raft;
    }

    @Nullable
    Life process() {
        return process;
    }

    boolean lives(Life life) {
        return process != null && process.number() == life.number();
    }

    boolean isPaused() {
        return paused;
    }

    void start() {
        int number = ++processes;
        raft.startProcess();
        LeaderLoop loop = new LeaderLoop(
                raft,
                clock,
                new DefaultPolicy(),
                // A look takes time, in which the state moves on.
                job -> timeline.after(random.nextLong(LOOK_NANOS), () -> {
                    if (process != null && process.number() == number) {
                        job.run();
                    }
                }),
                (lastWords, cause) -> onDefect.accept(name + " halted: " + lastWords + ": " + cause));
        loop.attach();
        process = new Life(number, loop, new AgentServiceImpl(raft, loop, clock));
    }

    /** As kill -9 does it: nothing is said to anybody. */
    void kill() {
        process = null;
        paused = false;
        raft.pause(false);
        raft.endProcess();
    }

    void pause(boolean pause) {
        paused = pause;
        raft.pause(pause);
    }

    /** The number of events that were due. */
    int run() {
        return process == null || paused ? 0 : process.loop().runUntilIdle();
    }

    /** When its next timer is due, in virtual time. */
    long nextNanos() {
        return process == null || paused
                ? Long.MAX_VALUE
                : clock.virtual(process.loop().nextTimerNanos());
    }

    @Nullable
    LeaderCounters counters() {
        return process == null ? null : process.loop().counters();
    }
}
