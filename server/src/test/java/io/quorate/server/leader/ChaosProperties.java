package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MoveUnit;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.model.Tokens;
import io.quorate.v1.Evidence;
import io.quorate.v1.Safety;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple3;

/**
 * Whatever dies, is cut off, heals, comes back, is elected or sleeps, in any order: an exclusive service never runs on
 * two machines (the world looks after every step), it is granted again only on evidence, and when the trouble ends it
 * runs.
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
        NOTHING
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void neverTwoOwnersAndServiceAfterTheTrouble(@ForAll("troubles") List<Tuple3<Trouble, String, Integer>> troubles) {
        World world = new World();
        world.apply(World.fenceDevice("ipmi"), World.service("web", Safety.SAFETY_EXCLUSIVE));
        world.run(Duration.ofSeconds(2));

        for (Tuple3<Trouble, String, Integer> step : troubles) {
            happen(world, step.get1(), step.get2());
            ensureLeader(world);
            world.run(Duration.ofMillis(step.get3()));
        }

        grantsHaveEvidence(world.group().history());
        calmDown(world);
        world.runUntil(
                "web runs",
                Duration.ofMinutes(2),
                () -> !world.owner("web").isEmpty() && world.runs("web", world.owner("web")));
        grantsHaveEvidence(world.group().history());
    }

    @Provide
    Arbitrary<List<Tuple3<Trouble, String, Integer>>> troubles() {
        return Combinators.combine(
                        Arbitraries.of(Trouble.class),
                        Arbitraries.of("n1", "n2", "n3"),
                        Arbitraries.integers().between(0, 6_000))
                .as(Tuple::of)
                .list()
                .ofMaxSize(25);
    }

    private static void happen(World world, Trouble trouble, String node) {
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
            case SERVICE_FAILS -> agent.failOnce("web");
            case MOVE ->
                world.tryTo(Command.newBuilder()
                        .setMoveUnit(
                                MoveUnit.newBuilder().setUnit("resources/web").setToNode(node))
                        .build());
            case NOTHING -> {
                // Time passes.
            }
        }
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

    private static void calmDown(World world) {
        world.device("ipmi", World.Device.WORKS);
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
    }

    /** Between two grants of an instance there is a freed state that names its evidence, and tokens rise. */
    private static void grantsHaveEvidence(List<Commit> history) {
        Map<String, InstanceRow> last = new TreeMap<>();
        for (Commit commit : history) {
            for (Change change : commit.changes()) {
                if (change.hasInstance()) {
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
        if (before.hasOwnership() && !now.hasOwnership()) {
            assertThat(now.getFreedBy())
                    .as("evidence")
                    .isIn(
                            Evidence.EVIDENCE_RELEASED,
                            Evidence.EVIDENCE_FENCED,
                            Evidence.EVIDENCE_REBOOTED,
                            Evidence.EVIDENCE_CONFIRMED_BY_PERSON);
        }
        if (before.hasOwnership() && now.hasOwnership()) {
            assertThat(now.getOwnership().getToken())
                    .isEqualTo(before.getOwnership().getToken());
        }
    }
}
