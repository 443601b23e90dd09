package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.ClearOverride;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.DrainNode;
import io.quorate.log.v1.EndNodeMaintenance;
import io.quorate.log.v1.FoundRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MaintainNode;
import io.quorate.log.v1.MoveUnit;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ResumeNode;
import io.quorate.log.v1.SetOverride;
import io.quorate.server.leader.FakeMigrations.Journey;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Tokens;
import io.quorate.v1.Disabled;
import io.quorate.v1.Evidence;
import io.quorate.v1.FencingToken;
import io.quorate.v1.Override;
import io.quorate.v1.Safety;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple3;
import net.jqwik.api.statistics.Statistics;

/**
 * Whatever dies, is cut off, heals, comes back, is elected or sleeps, in any order: an exclusive service never runs on
 * two machines (the world looks after every step), it is granted again only on evidence, and when the trouble ends it
 * runs. The same of one that moves without being stopped, whatever comes in between.
 */
class ChaosProperties {

    /** What happens to a machine or to the cluster. */
    enum Trouble {
        POWER_OFF,
        POWER_ON,
        CUT_NODE,
        HEAL_NODE,
        KILL_AGENT,
        START_AGENT,
        DETACH_AGENT,
        CUT_SERVER,
        HEAL_SERVER,
        ELECT,
        LEADER_SLEEPS,
        DEVICE_FAILS,
        DEVICE_WORKS,
        SERVICE_FAILS,
        MOVE,
        DRAIN,
        RESUME,
        DISABLE,
        ENABLE,
        MAINTAIN,
        END_MAINTENANCE,
        REDEFINE,
        JOURNEYS_ARRIVE,
        JOURNEYS_NEVER_LEAVE,
        JOURNEYS_LEAVE_UNNOTICED,
        JOURNEYS_ARE_NOT_WELCOME,
        NOTHING
    }

    /** What happens to nothing but machines, servers and services. */
    private static final Set<Trouble> OF_THE_HARDWARE = EnumSet.range(Trouble.POWER_OFF, Trouble.MOVE);

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void neverTwoOwnersAndServiceAfterTheTrouble(@ForAll("troubles") List<Tuple3<Trouble, String, Integer>> troubles) {
        World world = new World();
        world.apply(World.fenceDevice("ipmi"), World.service("web", Safety.SAFETY_EXCLUSIVE));
        happenAll(world, "web", troubles);
        calmDown(world, "web");
        world.runUntil(
                "web runs",
                Duration.ofMinutes(2),
                () -> !world.owner("web").isEmpty() && world.runs("web", world.owner("web")));
        grantsHaveEvidence(world.group().history());
    }

    @Property(tries = 200, shrinking = ShrinkingMode.BOUNDED)
    void whatMovesAliveRunsOnceAndIsNotLost(@ForAll("liveTroubles") List<Tuple3<Trouble, String, Integer>> troubles) {
        World world = runsOnceAfter(troubles);
        Statistics.collect(world.hasEvent("RESOURCE_MIGRATED") ? "arrived" : "did not arrive");
        Statistics.coverage(coverage -> coverage.check("arrived").percentage(share -> share > 10));
    }

    /** The report that says that a node has looked is lost with the leader that it was sent to. */
    @Example
    void aJoinThatIsLostWithItsLeaderIsToldAgain() {
        runsOnceAfter(List.of(
                Tuple.of(Trouble.MOVE, "n3", 0),
                Tuple.of(Trouble.POWER_OFF, "n2", 1),
                Tuple.of(Trouble.KILL_AGENT, "n3", 0),
                Tuple.of(Trouble.START_AGENT, "n3", 1),
                Tuple.of(Trouble.POWER_OFF, "n1", 1)));
    }

    private static World runsOnceAfter(List<Tuple3<Trouble, String, Integer>> troubles) {
        World world = new World();
        world.apply(World.fenceDevice("ipmi"), World.live("vm", "one"));
        happenAll(world, "vm", troubles);
        calmDown(world, "vm");
        world.runUntil("vm runs, and moves nowhere", Duration.ofMinutes(5), () -> {
            stopWhatNobodyOwns(world);
            return isAtRest(world, "vm");
        });
        grantsHaveEvidence(world.group().history());
        return world;
    }

    private static void happenAll(World world, String service, List<Tuple3<Trouble, String, Integer>> troubles) {
        world.run(Duration.ofSeconds(2));
        for (Tuple3<Trouble, String, Integer> step : troubles) {
            happen(world, service, step.get1(), step.get2(), Duration.ofMillis(step.get3()));
            ensureLeader(world);
            world.run(Duration.ofMillis(step.get3()));
        }
        grantsHaveEvidence(world.group().history());
    }

    /** What was found where nobody owns it is a person's to stop; each such machine is known. */
    private static void stopWhatNobodyOwns(World world) {
        for (NodeRow node : world.state().nodes().values()) {
            for (FoundRow found : node.getFoundList()) {
                world.agent(node.getName()).stopByHand(found.getInstance());
            }
        }
    }

    private static boolean isAtRest(World world, String service) {
        InstanceRow row = world.state().instance(service);
        return row != null
                && row.hasOwnership()
                && world.runs(service, world.owner(service))
                && !row.getOwnership().hasDeparture()
                && !row.getOwnership().getReleasing()
                && world.state().instance(Migrations.arrivalId(service)) == null
                && world.agents().stream().noneMatch(agent -> agent.unclaimed().contains(service));
    }

    @Provide
    Arbitrary<List<Tuple3<Trouble, String, Integer>>> troubles() {
        return listsOf(Arbitraries.of(OF_THE_HARDWARE), 6_000);
    }

    /** Short times, so that much happens while a service is on its way; and it is sent on its way often. */
    @Provide
    Arbitrary<List<Tuple3<Trouble, String, Integer>>> liveTroubles() {
        Arbitrary<Trouble> any = Arbitraries.of(Trouble.class);
        Arbitrary<Trouble> journeys = Arbitraries.of(EnumSet.range(Trouble.JOURNEYS_ARRIVE, Trouble.NOTHING));
        return listsOf(
                Arbitraries.frequencyOf(
                        Tuple.of(5, any), Tuple.of(2, Arbitraries.just(Trouble.MOVE)), Tuple.of(1, journeys)),
                3_000);
    }

    private static Arbitrary<List<Tuple3<Trouble, String, Integer>>> listsOf(
            Arbitrary<Trouble> troubles, int maxMillis) {
        return Combinators.combine(
                        troubles,
                        Arbitraries.of("n1", "n2", "n3"),
                        Arbitraries.integers().between(0, maxMillis))
                .as(Tuple::of)
                .list()
                .ofMaxSize(25);
    }

    private static void happen(World world, String service, Trouble trouble, String node, Duration time) {
        FakeAgent agent = world.agent(node);
        boolean off = world.isServerOff(node);
        switch (trouble) {
            case POWER_OFF -> world.powerOff(node);
            case POWER_ON -> {
                if (off) {
                    world.powerOn(node);
                }
            }
            case CUT_NODE -> {
                if (agent.machine() == FakeAgent.Machine.ON) {
                    agent.cutOff();
                }
            }
            case HEAL_NODE -> {
                if (agent.machine() == FakeAgent.Machine.CUT) {
                    agent.heal();
                }
            }
            case KILL_AGENT -> agent.killAgent();
            case START_AGENT -> agent.startAgent();
            case DETACH_AGENT -> {
                if (agent.machine() == FakeAgent.Machine.ON) {
                    agent.detachAgent();
                }
            }
            case CUT_SERVER -> world.raft(node).cutOff();
            case HEAL_SERVER -> {
                if (!off) {
                    world.raft(node).heal();
                }
            }
            case ELECT -> {
                if (!world.raft(node).isCut()) {
                    world.elect(node);
                }
            }
            case LEADER_SLEEPS -> world.clock().advance(Duration.ofSeconds(7));
            case DEVICE_FAILS -> world.device("ipmi", World.Device.FAILS);
            case DEVICE_WORKS -> world.device("ipmi", World.Device.WORKS);
            case SERVICE_FAILS -> agent.failOnce(service);
            case MOVE ->
                world.tryTo(Command.newBuilder()
                        .setMoveUnit(MoveUnit.newBuilder()
                                .setUnit("resources/" + service)
                                .setToNode(node))
                        .build());
            case DRAIN ->
                world.tryTo(Command.newBuilder()
                        .setDrainNode(DrainNode.newBuilder().setNode(node))
                        .build());
            case RESUME -> resume(world, node);
            case DISABLE ->
                world.tryTo(Command.newBuilder()
                        .setSetOverride(SetOverride.newBuilder()
                                .setUnit("resources/" + service)
                                .setOverride(Override.newBuilder().setDisabled(Disabled.getDefaultInstance())))
                        .build());
            case ENABLE -> enable(world, service);
            case MAINTAIN ->
                world.tryTo(Command.newBuilder()
                        .setMaintainNode(MaintainNode.newBuilder().setNode(node))
                        .build());
            case END_MAINTENANCE -> endMaintenance(world, node);
            case REDEFINE ->
                world.tryTo(Command.newBuilder()
                        .setApplyObjects(ApplyObjects.newBuilder().addManifests(World.live(service, "for-" + node)))
                        .build());
            case JOURNEYS_ARRIVE -> world.journeys(Journey.ARRIVES, time);
            case JOURNEYS_NEVER_LEAVE -> world.journeys(Journey.NEVER_LEAVES, time);
            case JOURNEYS_LEAVE_UNNOTICED -> world.journeys(Journey.LEAVES_UNNOTICED, time);
            case JOURNEYS_ARE_NOT_WELCOME -> world.journeys(Journey.IS_NOT_WELCOME, time);
            case NOTHING -> {
                // Time passes.
            }
        }
    }

    private static void resume(World world, String node) {
        world.tryTo(Command.newBuilder()
                .setResumeNode(ResumeNode.newBuilder().setNode(node))
                .build());
    }

    private static void enable(World world, String service) {
        world.tryTo(Command.newBuilder()
                .setClearOverride(ClearOverride.newBuilder()
                        .setUnit("resources/" + service)
                        .setKind("disabled"))
                .build());
    }

    private static void endMaintenance(World world, String node) {
        world.tryTo(Command.newBuilder()
                .setEndNodeMaintenance(EndNodeMaintenance.newBuilder().setNode(node))
                .build());
    }

    /** Two of three servers that hear each other have a leader; with less nothing is decided. */
    private static void ensureLeader(World world) {
        FakeRaft leader = world.group().leader();
        List<String> able = List.of("n1", "n2", "n3").stream()
                .filter(name -> !world.raft(name).isCut())
                .toList();
        if (able.size() >= 2 && (leader == null || leader.isCut())) {
            world.elect(able.get(0));
        }
    }

    private static void calmDown(World world, String service) {
        world.device("ipmi", World.Device.WORKS);
        world.journeys(Journey.ARRIVES, Duration.ofMillis(200));
        for (String name : List.of("n1", "n2", "n3")) {
            if (world.isServerOff(name)) {
                world.powerOn(name);
            } else {
                world.raft(name).heal();
                FakeAgent agent = world.agent(name);
                if (agent.machine() == FakeAgent.Machine.OFF) {
                    agent.powerOn();
                } else {
                    agent.heal();
                    agent.startAgent();
                }
            }
        }
        ensureLeader(world);
        world.elect(world.group().leader() == world.raft("n2") ? "n2" : "n1");
        for (String name : List.of("n1", "n2", "n3")) {
            resume(world, name);
            endMaintenance(world, name);
        }
        enable(world, service);
    }

    /** Between two grants of an instance there is a freed state that names its evidence, and tokens rise. */
    private static void grantsHaveEvidence(List<Commit> history) {
        Map<String, InstanceRow> last = new TreeMap<>();
        for (Commit commit : history) {
            for (Change change : commit.changes()) {
                if (change.hasInstance() && change.getDeleted()) {
                    last.remove(change.getInstance().getId());
                } else if (change.hasInstance()) {
                    InstanceRow now = change.getInstance();
                    InstanceRow before = last.put(now.getId(), now);
                    if (before != null) {
                        follows(before, now);
                    }
                }
            }
        }
    }

    private static void follows(InstanceRow before, InstanceRow now) {
        assertThat(Tokens.ORDER.compare(before.getHighestToken(), now.getHighestToken()))
                .as("tokens rise")
                .isLessThanOrEqualTo(0);
        if (before.hasOwnership() && !now.hasOwnership() && !hasArrived(before)) {
            assertThat(now.getFreedBy())
                    .as("evidence")
                    .isIn(
                            Evidence.EVIDENCE_RELEASED,
                            Evidence.EVIDENCE_FENCED,
                            Evidence.EVIDENCE_REBOOTED,
                            Evidence.EVIDENCE_CONFIRMED_BY_PERSON);
        }
        if (before.hasOwnership() && now.hasOwnership()) {
            FencingToken token = now.getOwnership().getToken();
            assertThat(token)
                    .as("the owner's, or that of what it sent")
                    .isIn(
                            before.getOwnership().getToken(),
                            before.getOwnership().getDeparture().getToken());
        }
    }

    /** The end of an arrival that has arrived is that it is the owner's. */
    private static boolean hasArrived(InstanceRow row) {
        return Migrations.isArrival(row) && row.getOwnership().getArrived();
    }
}
