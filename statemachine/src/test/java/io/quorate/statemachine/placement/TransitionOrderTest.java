package io.quorate.statemachine.placement;

import static io.quorate.statemachine.placement.TransitionScenario.actions;
import static io.quorate.statemachine.placement.TransitionScenario.copies;
import static io.quorate.statemachine.placement.TransitionScenario.fenceDevice;
import static io.quorate.statemachine.placement.TransitionScenario.inOrder;
import static io.quorate.statemachine.placement.TransitionScenario.operations;
import static io.quorate.statemachine.placement.TransitionScenario.primitive;
import static io.quorate.statemachine.placement.TransitionScenario.unwanted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quorate.statemachine.placement.Problem.Kind;
import io.quorate.statemachine.placement.Problem.Step;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In which order what has to be done is done: each test shows one rule of docs/placement.md about order. */
class TransitionOrderTest {
    @Test
    void nothingStartsBeforeLostNodesAreFencedAndTheirStopsAreImplied() {
        Transition plan = TransitionScenario.of("n1")
                .lost("n2")
                .with(primitive("a"), primitive("b"))
                .runs("a", "n2")
                .plan();
        assertEquals(List.of("move a n2 n1", "start b n1"), actions(plan));
        assertEquals(List.of("fence n2", "start a n1", "start b n1"), operations(plan));
        assertTrue(inOrder(plan, "fence n2", "start a n1"));
        assertTrue(inOrder(plan, "fence n2", "start b n1"));
    }

    @Test
    void aFenceDeviceFromALostNodeStartsWithoutWaitingForTheFencing() {
        Transition plan = TransitionScenario.of("n1")
                .lost("n2")
                .with(fenceDevice("f"))
                .runs("f", "n2")
                .plan();
        assertEquals(List.of("fence n2", "start f n1"), operations(plan));
        assertFalse(inOrder(plan, "fence n2", "start f n1"));
    }

    @Test
    void nodesAreFencedOneByOneByNumberUnlessTheyMayBeAtOnce() {
        Transition one = TransitionScenario.of("n1")
                .fencingOneByOne()
                .lost("n10")
                .lost("n9")
                .plan();
        assertTrue(inOrder(one, "fence n9", "fence n10"));
        Transition atOnce = TransitionScenario.of("n1").lost("n10").lost("n9").plan();
        assertFalse(inOrder(atOnce, "fence n9", "fence n10"));
    }

    @Test
    void anOptionalOrderBindsWhenBothHappen() {
        Transition plan = TransitionScenario.of("n1")
                .with(primitive("a"), primitive("b"))
                .order("a", Step.START, "b", Step.START, Kind.OPTIONAL, true)
                .plan();
        assertTrue(inOrder(plan, "start a n1", "start b n1"));
    }

    @Test
    void anOrderIsUndoneInReverseOnlyIfItIsSymmetrical() {
        for (boolean symmetrical : List.of(true, false)) {
            Transition plan = TransitionScenario.of("n1")
                    .with(unwanted("a"), unwanted("b"))
                    .runs("a", "n1")
                    .runs("b", "n1")
                    .order("a", Step.START, "b", Step.START, Kind.MANDATORY, symmetrical)
                    .plan();
            assertEquals(symmetrical, inOrder(plan, "stop b n1", "stop a n1"));
        }
    }

    @Test
    void whatWaitsForAPromotionStartsAfterIt() {
        Transition plan = TransitionScenario.of("n1")
                .with(copies(primitive("a"), 1, true), primitive("b"))
                .promotion("a", "n1", 10)
                .order("a-clone", Step.PROMOTE, "b", Step.START, Kind.MANDATORY, true)
                .plan();
        assertTrue(inOrder(plan, "start a n1", "promote a n1", "start b n1"));
    }

    @Test
    void aCloneStopsBeforeItStartsAndWhatComesAfterWaitsForAllOfIt() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .with(copies(primitive("a"), 2, false), copies(primitive("b"), 2, false))
                .failed("a", "n1")
                .order("a-clone", "b-clone")
                .plan();
        assertTrue(inOrder(plan, "stop a n1", "start a n2"));
        assertTrue(inOrder(plan, "start a n1", "start b n2"));
        assertTrue(inOrder(plan, "start a n2", "start b n1"));
    }

    @Test
    void whatMustBeApartIsNeverTogetherOnTheWay() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .with(primitive("a"), primitive("b"))
                .runs("a", "n1")
                .runs("b", "n2")
                .prefers("a", "n2", Score.INFINITY)
                .apart("b", "a")
                .plan();
        assertEquals(List.of("move a n1 n2", "move b n2 n1"), actions(plan));
        assertTrue(inOrder(plan, "stop b n2", "start a n2"));
        assertTrue(inOrder(plan, "stop a n1", "start b n1"));
    }

    @Test
    void whereCapacityCountsANodeIsLeftBeforeAnythingComes() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .balancing()
                .with(primitive("a"), primitive("b"))
                .runs("a", "n1")
                .prefers("a", "n2", Score.INFINITY)
                .prefers("b", "n1", Score.INFINITY)
                .plan();
        assertTrue(inOrder(plan, "stop a n1", "start b n1"));
    }

    @Test
    void rulesThatGoRoundLeaveAnOrderWithoutCircles() {
        Transition plan = TransitionScenario.of("n1")
                .with(primitive("a"), primitive("b"), primitive("c"))
                .order("a", Step.START, "b", Step.START, Kind.OPTIONAL, true)
                .order("b", Step.START, "c", Step.START, Kind.OPTIONAL, true)
                .order("c", Step.START, "a", Step.START, Kind.OPTIONAL, true)
                .plan();
        assertEquals(3, plan.operations().size());
        for (int i = 0; i < 3; i++) {
            assertFalse(TransitionScenario.after(plan, i).contains(i));
        }
    }

    @Test
    void aMandatoryOrderHoldsAgainstAnOptionalOne() {
        Transition plan = TransitionScenario.of("n1")
                .with(primitive("a"), primitive("b"))
                .order("a", "b")
                .order("b", Step.START, "a", Step.START, Kind.OPTIONAL, true)
                .plan();
        assertTrue(inOrder(plan, "start a n1", "start b n1"));
        assertFalse(inOrder(plan, "start b n1", "start a n1"));
    }
}
