package io.quorate.statemachine.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What holds of every plan, over states that are mostly odd. */
class PolicyPropertiesTest {
    private final DefaultPolicy policy = new DefaultPolicy();

    @Property(tries = 500)
    void grantsGoOnlyToNodesThatAreAllowed(@ForAll Random random) {
        ClusterState state = RandomState.of(random);
        for (Decision decision : policy.plan(PolicyInput.of(state)).decisions()) {
            if (decision instanceof Decision.Assign assign) {
                NodeRow node = Objects.requireNonNull(state.node(assign.node()));
                InstanceRow instance = Objects.requireNonNull(state.instance(assign.instance()));
                var unit = Objects.requireNonNull(Units.of(state, instance));
                Placement placement = Units.placement(unit);
                assertTrue(!instance.hasOwnership());
                assertTrue(Units.isWanted(unit) && !Units.isInMaintenance(unit));
                assertEquals(NodePhase.NODE_PHASE_UP, node.getPhase());
                assertEquals(node.getIncarnation(), assign.incarnation());
                if (state.isPaused()) {
                    assertTrue(state.meta().getPause().getQuarantine());
                    assertTrue(isFound(node, assign.instance()), "a restored cluster only takes over what runs");
                    continue;
                }
                assertTrue(!node.hasDrain());
                assertTrue(!placement.getAvoidList().contains(assign.node()));
                assertTrue(
                        placement.getOnlyCount() == 0 || placement.getOnlyList().contains(assign.node()));
                assertTrue(state.nodes().values().stream().noneMatch(each -> isFound(each, assign.instance())));
            }
        }
    }

    @Property(tries = 500)
    void noGrantBreaksAMustOrANeverBetweenUnits(@ForAll Random random) {
        ClusterState state = RandomState.withRules(random);
        Relations relations = new Relations(state);
        for (Decision decision : policy.plan(PolicyInput.of(state)).decisions()) {
            if (!(decision instanceof Decision.Assign assign) || state.isPaused()) {
                continue;
            }
            for (Relations.Near near : relations.nearsOf(assign.instance())) {
                boolean isDependent = near.dependent().equals(assign.instance());
                InstanceRow other =
                        Objects.requireNonNull(state.instance(isDependent ? near.primary() : near.dependent()));
                String there = other.getOwnership().getNode();
                assertTrue(!near.isMust() || !isDependent || there.equals(assign.node()), decision.toString());
                assertTrue(!near.isNever() || !there.equals(assign.node()), decision.toString());
            }
            for (Relations.Ordered order : relations.ordersOf(assign.instance())) {
                boolean isThen = order.then().equals(assign.instance());
                for (String first : order.binds() && isThen ? order.firsts() : List.<String>of()) {
                    InstanceRow before = Objects.requireNonNull(state.instance(first));
                    assertTrue(before.hasOwnership() && !before.getOwnership().getReleasing(), decision.toString());
                }
            }
        }
    }

    private static boolean isFound(NodeRow node, String instance) {
        return node.getFoundList().stream()
                .anyMatch(found -> found.getInstance().equals(instance));
    }

    @Property(tries = 300)
    void aPlanDependsOnItsInputOnly(@ForAll Random random) {
        ClusterState state = RandomState.withRules(random);
        assertEquals(policy.plan(PolicyInput.of(state)), new DefaultPolicy().plan(PolicyInput.of(state)));
        assertEquals(new Explainer(state).explain(), new Explainer(state).explain());
    }

    @Property(tries = 300)
    void everyDecisionSaysWhyWithinItsLimitAndWhatItReliedOn(@ForAll Random random) {
        ClusterState state = RandomState.withRules(random);
        TreeSet<String> subjects = new TreeSet<>();
        for (Decision decision : policy.plan(PolicyInput.of(state)).decisions()) {
            assertTrue(subjects.add(decision.subject()), "twice: " + decision.subject());
            assertTrue(!decision.reasons().isEmpty());
            int size = decision.reasons().stream()
                    .mapToInt(reason -> reason.getSerializedSize())
                    .sum();
            assertTrue(size <= Reasons.MAX_BYTES);
            assertTrue(!decision.readSet().isEmpty());
            decision.readSet().forEach(read -> assertEquals(state.revisionOf(read.getObject()), read.getRevision()));
        }
    }

    @Property(tries = 300)
    void whatIsInFlightIsLeftAlone(@ForAll Random random) {
        ClusterState state = RandomState.withRules(random);
        TreeSet<String> inFlight = new TreeSet<>();
        policy.plan(PolicyInput.of(state)).decisions().forEach(decision -> inFlight.add(decision.subject()));
        Plan next = policy.plan(new PolicyInput(state, inFlight, state.stamp().getLogMillis()));
        for (Decision decision : next.decisions()) {
            assertTrue(!inFlight.contains(decision.subject()), decision.toString());
        }
    }

    @Property(tries = 300)
    void everyUnitThatShouldRunAndDoesNotSaysWhy(@ForAll Random random) {
        Explanation explanation = new Explainer(RandomState.withRules(random)).explain();
        for (Explanation.OfUnit unit : explanation.units().values()) {
            boolean runs = unit.state() == io.quorate.v1.RunState.RUN_STATE_RUNNING;
            assertTrue(!unit.wanted() || runs || !unit.reasons().isEmpty(), unit.toString());
        }
    }

    /** States written in the words of the scenarios. */
    static final class RandomState {
        private static final List<String> NODES = List.of("n1", "n2", "n3", "n4");
        private final Random random;
        private final List<String> lines = new ArrayList<>();

        private boolean rules;

        private RandomState(Random random) {
            this.random = random;
        }

        /** The same with rules between units, which may contradict each other and go round in circles. */
        static ClusterState withRules(Random random) {
            RandomState builder = new RandomState(random);
            builder.rules = true;
            builder.write();
            return ScenarioState.parse(builder.lines).build();
        }

        static ClusterState of(Random random) {
            RandomState builder = new RandomState(random);
            builder.write();
            return ScenarioState.parse(builder.lines).build();
        }

        private void write() {
            lines.add("now " + random.nextInt(20_000));
            if (random.nextInt(20) == 0) {
                lines.add("paused" + (random.nextBoolean() ? " quarantine" : ""));
            }
            for (String node : NODES) {
                lines.add("node " + node + " " + pick("up", "up", "up", "up", "lost", "joining", "off")
                        + maybe(6, " drain") + maybe(6, " autostart=u1.service"));
            }
            if (random.nextInt(3) > 0) {
                lines.add("fence ipmi n1 n2 n3");
            }
            for (int unit = 1; unit <= 5; unit++) {
                writeUnit("u" + unit);
            }
            for (int rule = 0; rules && rule < 4; rule++) {
                String one = "u" + (1 + random.nextInt(5));
                String other = "u" + (1 + random.nextInt(5));
                String score = pick("1000000", "-1000000", "100", "-100");
                lines.add(
                        random.nextBoolean()
                                ? "colocation c" + rule + " of=" + one + " with=" + other + " score=" + score
                                : "order o" + rule + " first=" + one + " then=" + other + " kind="
                                        + pick("MANDATORY", "OPTIONAL", "SERIALIZE") + maybe(3, " asymmetrical"));
            }
        }

        private void writeUnit(String name) {
            lines.add("resource " + name + maybe(3, " prefer=" + node() + ":" + random.nextInt(300))
                    + maybe(6, " only=" + node() + "," + node()) + maybe(6, " avoid=" + node())
                    + maybe(6, " pin=" + node()) + maybe(8, " disabled") + maybe(8, " maintenance")
                    + maybe(8, " deleting") + maybe(5, " bestEffort") + maybe(3, " priority=" + random.nextInt(3))
                    + maybe(4, " stickiness=" + random.nextInt(3)) + maybe(5, " moveAfter=" + random.nextInt(4))
                    + maybe(4, " onFail=monitor:" + pick("STOP", "BLOCK", "IGNORE", "FENCE", "STANDBY", "RESTART")));
            if (random.nextInt(3) > 0) {
                lines.add("own " + name + " on=" + node() + maybe(8, " releasing") + maybe(8, " stopFailed")
                        + maybe(10, " incarnation=2"));
                lines.add("member " + name + " state=" + pick("RUNNING", "RUNNING", "FAILED", "STARTING"));
            } else if (random.nextBoolean()) {
                lines.add("probe " + name + " since=4 clean=n1,n2,n3" + maybe(2, ",n4"));
            }
            if (random.nextInt(2) == 0) {
                lines.add("fail " + name + " on=" + node() + " count=" + random.nextInt(5) + " at="
                        + random.nextInt(20_000));
            }
            if (random.nextInt(8) == 0) {
                lines.add("found " + node() + " " + name);
            }
            if (random.nextInt(6) == 0) {
                lines.add("move resources/" + name + maybe(2, " to=" + node()));
            }
        }

        private String node() {
            return NODES.get(random.nextInt(NODES.size()));
        }

        private String pick(String... words) {
            return words[random.nextInt(words.length)];
        }

        private String maybe(int oneIn, String words) {
            return random.nextInt(oneIn) == 0 ? words : "";
        }
    }
}
