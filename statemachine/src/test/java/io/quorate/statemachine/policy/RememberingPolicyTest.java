package io.quorate.statemachine.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;

/** What a policy remembers makes it quicker; it says nothing else for that. */
class RememberingPolicyTest {
    private static final List<String> NODES = List.of("n1", "n2", "n3", "n4");
    private static final int UNITS = 12;
    private static final int EVENTS = 8;

    /** Says what both say, when they agree. */
    static final class Both implements Policy {
        private final Policy anew = new DefaultPolicy();
        private final Policy remembering = anew.remembering();

        @Override
        public Plan plan(PolicyInput input) {
            Plan plan = anew.plan(input);
            assertEquals(plan, remembering.plan(input), "with what it remembers");
            return plan;
        }
    }

    @Property(tries = 1_500)
    void whatItRemembersChangesNoPlan(@ForAll Random random) {
        ClusterState first = ScenarioState.parse(lines(random)).build();
        ClusterState state = first;
        Both policy = new Both();
        var unused = policy.plan(PolicyInput.of(state));
        for (int event = 0; event < EVENTS; event++) {
            String unit = unit(random.nextInt(UNITS));
            InstanceRow row = Objects.requireNonNull(state.instance(unit));
            InstanceRow origin = Objects.requireNonNull(first.instance(unit));
            state = with(state, changed(random, row, origin));
            TreeSet<String> inFlight = new TreeSet<>();
            if (random.nextInt(4) == 0) {
                inFlight.add("instances/" + unit(random.nextInt(UNITS)));
            }
            Plan plan =
                    policy.plan(new PolicyInput(state, inFlight, state.stamp().getLogMillis() + random.nextInt(2_000)));
            Statistics.collect(plan.decisions().isEmpty() ? "nothing to do" : "something to do");
        }
    }

    private static InstanceRow changed(Random random, InstanceRow row, InstanceRow origin) {
        InstanceRow.Builder changed = origin.toBuilder().setRevision(row.getRevision() + 1);
        switch (random.nextInt(5)) {
            case 0 -> changed.clearOwnership().clearMembers();
            case 1 -> changed.getOwnershipBuilder().setNode(NODES.get(random.nextInt(NODES.size())));
            case 2 -> changed.getOwnershipBuilder().setReleasing(true);
            case 3 -> changed.setMembers(0, member(origin, RunState.RUN_STATE_STARTING));
            default -> changed.setMembers(0, member(origin, RunState.RUN_STATE_FAILED));
        }
        return random.nextInt(3) == 0 ? origin : changed.build();
    }

    private static MemberRowStatus member(InstanceRow row, RunState state) {
        return row.getMembers(0).toBuilder().setState(state).build();
    }

    private static ClusterState with(ClusterState state, InstanceRow row) {
        return Reducer.reduce(state, Change.newBuilder().setInstance(row).build())
                .advanced(state.revision() + 1, state.stamp());
    }

    private static String unit(int number) {
        return "u" + (10 + number);
    }

    private static List<String> lines(Random random) {
        List<String> lines = new ArrayList<>(List.of("now 20000"));
        for (String node : NODES) {
            lines.add("node " + node + " " + (random.nextInt(12) == 0 ? "lost" : "up"));
        }
        lines.add("fence ipmi n1 n2 n3 n4");
        for (int number = 0; number < UNITS; number++) {
            String node = NODES.get(random.nextInt(NODES.size()));
            lines.add("resource " + unit(number)
                    + " stickiness=" + List.of(0, 1, 1_000).get(random.nextInt(3))
                    + (random.nextInt(3) == 0 ? " priority=" + random.nextInt(3) : "")
                    + (random.nextInt(3) == 0 ? " prefer=" + node + ":" + random.nextInt(300) : "")
                    + (random.nextInt(6) == 0 ? " bestEffort" : ""));
            lines.add("own " + unit(number) + " on=" + NODES.get(random.nextInt(NODES.size())));
            lines.add("member " + unit(number) + " state=RUNNING");
        }
        int rules = random.nextInt(6);
        for (int rule = 0; rule < rules; rule++) {
            String one = unit(random.nextInt(UNITS));
            String other = unit(random.nextInt(UNITS));
            String score = List.of("1000000", "-1000000", "100", "-100").get(random.nextInt(4));
            lines.add(
                    random.nextBoolean()
                            ? "colocation c" + rule + " of=" + one + " with=" + other + " score=" + score
                            : "order o" + rule + " first=" + one + " then=" + other + " kind="
                                    + List.of("MANDATORY", "OPTIONAL", "SERIALIZE")
                                            .get(random.nextInt(3)));
        }
        return lines;
    }

    /** Nothing was written, and a date of a rule came. */
    @Test
    void whatRestsIsLookedAtAgainWhenADateComes() {
        ClusterState state = ScenarioState.parse(List.of(
                        "now 1000",
                        "wall 2026-05-04T08:59:59Z",
                        "node n1 up labels=power:cheap",
                        "node n2 up",
                        "resource web",
                        "location office of=web label=power:cheap during=hours=9-16 score=500",
                        "own web on=n2 running=web"))
                .build();
        PolicyInput before = PolicyInput.of(state);
        Policy policy = new Both();
        assertEquals(List.of(), policy.plan(before).decisions());
        PolicyInput after = new PolicyInput(
                state, before.inFlight(), before.nowLogMillis() + 1_000, before.nowWallMillis() + 1_000);
        assertEquals(1, policy.plan(after).decisions().size());
        assertEquals(List.of(), policy.plan(before).decisions(), "the clock was set back");
    }

    /** No instance was written, and a node says that it is not well. */
    @Test
    void whatRestsIsLookedAtAgainWhenHealthChanges() {
        ClusterState well = ScenarioState.parse(List.of(
                        "node n1 up",
                        "node n2 up",
                        "health ONLY_GREEN",
                        "attribute n1 health-smart green",
                        "resource web",
                        "own web on=n1 running=web"))
                .build();
        Policy policy = new Both();
        assertEquals(List.of(), policy.plan(PolicyInput.of(well)).decisions());
        ClusterState unwell = Reducer.reduce(
                well,
                Change.newBuilder()
                        .setAttribute(AttributeRow.newBuilder()
                                .setNode("n1")
                                .setName("health-smart")
                                .setValue("yellow"))
                        .build());
        assertEquals(1, policy.plan(PolicyInput.of(unwell)).decisions().size());
        assertEquals(List.of(), policy.plan(PolicyInput.of(well)).decisions(), "it is well again");
    }

    /** In a quiet cluster a failure concerns what failed, and what rules bind to it. */
    @Test
    void onlyWhatAChangeConcernsIsLookedAt() {
        List<String> lines = new ArrayList<>(List.of("now 20000", "node n1 up", "node n2 up"));
        for (String name : List.of("a", "b", "c", "d")) {
            lines.add("resource " + name + " stickiness=100");
            lines.add("own " + name + " on=n1");
            lines.add("member " + name + " state=RUNNING");
        }
        lines.add("order o first=b then=c kind=MANDATORY");
        ClusterState before = ScenarioState.parse(lines).build();
        Look look = new Look(new Survey(PolicyInput.of(before)));
        assertEquals(4, look.resting().size());

        InstanceRow b = Objects.requireNonNull(before.instance("b"));
        ClusterState after = with(
                before,
                b.toBuilder()
                        .setMembers(0, member(b, RunState.RUN_STATE_FAILED))
                        .build());
        Survey next = Survey.after(look.survey(), look.resting(), PolicyInput.of(after));
        assertEquals(
                List.of("b", "c"), next.concerned().stream().map(UnitView::name).toList());
        assertEquals(List.of("a", "d"), next.resting().stream().map(Resting::id).toList());

        ClusterState written = with(after, b);
        Survey nothing = Survey.after(next, new Look(next).resting(), PolicyInput.of(written));
        assertTrue(nothing.concerned().size() < 4);
    }
}
