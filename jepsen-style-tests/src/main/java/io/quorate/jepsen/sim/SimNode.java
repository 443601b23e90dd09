package io.quorate.jepsen.sim;

import com.google.protobuf.ByteString;
import io.quorate.agent.v1.MachineIdentity;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.server.agent.Agent;
import io.quorate.server.agent.AgentParts;
import io.quorate.server.agent.AgentThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The agent of one machine: the production agent, process after process, over one directory. */
final class SimNode {
    private static final long DISPATCH_NANOS = 100_000;
    private static final long PAUSED_NANOS = 20 * Timeline.MILLI;

    /** Makes what each process is given anew. */
    interface Givens {
        SimLink link(SimMachine machine);

        SimHands hands(SimMachine machine, Fibers.Group fibers);
    }

    private final SimMachine machine;
    private final Path data;
    private final Timeline timeline;
    private final Fibers fibers;
    private final SplittableRandom random;
    private final Givens givens;
    private final Consumer<String> onDefect;
    private @Nullable Life process;
    private boolean paused;
    private int processes;

    private record Life(int number, Agent agent, SimLink link, Fibers.Group group) {}

    SimNode(
            SimMachine machine,
            Path data,
            Timeline timeline,
            Fibers fibers,
            SplittableRandom random,
            Givens givens,
            Consumer<String> onDefect) {
        this.machine = machine;
        this.data = data;
        this.timeline = timeline;
        this.fibers = fibers;
        this.random = random;
        this.givens = givens;
        this.onDefect = onDefect;
    }

    String name() {
        return machine.name();
    }

    SimMachine machine() {
        return machine;
    }

    boolean isRunning() {
        return process != null;
    }

    boolean isPaused() {
        return paused;
    }

    @Nullable
    SimLink link() {
        return process == null ? null : process.link();
    }

    /** Its agent begins; what an earlier one left is in the directory and on the machine. */
    void start() {
        if (process != null || !machine.isOn()) {
            return;
        }
        int number = ++processes;
        Fibers.Group group = fibers.new Group();
        SimLink link = givens.link(machine);
        SimHands hands = givens.hands(machine, group);
        try {
            Agent agent = Agent.open(
                    data,
                    name(),
                    machine.bootId(),
                    new Machine(hands, number),
                    new Agent.Surroundings(
                            link,
                            machine.clock(),
                            new Threads(number, group),
                            random,
                            () -> onDefect.accept(name() + ": its agent ended itself")));
            process = new Life(number, agent, link, group);
            agent.begin();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As kill -9 does it: what it runs goes on. */
    void kill() {
        Life gone = process;
        process = null;
        paused = false;
        if (gone != null) {
            gone.link().close();
            gone.group().kill();
            try {
                gone.agent().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    void pause(boolean pause) {
        paused = pause;
        if (process != null) {
            process.group().pause(pause);
        }
    }

    /** Whether its agent counts on its lease. */
    boolean believesInLease() {
        Life now = process;
        return now != null && now.agent().leaseEndNanos() > machine.clock().monotonicNanos();
    }

    /** The number of events that were due. */
    int run() {
        Life now = process;
        if (now == null || paused) {
            return 0;
        }
        try {
            return now.agent().runUntilIdle();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** When its next timer is due, in virtual time. */
    long nextNanos() {
        return process == null || paused
                ? Long.MAX_VALUE
                : machine.clock().virtual(process.agent().nextTimerNanos());
    }

    private boolean lives(int number) {
        return process != null && process.number() == number;
    }

    private final class Machine implements Agent.Machine {
        private final SimHands hands;
        private final int number;

        Machine(SimHands hands, int number) {
            this.hands = hands;
            this.number = number;
        }

        @Override
        public AgentParts parts(String agentId) throws IOException {
            return hands.parts(data);
        }

        @Override
        public Function<String, RegisterAgentRequest.Builder> registration() {
            return cluster -> RegisterAgentRequest.newBuilder()
                    .setProcessId(ByteString.copyFromUtf8(name() + "-" + number))
                    .setClusterId(cluster)
                    .setNode(name())
                    .setMachine(MachineIdentity.newBuilder()
                            .setMachineId("machine-" + name())
                            .setBootId(machine.bootId()))
                    .setLevelMin(1)
                    .setLevelMax(1);
        }
    }

    /** The threads of one process. */
    private final class Threads implements AgentThreads, AgentThreads.LeaseTimer {
        private final int number;
        private final Fibers.Group group;

        Threads(int number, Fibers.Group group) {
            this.number = number;
            this.group = group;
        }

        private Executor dispatch() {
            return job -> timeline.after(DISPATCH_NANOS, () -> begin(job));
        }

        private void begin(Runnable job) {
            if (lives(number) && paused) {
                timeline.after(PAUSED_NANOS, () -> begin(job));
            } else if (lives(number)) {
                group.start(job);
            }
        }

        @Override
        public Executor members() {
            return dispatch();
        }

        @Override
        public Executor starts() {
            return dispatch();
        }

        @Override
        public Executor orders() {
            return dispatch();
        }

        @Override
        public LeaseTimer leases() {
            return this;
        }

        @Override
        public <T> T await(CompletableFuture<T> answer) throws InterruptedException, ExecutionException {
            return group.await(answer);
        }

        @Override
        public Runnable every(Duration period, Runnable renewal) {
            boolean[] cancelled = new boolean[1];
            again(0, period.toNanos(), renewal, cancelled);
            return () -> cancelled[0] = true;
        }

        private void again(long delayNanos, long periodNanos, Runnable renewal, boolean[] cancelled) {
            timeline.after(delayNanos, () -> {
                if (!lives(number) || cancelled[0]) {
                    return;
                }
                if (paused) {
                    again(PAUSED_NANOS, periodNanos, renewal, cancelled);
                } else {
                    again(periodNanos, periodNanos, renewal, cancelled);
                    renewal.run();
                }
            });
        }

        @Override
        public void after(Duration delay, Runnable renewal) {
            timeline.after(delay.toNanos(), () -> {
                if (lives(number) && paused) {
                    after(Duration.ofNanos(PAUSED_NANOS), renewal);
                } else if (lives(number)) {
                    renewal.run();
                }
            });
        }

        @Override
        public void close() {}
    }
}
