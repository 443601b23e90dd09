package io.quorate.jepsen.sim;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodePhase;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Three voters with agents, two machines with agents only, and everything that happens between them. */
final class SimWorld implements AutoCloseable {
    static final List<String> VOTERS = List.of("n1", "n2", "n3");
    static final List<String> NODES = List.of("n1", "n2", "n3", "n4", "n5");
    private static final long CLOCK_PPM = 500;
    private static final int QUIET_ROUNDS = 100_000;

    private final Timeline timeline = new Timeline();
    private final Fibers fibers = new Fibers(timeline);
    private final SplittableRandom random;
    private final Network network;
    private final SimRaft raft;
    private final Checks checks;
    private final Map<String, SimMachine> machines = new TreeMap<>();
    private final Map<String, SimServer> servers = new TreeMap<>();
    private final Map<String, SimNode> nodes = new TreeMap<>();
    private @Nullable Trace trace;
    private final Mutation mutation;
    private long duplicatePermille;
    private long events;
    private long commands;

    /** Where a line per event goes. */
    interface Trace {
        void line(String text);
    }

    /** @param directory an empty one, for what agents keep */
    SimWorld(long seed, Path directory, Mutation mutation) {
        this.mutation = mutation;
        random = new SplittableRandom(seed);
        network = new Network(random.split());
        checks = new Checks(machines, this::committed, name -> node(name).believesInLease());
        raft = new SimRaft(timeline, network, random.split(), checks, mutation);
        SimNode.Givens givens = new Givens();
        for (String name : NODES) {
            SimClock clock = new SimClock(
                    timeline, random.nextLong(1_000 * Timeline.SECOND), random.nextLong(2 * CLOCK_PPM + 1) - CLOCK_PPM);
            SimMachine machine = new SimMachine(name, timeline, random.split(), clock, checks);
            machines.put(name, machine);
            if (VOTERS.contains(name)) {
                servers.put(
                        name,
                        new SimServer(name, timeline, random.split(), clock, raft.add(name, clock), this::defect));
            }
            nodes.put(
                    name,
                    new SimNode(
                            machine, directory.resolve(name), timeline, fibers, random.split(), givens, this::defect));
        }
    }

    /** What each process of an agent is given. */
    private final class Givens implements SimNode.Givens {
        @Override
        public SimLink link(SimMachine machine) {
            SimLink link = new SimLink(
                    timeline,
                    network,
                    random.split(),
                    machine,
                    List.copyOf(servers.values()),
                    name -> machine(name).isOn(),
                    mutation);
            link.duplicate(duplicatePermille);
            return link;
        }

        @Override
        public SimHands hands(SimMachine machine, Fibers.Group group) {
            return new SimHands(machine, group, machines, mutation, name -> {
                say("fenced " + name);
                losePower(name);
            });
        }
    }

    private void defect(String what) {
        throw new Violation("DEFECT: " + what);
    }

    void traceTo(Trace lines) {
        trace = lines;
    }

    void say(String text) {
        if (trace != null) {
            trace.line(String.format("%10.3f %s", timeline.nowNanos() / (double) Timeline.SECOND, text));
        }
    }

    /** Starts everything and makes the cluster, with these objects. */
    void begin(List<Manifest> manifests) {
        raft.start(firstEntry());
        servers.values().forEach(SimServer::start);
        runUntil(
                "a first leader",
                20 * Timeline.SECOND,
                () -> raft.leader() != null && raft.leader().leadership().isReadyLeader());
        nodes.values().forEach(SimNode::start);
        runUntil("all nodes up", 20 * Timeline.SECOND, this::allUp);
        tryTo(
                Command.newBuilder().setApplyObjects(ApplyObjects.newBuilder().addAllManifests(manifests)),
                "first apply");
        runUntil(
                "the first objects",
                5 * Timeline.SECOND,
                () -> !committed().objects().isEmpty());
    }

    private Command firstEntry() {
        InitCluster.Builder init = InitCluster.newBuilder()
                .setClusterId("c1")
                .setClusterName("simulated")
                .setGeneration(1);
        for (SimServer server : servers.values()) {
            init.addVoters(VoterRow.newBuilder()
                    .setId(server.name())
                    .setName(server.name())
                    .setApiEndpoint(server.name() + ":7400")
                    .setRaftEndpoint(server.name() + ":7402")
                    .setNodeEndpoint(server.endpoint())
                    .setLevelMin(1)
                    .setLevelMax(1));
        }
        return Command.newBuilder()
                .setRequestId("init")
                .setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_SYSTEM).setName("init"))
                .setInitCluster(init)
                .build();
    }

    boolean allUp() {
        return NODES.stream()
                .allMatch(name -> committed().node(name) != null
                        && Objects.requireNonNull(committed().node(name)).getPhase() == NodePhase.NODE_PHASE_UP);
    }

    /** Has whoever believes to lead decide something. */
    void tryTo(Command.Builder command, String what) {
        SimServer leader = leader();
        if (leader == null) {
            return;
        }
        Command.Builder complete = command.clone().setRequestId("operator-" + ++commands);
        if (!command.hasActor()) {
            complete.setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_USER).setName("operator"));
        }
        var unused = leader.raft().propose(complete.build()).whenComplete((result, failure) -> {
            if (trace != null) {
                say(what + ": "
                        + (result == null
                                ? String.valueOf(failure)
                                : result.getCode() == 0 ? "done" : "refused: " + result.getMessage()));
            }
        });
    }

    /** Some server that believes to lead, and is not asleep. */
    @Nullable
    SimServer leader() {
        List<SimServer> leading = servers.values().stream()
                .filter(server -> server.process() != null
                        && !server.isPaused()
                        && server.raft().leadership().role() == io.quorate.server.raft.Leadership.Role.LEADER)
                .toList();
        return leading.isEmpty() ? null : leading.get(random.nextInt(leading.size()));
    }

    ClusterState committed() {
        return raft.committed();
    }

    SimRaft raft() {
        return raft;
    }

    Network network() {
        return network;
    }

    Checks checks() {
        return checks;
    }

    SimMachine machine(String name) {
        return Objects.requireNonNull(machines.get(name));
    }

    @Nullable
    SimServer server(String name) {
        return servers.get(name);
    }

    SimNode node(String name) {
        return Objects.requireNonNull(nodes.get(name));
    }

    List<SimServer> servers() {
        return List.copyOf(servers.values());
    }

    long nowNanos() {
        return timeline.nowNanos();
    }

    long events() {
        return events;
    }

    void later(long nanos, Runnable event) {
        timeline.after(nanos, event);
    }

    void duplicate(long permille) {
        duplicatePermille = permille;
        nodes.values().forEach(node -> {
            SimLink link = node.link();
            if (link != null) {
                link.duplicate(permille);
            }
        });
    }

    void losePower(String name) {
        if (machine(name).isOn()) {
            machine(name).losePower();
            node(name).kill();
            SimServer server = servers.get(name);
            if (server != null) {
                server.kill();
            }
        }
    }

    void bootAgain(String name) {
        if (!machine(name).isOn()) {
            machine(name).bootAgain();
            startProcesses(name);
        }
    }

    /** Starts what does not run of a server and an agent there. */
    void startProcesses(String name) {
        SimServer server = servers.get(name);
        if (server != null && server.process() == null && machine(name).isOn()) {
            server.start();
        }
        node(name).start();
    }

    /** Lets time pass until it holds. */
    void runUntil(String what, long atMostNanos, BooleanSupplier condition) {
        long end = timeline.nowNanos() + atMostNanos;
        while (!condition.getAsBoolean()) {
            if (timeline.nowNanos() >= end) {
                throw new Violation("LIVENESS: not within " + atMostNanos / Timeline.SECOND + " s: " + what);
            }
            step(end);
        }
    }

    /** Lets time pass. */
    void run(long nanos) {
        long end = timeline.nowNanos() + nanos;
        while (timeline.nowNanos() < end) {
            step(end);
        }
    }

    /** Goes on to the next thing that happens, or to the end. */
    private void step(long endNanos) {
        long next = Math.min(endNanos, timeline.nextNanos());
        for (SimServer server : servers.values()) {
            next = Math.min(next, server.nextNanos());
        }
        for (SimNode node : nodes.values()) {
            next = Math.min(next, node.nextNanos());
        }
        timeline.advanceTo(Math.max(next, timeline.nowNanos()));
        for (int round = 0; ; round++) {
            int happened = timeline.runDue();
            for (SimServer server : servers.values()) {
                happened += server.run();
            }
            for (SimNode node : nodes.values()) {
                happened += node.run();
            }
            events += happened;
            if (happened == 0) {
                return;
            }
            if (round > QUIET_ROUNDS) {
                throw new Violation("LIVENESS: events without end");
            }
        }
    }

    /** Ends the threads of all jobs. */
    @Override
    public void close() {
        nodes.values().forEach(SimNode::kill);
        servers.values().forEach(SimServer::kill);
    }
}
