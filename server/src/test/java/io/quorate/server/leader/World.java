package io.quorate.server.leader;

import io.quorate.agent.v1.FenceOrder;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.time.FakeClock;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.policy.DefaultPolicy;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OcfKind;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Safety;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Three servers, each with an agent on its machine, under virtual time. Checks after each step that no instance runs
 * twice. Everything happens on the test's thread.
 */
final class World {
    private static final Duration STEP = Duration.ofMillis(50);

    /** What a fence device does when it is called. */
    enum Device {
        WORKS,
        /** It says that it failed. */
        FAILS,
        /** It says "off", and the node runs on. */
        LIES,
        /** It never answers. */
        HANGS
    }

    private final FakeClock clock = new FakeClock();
    private final FakeRaft.Group group = new FakeRaft.Group(clock);
    private final Map<String, FakeRaft> rafts = new TreeMap<>();
    private final Map<String, LeaderLoop> loops = new TreeMap<>();
    private final Map<String, AgentCalls> callsTo = new TreeMap<>();
    private final Map<String, FakeAgent> agents = new TreeMap<>();
    private final Map<String, String> talksTo = new TreeMap<>();
    private final Map<String, Device> devices = new TreeMap<>();
    private final List<String> attempts = new ArrayList<>();
    private final Set<String> serversOff = new TreeSet<>();
    private FakeMigrations.Journey journey = FakeMigrations.Journey.ARRIVES;
    private Duration journeyTime = Duration.ofMillis(200);
    private boolean checkSingle = true;
    private int requests;

    World() {
        addMachines();
        group.elect(raft("n1"));
        InitCluster.Builder init = InitCluster.newBuilder()
                .setClusterId("c1")
                .setClusterName("test")
                .setGeneration(1);
        rafts.keySet()
                .forEach(name -> init.addVoters(VoterRow.newBuilder()
                        .setId(name)
                        .setName(name)
                        .setApiEndpoint(name + ":7400")
                        .setRaftEndpoint(name + ":7402")
                        .setNodeEndpoint(name + ":7403")
                        .setLevelMin(1)
                        .setLevelMax(1)));
        accept(Command.newBuilder()
                .setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_SYSTEM).setName("init"))
                .setInitCluster(init)
                .build());
        group.elect(raft("n1"));
    }

    private World(ClusterState before) {
        group.restore(before);
        addMachines();
        agents.values().forEach(FakeAgent::powerOff);
        group.elect(raft("n1"));
    }

    private static void halted(String lastWords, @Nullable Throwable cause) {
        throw new AssertionError(lastWords, cause);
    }

    /** The same cluster after a power cut: its servers are up again, its nodes not yet. */
    World coldStart() {
        return new World(state());
    }

    private void addMachines() {
        for (String name : List.of("n1", "n2", "n3")) {
            addServer(name);
            agents.put(name, new FakeAgent(this, name));
            talksTo.put(name, "n1");
        }
    }

    private void addServer(String name) {
        FakeRaft raft = group.member(name);
        LeaderLoop loop = new LeaderLoop(raft, clock, new DefaultPolicy(), Runnable::run, World::halted);
        loop.attach();
        rafts.put(name, raft);
        loops.put(name, loop);
        callsTo.put(name, new AgentCalls(raft, loop));
    }

    FakeClock clock() {
        return clock;
    }

    FakeRaft.Group group() {
        return group;
    }

    ClusterState state() {
        return group.state();
    }

    FakeRaft raft(String name) {
        return Objects.requireNonNull(rafts.get(name));
    }

    FakeAgent agent(String name) {
        return Objects.requireNonNull(agents.get(name));
    }

    List<FakeAgent> agents() {
        return List.copyOf(agents.values());
    }

    /** The loop of the server that this node's agent talks to. */
    LeaderLoop loop(String node) {
        return loopOf(Objects.requireNonNull(talksTo.get(node)));
    }

    LeaderLoop loopOf(String server) {
        return Objects.requireNonNull(loops.get(server));
    }

    AgentCalls calls(String node) {
        return Objects.requireNonNull(callsTo.get(talksTo.get(node)));
    }

    /** A node's agent turns to the next server. */
    void lookForLeader(String node) {
        List<String> servers = new ArrayList<>(rafts.keySet());
        int now = servers.indexOf(talksTo.get(node));
        talksTo.put(node, servers.get((now + 1) % servers.size()));
    }

    Device device(String name) {
        return devices.getOrDefault(name, Device.WORKS);
    }

    void device(String name, Device behaviour) {
        devices.put(name, behaviour);
    }

    FakeMigrations.Journey journey() {
        return journey;
    }

    long journeyNanos() {
        return journeyTime.toNanos();
    }

    /** How live migrations that begin from now on go, and how long each of their two operations takes. */
    void journeys(FakeMigrations.Journey how, Duration each) {
        journey = how;
        journeyTime = each;
    }

    void fenceAttempted(String executor, FenceOrder order) {
        attempts.add(executor + " fences " + order.getTargetNode() + " by "
                + order.getDevices(0).getDevice());
    }

    /** Calls of fence devices, in order: "n2 fences n1 by ipmi". */
    List<String> attempts() {
        return attempts;
    }

    /** Stops the check that nothing runs twice: for tests in which a device lies. */
    void expectDoubles() {
        checkSingle = false;
    }

    /** A server and its node lose power together. */
    void powerOff(String name) {
        raft(name).cutOff();
        serversOff.add(name);
        agent(name).powerOff();
    }

    /** A server and its node start again: other processes, another boot. */
    void powerOn(String name) {
        LeaderLoop former = loopOf(name);
        former.close();
        agents.values().forEach(agent -> agent.serverRestarted(former));
        serversOff.remove(name);
        raft(name).heal();
        LeaderLoop loop = new LeaderLoop(raft(name), clock, new DefaultPolicy(), Runnable::run, World::halted);
        loop.attach();
        loops.put(name, loop);
        callsTo.put(name, new AgentCalls(raft(name), loop));
        agent(name).powerOn();
    }

    boolean isServerOff(String name) {
        return serversOff.contains(name);
    }

    void elect(String name) {
        group.elect(raft(name));
    }

    /** Commits a person's command; it must be accepted. */
    CommandResult accept(Command command) {
        requests++;
        Command.Builder complete = command.toBuilder().setRequestId("test-" + requests);
        if (!command.hasActor()) {
            complete.setActor(person());
        }
        CommandResult result =
                Objects.requireNonNull(group.leader()).propose(complete.build()).join();
        if (result.getCode() != 0) {
            throw new AssertionError("refused: " + result);
        }
        return result;
    }

    /** As {@link #accept}, but a refusal, or no leader, is fine. */
    void tryTo(Command command) {
        requests++;
        var unused = Objects.requireNonNull(group.leader())
                .propose(command.toBuilder()
                        .setRequestId("test-" + requests)
                        .setActor(person())
                        .build());
    }

    static Actor person() {
        return Actor.newBuilder()
                .setKind(Actor.Kind.KIND_USER)
                .setName("tester")
                .build();
    }

    CommandResult apply(Manifest... manifests) {
        return accept(Command.newBuilder()
                .setApplyObjects(ApplyObjects.newBuilder().addAllManifests(List.of(manifests)))
                .build());
    }

    static Manifest service(String name, Safety safety) {
        return Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName(name))
                .setResource(ResourceSpec.newBuilder()
                        .setSafety(safety)
                        .setProcess(ProcessKind.newBuilder().addCommand("/bin/serve")))
                .build();
    }

    /** A virtual machine that moves without being stopped. */
    static Manifest live(String name, String parameter) {
        return Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName(name))
                .setResource(ResourceSpec.newBuilder()
                        .setLiveMigration(true)
                        .setOcf(OcfKind.newBuilder()
                                .setProvider("heartbeat")
                                .setType("VirtualDomain")
                                .putParams("config", parameter)))
                .build();
    }

    /** A device with a row for every node. */
    static Manifest fenceDevice(String name) {
        FenceDeviceSpec.Builder device = FenceDeviceSpec.newBuilder().setType("fence_test");
        for (String node : List.of("n1", "n2", "n3")) {
            device.putPerNode(
                    node, FenceTarget.newBuilder().putParams("plug", node).build());
        }
        return Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName(name))
                .setFenceDevice(device)
                .build();
    }

    /** Lets time pass in small steps. */
    void run(Duration duration) {
        for (Duration gone = Duration.ZERO; gone.compareTo(duration) < 0; gone = gone.plus(STEP)) {
            step();
        }
    }

    /** Lets the cluster begin: its three nodes are up. */
    void runUntilAllUp() {
        var unused = runUntil(
                "all nodes up",
                Duration.ofSeconds(5),
                () -> state().nodes().values().stream()
                                .filter(node -> node.getPhase() == NodePhase.NODE_PHASE_UP)
                                .count()
                        == 3);
    }

    /** Lets time pass until the condition holds, and gives how long that took; fails when it takes longer than this. */
    Duration runUntil(String what, Duration atMost, BooleanSupplier condition) {
        Duration gone = Duration.ZERO;
        while (!condition.getAsBoolean()) {
            if (gone.compareTo(atMost) >= 0) {
                throw new AssertionError("not within " + atMost + ": " + what + "\n" + describe());
            }
            step();
            gone = gone.plus(STEP);
        }
        return gone;
    }

    private void step() {
        clock.advance(STEP);
        settle();
        for (FakeAgent agent : agents.values()) {
            agent.step(clock.monotonicNanos());
        }
        settle();
        if (checkSingle) {
            checkNothingRunsTwice();
        }
    }

    /** All servers whose machine has power handle what is due. */
    void settle() {
        loops.forEach((name, loop) -> {
            if (!serversOff.contains(name)) {
                loop.runUntilIdle();
            }
        });
    }

    private void checkNothingRunsTwice() {
        Map<String, String> where = new TreeMap<>();
        for (FakeAgent agent : agents.values()) {
            for (String instance : reallyRunning(agent)) {
                String other = where.put(instance, agent.name());
                if (other != null && isExclusive(instance)) {
                    throw new AssertionError(
                            instance + " runs on " + other + " and on " + agent.name() + "\n" + describe());
                }
            }
        }
    }

    private static List<String> reallyRunning(FakeAgent agent) {
        List<String> all = new ArrayList<>(agent.running().keySet());
        all.addAll(agent.unclaimed());
        return all;
    }

    private boolean isExclusive(String instance) {
        var row = state().object("resources/" + instance);
        return row == null || row.getResource().getSafety() != Safety.SAFETY_BEST_EFFORT;
    }

    /** The owner of an instance, empty when it is free or unknown. */
    String owner(String instance) {
        var row = state().instance(instance);
        return row == null ? "" : row.getOwnership().getNode();
    }

    long token(String instance) {
        var row = state().instance(instance);
        return row == null ? 0 : row.getHighestToken().getNumber();
    }

    boolean runs(String instance, String node) {
        return agent(node).running().containsKey(instance) && owner(instance).equals(node);
    }

    /** What history says of the newest start. */
    Duration lastOutage() {
        return state().events().descendingMap().values().stream()
                .filter(event -> event.getKind().equals("RESOURCE_UP"))
                .map(event -> Duration.ofMillis(event.getOutageMillis()))
                .findFirst()
                .orElseThrow();
    }

    boolean hasEvent(String kind) {
        return state().events().values().stream()
                .anyMatch(event -> event.getKind().equals(kind));
    }

    String describe() {
        StringBuilder text = new StringBuilder("position " + state().revision() + "\n");
        state().nodes()
                .values()
                .forEach(node -> text.append(node.getName())
                        .append(" ")
                        .append(node.getPhase())
                        .append("\n"));
        state().instances().values().forEach(row -> text.append(row).append("\n"));
        state().tickets().values().forEach(row -> text.append(row).append("\n"));
        state().events()
                .values()
                .forEach(event -> text.append(event.getKind())
                        .append(" ")
                        .append(event.getText())
                        .append("\n"));
        return text.toString();
    }
}
