package io.quorate.jepsen.sim;

import io.quorate.server.agent.exec.ProcessIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One machine with what really runs on it. Its services and operations go on without the agent, and end with the power. */
final class SimMachine {

    /** What a fence device does when it is told to switch this machine off. */
    enum Device {
        WORKS,
        /** It says that it failed, and switches nothing. */
        FAILS,
        /** It switches at once, and says so after half a minute. */
        CONFIRMS_LATE,
        /** It takes ten seconds to switch. */
        SLOW
    }

    /** What the next operation of a service does. */
    enum Mood {
        WELL,
        /** It fails, and nothing runs. */
        FAILS,
        /** It fails, and what was started runs. */
        FAILS_RUNNING,
        /** It takes ten times as long. */
        SLOW
    }

    /** Hears of what begins and ends to run. */
    interface Witness {
        void changed(SimMachine machine);

        void started(SimMachine machine, String service, long token);
    }

    /** A member that runs. */
    static final class Service {
        private final ProcessIdentity process;
        private final long token;
        private boolean promoted;

        private Service(ProcessIdentity process, long token) {
            this.process = process;
            this.token = token;
        }

        ProcessIdentity process() {
            return process;
        }

        long token() {
            return token;
        }

        boolean promoted() {
            return promoted;
        }
    }

    /** An operation that is under way: it has its effect at its end, unless it is killed before. */
    final class Op {
        private final ProcessIdentity process;
        private final String service;
        private final boolean among;
        private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

        private Op(ProcessIdentity process, String service, boolean among) {
            this.process = process;
            this.service = service;
            this.among = among;
        }

        ProcessIdentity process() {
            return process;
        }

        /** True when it came to its end, false when it was killed. */
        CompletableFuture<Boolean> ended() {
            return ended;
        }

        private void kill() {
            if (ops.remove(this)) {
                ended.complete(false);
            }
        }
    }

    private final String name;
    private final Timeline timeline;
    private final SplittableRandom random;
    private final Witness witness;
    private final SimClock clock;
    private final Map<String, Service> services = new TreeMap<>();
    private final List<Op> ops = new ArrayList<>();
    private final Map<String, Mood> moods = new TreeMap<>();
    private boolean power = true;
    private int boot = 1;
    private long pids;
    private Device device = Device.WORKS;
    private @Nullable Runnable onStart;

    SimMachine(String name, Timeline timeline, SplittableRandom random, SimClock clock, Witness witness) {
        this.name = name;
        this.timeline = timeline;
        this.random = random;
        this.clock = clock;
        this.witness = witness;
    }

    String name() {
        return name;
    }

    SimClock clock() {
        return clock;
    }

    boolean isOn() {
        return power;
    }

    String bootId() {
        return name + "-boot-" + boot;
    }

    Device device() {
        return device;
    }

    void setDevice(Device behaviour) {
        device = behaviour;
    }

    /** How the next operation of a service goes that may begin something. */
    void setMood(String service, Mood mood) {
        moods.put(service, mood);
    }

    Mood takeMood(String service) {
        @Nullable Mood mood = moods.remove(service);
        return mood == null ? Mood.WELL : mood;
    }

    void forgetMoods() {
        moods.clear();
        onStart = null;
    }

    /** Is told once, when an operation begins that may make something run, and which takes ten times as long. */
    void onNextStart(Runnable told) {
        onStart = told;
    }

    /** Whether anything is about to run. */
    boolean isStarting() {
        return ops.stream().anyMatch(op -> op.among);
    }

    Map<String, Service> services() {
        return services;
    }

    @Nullable
    Service service(String service) {
        return services.get(service);
    }

    void losePower() {
        power = false;
        services.clear();
        List.copyOf(ops).forEach(Op::kill);
        witness.changed(this);
    }

    void bootAgain() {
        power = true;
        boot++;
    }

    /** It dies by itself. */
    void crash(String service) {
        services.remove(service);
        witness.changed(this);
    }

    /**
     * Begins an operation, a process of its own.
     *
     * @param among it runs among the processes of the service, as a start does
     */
    Op begin(String service, boolean among, long tookNanos, Runnable effect) {
        Op op = new Op(new ProcessIdentity(++pids, timeline.nowNanos()), service, among);
        ops.add(op);
        Runnable told = onStart;
        long lasts = tookNanos;
        if (among && told != null) {
            onStart = null;
            told.run();
            lasts = 10 * tookNanos;
        }
        timeline.after(lasts, () -> {
            if (ops.remove(op)) {
                effect.run();
                op.ended.complete(true);
            }
        });
        return op;
    }

    void run(String service, long token) {
        services.put(service, new Service(new ProcessIdentity(++pids, timeline.nowNanos()), token));
        witness.started(this, service, token);
        witness.changed(this);
    }

    void end(String service) {
        services.remove(service);
        witness.changed(this);
    }

    void promote(String service, boolean promoted) {
        @Nullable Service running = services.get(service);
        if (running != null) {
            running.promoted = promoted;
            witness.changed(this);
        }
    }

    /** Processes of a service, or of its operations that are not among them. */
    List<ProcessIdentity> processes(String service, boolean among) {
        List<ProcessIdentity> all = new ArrayList<>();
        if (among && services.containsKey(service)) {
            all.add(services.get(service).process());
        }
        ops.stream()
                .filter(op -> op.service.equals(service) && op.among == among)
                .forEach(op -> all.add(op.process));
        return all;
    }

    void killAll(String service, boolean among) {
        List.copyOf(ops).stream()
                .filter(op -> op.service.equals(service) && op.among == among)
                .forEach(Op::kill);
        if (among && services.containsKey(service)) {
            end(service);
        }
    }

    void kill(ProcessIdentity process) {
        List.copyOf(ops).stream().filter(op -> op.process.equals(process)).forEach(Op::kill);
    }

    long durationNanos(long usualNanos) {
        return usualNanos / 2 + random.nextLong(usualNanos);
    }
}
