package io.quorate.statemachine.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Placement;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
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
                assertTrue(!instance.hasOwnership() && Migrations.arrivalOf(state, instance) == null);
                assertTrue(Units.isWanted(unit) && !Units.isInMaintenance(unit));
                assertEquals(NodePhase.NODE_PHASE_UP, node.getPhase());
                assertEquals(node.getIncarnation(), assign.incarnation());
                if (state.isPaused()) {
                    assertTrue(state.meta().getPause().getQuarantine());
                    // What cannot be told from others of its clone may have been found under another number.
                    boolean found = node.getFoundList().stream()
                            .anyMatch(each -> Objects.requireNonNull(state.instance(each.getInstance()))
                                    .getUnit()
                                    .equals(unit.getKey()));
                    assertTrue(found, "a restored cluster only takes over what runs");
                    continue;
                }
                assertTrue(!node.hasDrain() && !node.hasMaintenance());
                assertTrue(!placement.getAvoidList().contains(assign.node()));
                assertTrue(
                        placement.getOnlyCount() == 0 || placement.getOnlyList().contains(assign.node()));
                boolean ofItsNode = Clones.isCopy(instance) && !unit.getClone().getGloballyUnique();
                assertTrue(state.nodes().values().stream()
                        .filter(each -> !ofItsNode || each.equals(node))
                        .noneMatch(each -> isFound(each, assign.instance())));
                assertTrue(!Clones.isPromotion(instance) || isPromotable(state, unit, assign), assign.toString());
            }
        }
    }

    /** What goes alive runs, and could be started where it goes. */
    @Property(tries = 500)
    void onlyWhatRunsMovesAliveAndOnlyToNodesThatAreAllowed(@ForAll Random random) {
        ClusterState state = RandomState.withRules(random);
        Relations relations = new Relations(state);
        for (Decision decision : policy.plan(PolicyInput.of(state)).decisions()) {
            if (!(decision instanceof Decision.Migrate migrate)) {
                continue;
            }
            InstanceRow instance = Objects.requireNonNull(state.instance(migrate.instance()));
            ObjectRow unit = Objects.requireNonNull(Units.of(state, instance));
            NodeRow node = Objects.requireNonNull(state.node(migrate.toNode()));
            assertTrue(Migrations.mayMigrate(unit) && Units.isWanted(unit) && !Units.isInMaintenance(unit));
            assertTrue(!state.isPaused() && !instance.getOwnership().hasDeparture());
            assertTrue(Migrations.arrivalOf(state, instance) == null);
            assertEquals(RunState.RUN_STATE_RUNNING, Explainer.ofMembers(instance));
            assertTrue(!instance.getOwnership().getNode().equals(migrate.toNode()));
            assertTrue(Obstacles.isOpen(node) && node.getIncarnation() == migrate.toIncarnation());
            assertTrue(!Units.placement(unit).getAvoidList().contains(migrate.toNode()));
            for (Relations.Near near : relations.nearsOf(migrate.instance())) {
                boolean isDependent = near.dependent().equals(migrate.instance());
                SortedSet<String> there = nodes(state, isDependent ? near.primary() : near.dependent());
                assertTrue(!near.isMust() || !isDependent || there.contains(migrate.toNode()), decision.toString());
                assertTrue(!near.isNever() || !there.contains(migrate.toNode()), decision.toString());
            }
        }
    }

    /** PromotionIsOwned, and somebody says that it may be. */
    private static boolean isPromotable(ClusterState state, ObjectRow clone, Decision.Assign assign) {
        InstanceRow copy = Objects.requireNonNull(state.instance(assign.copy()));
        return copy.getOwnership().getNode().equals(assign.node())
                && !copy.getOwnership().getReleasing()
                && copy.getMembersList().stream().allMatch(member -> member.getState() == RunState.RUN_STATE_RUNNING)
                && Clones.promotionOf(state, copy) == null
                && Clones.promotionScore(state, clone, assign.node()).orElse(-1) >= 0;
    }

    /** CountedSlots and PromotionEndsFirst, as far as one plan can break them. */
    @Property(tries = 500)
    void noPlanBreaksWhatClonesPromise(@ForAll Random random) {
        ClusterState state = RandomState.withRules(random);
        TreeMap<String, Integer> given = new TreeMap<>();
        for (Decision decision : policy.plan(PolicyInput.of(state)).decisions()) {
            InstanceRow instance = state.instance(Keys.bare(decision.subject()));
            if (instance == null || !instance.hasSlot()) {
                continue;
            }
            ObjectRow clone = Objects.requireNonNull(Units.of(state, instance));
            if (decision instanceof Decision.Assign assign && Clones.isCopy(instance)) {
                int there = (int) Clones.copies(state, clone).stream()
                        .filter(copy -> copy.getOwnership().getNode().equals(assign.node()))
                        .count();
                String place = clone.getKey() + " " + assign.node();
                assertTrue(
                        there + given.merge(place, 1, Integer::sum) <= Clones.maxPerNode(clone), decision.toString());
                assertTrue(instance.getSlot().getNumber() < Clones.maxCopies(state, clone), decision.toString());
            } else if (decision instanceof Decision.Release || decision instanceof Decision.Recover) {
                assertTrue(Clones.promotionOf(state, instance) == null, decision.toString());
                assertTrue(!(decision instanceof Decision.Recover) || Clones.isCopy(instance), decision.toString());
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
            InstanceRow instance = Objects.requireNonNull(state.instance(assign.instance()));
            if (instance.hasSlot()) {
                continue;
            }
            for (Relations.Near near : relations.nearsOf(assign.instance())) {
                boolean isDependent = near.dependent().equals(assign.instance());
                SortedSet<String> there = nodes(state, isDependent ? near.primary() : near.dependent());
                assertTrue(!near.isMust() || !isDependent || there.contains(assign.node()), decision.toString());
                assertTrue(!near.isNever() || !there.contains(assign.node()), decision.toString());
            }
            for (Relations.Ordered order : relations.ordersOf(assign.instance())) {
                boolean isThen = order.then().equals(assign.instance());
                for (String first : order.binds() && isThen ? order.firsts() : List.<String>of()) {
                    assertTrue(!nodes(state, first).isEmpty(), decision.toString());
                }
            }
        }
    }

    /** Where something of a party is owned, and is not on its way out. */
    private static SortedSet<String> nodes(ClusterState state, String party) {
        TreeSet<String> nodes = new TreeSet<>();
        ObjectRow unit = Objects.requireNonNull(Units.find(state, Relations.unitOf(party)));
        for (InstanceRow instance : Units.instances(state, unit)) {
            if (instance.hasOwnership()
                    && !instance.getOwnership().getReleasing()
                    && Clones.isPromotion(instance) == Relations.isPromoted(party)) {
                nodes.add(instance.getOwnership().getNode());
            }
        }
        return nodes;
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
                        + maybe(6, " drain") + maybe(8, " maintenance") + maybe(6, " autostart=u1.service"));
            }
            if (random.nextInt(3) > 0) {
                lines.add("fence ipmi n1 n2 n3");
            }
            for (int unit = 1; unit <= 5; unit++) {
                writeUnit("u" + unit);
            }
            writeClone("c1", "");
            writeClone("c2", " promotable=" + (1 + random.nextInt(2)));
            for (int rule = 0; rules && rule < 4; rule++) {
                String one = pick("u1", "u2", "u3", "u4", "u5", "c1", "c2");
                String other = pick("u1", "u2", "u3", "u4", "u5", "c1", "c2");
                String score = pick("1000000", "-1000000", "100", "-100");
                lines.add(
                        random.nextBoolean()
                                ? "colocation c" + rule + " of=" + one + " with=" + other + " score=" + score
                                        + maybe(3, " role=PROMOTED") + maybe(3, " withRole=PROMOTED")
                                : "order o" + rule + " first=" + one + " then=" + other + " kind="
                                        + pick("MANDATORY", "OPTIONAL", "SERIALIZE") + maybe(3, " asymmetrical")
                                        + maybe(4, " firstAction=PROMOTE") + maybe(4, " thenAction=PROMOTE"));
            }
        }

        private void writeUnit(String name) {
            boolean live = random.nextBoolean();
            lines.add("resource " + name + (live ? " live" : "")
                    + maybe(3, " prefer=" + node() + ":" + random.nextInt(300))
                    + maybe(6, " only=" + node() + "," + node()) + maybe(6, " avoid=" + node())
                    + maybe(6, " pin=" + node()) + maybe(8, " disabled") + maybe(8, " maintenance")
                    + maybe(8, " deleting") + maybe(5, " bestEffort") + maybe(3, " priority=" + random.nextInt(3))
                    + maybe(4, " stickiness=" + random.nextInt(3)) + maybe(5, " moveAfter=" + random.nextInt(4))
                    + maybe(4, " onFail=monitor:" + pick("STOP", "BLOCK", "IGNORE", "FENCE", "STANDBY", "RESTART")));
            if (random.nextInt(3) > 0) {
                String owner = node();
                lines.add("own " + name + " on=" + owner + maybe(8, " releasing") + maybe(8, " stopFailed")
                        + maybe(10, " incarnation=2"));
                lines.add("member " + name + " state=" + pick("RUNNING", "RUNNING", "FAILED", "STARTING"));
                String target = node();
                if (live && !target.equals(owner) && random.nextInt(3) == 0) {
                    lines.add("migrating " + name + " to=" + target
                            + pick("", " sent", " sent arrived", " ended", " left")
                            + maybe(6, " releasing") + maybe(8, " stopFailed")
                            + " state=" + pick("STARTING", "RUNNING", "RUNNING", "FAILED"));
                }
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

        private void writeClone(String name, String promotable) {
            boolean unique = random.nextInt(4) == 0;
            String perNode = unique ? " unique perNode=" + (1 + random.nextInt(2)) : "";
            lines.add("clone " + name + promotable + perNode + " slots=4" + maybe(2, " max=" + (1 + random.nextInt(4)))
                    + maybe(3, " min=2") + maybe(3, " interleave") + maybe(4, " ordered") + maybe(8, " disabled")
                    + maybe(8, " maintenance") + maybe(5, " bestEffort") + maybe(5, " moveAfter=" + random.nextInt(4))
                    + maybe(6, " only=" + node() + "," + node())
                    + (promotable.isEmpty() ? "" : maybe(4, " pin=" + node()))
                    + maybe(4, " onFail=monitor:" + pick("STOP", "BLOCK", "IGNORE", "FENCE", "STANDBY", "DEMOTE")));
            if (!promotable.isEmpty() && random.nextInt(4) == 0) {
                lines.add("move clones/" + name + " promoted" + maybe(2, " to=" + node()));
            }
            int promoted = 0;
            for (int slot = 0; slot < 4; slot++) {
                String id = name + ":" + slot;
                if (random.nextInt(3) > 0) {
                    lines.add(
                            "own " + id + " on=" + NODES.get(slot) + maybe(8, " releasing") + maybe(8, " stopFailed"));
                    lines.add("member " + id + " of=" + name + "-it state="
                            + pick("RUNNING", "RUNNING", "RUNNING", "FAILED", "STARTING"));
                    if (random.nextInt(4) == 0) {
                        lines.add("restart " + id);
                    }
                    if (!promotable.isEmpty() && promoted == 0 && random.nextInt(3) == 0) {
                        lines.add("promoted " + name + ":promoted:0 copy=" + id + maybe(6, " releasing")
                                + maybe(6, " state=FAILED"));
                        promoted++;
                    }
                } else if (random.nextBoolean()) {
                    lines.add("probe " + id + " since=4 clean=n1,n2,n3");
                }
                if (random.nextInt(3) == 0) {
                    lines.add("fail " + id + " on=" + node() + " of=" + name + "-it count=" + random.nextInt(3) + " at="
                            + random.nextInt(20_000));
                }
                if (random.nextBoolean()) {
                    lines.add("score " + NODES.get(slot) + " " + name + " " + (random.nextInt(20) - 4));
                }
            }
            if (random.nextInt(8) == 0) {
                lines.add("found " + node() + " " + name + ":" + random.nextInt(4));
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
