package io.quorate.statemachine.placement;

import static io.quorate.statemachine.placement.TransitionScenario.actions;
import static io.quorate.statemachine.placement.TransitionScenario.copies;
import static io.quorate.statemachine.placement.TransitionScenario.inOrder;
import static io.quorate.statemachine.placement.TransitionScenario.meta;
import static io.quorate.statemachine.placement.TransitionScenario.migratable;
import static io.quorate.statemachine.placement.TransitionScenario.operations;
import static io.quorate.statemachine.placement.TransitionScenario.primitive;
import static io.quorate.statemachine.placement.TransitionScenario.unwanted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quorate.statemachine.placement.Problem.Kind;
import io.quorate.statemachine.placement.Problem.Step;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What has to be done for a decision: each test shows one rule of docs/placement.md about actions. */
class TransitionTest {
    @Test
    void nothingIsDoneWhereNothingChanges() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .with(primitive("a"), primitive("b"))
                .runs("a", "n1")
                .runs("b", "n2")
                .plan();
        assertEquals(List.of(), actions(plan));
        assertEquals(List.of(), operations(plan));
    }

    @Test
    void whatMovesStopsBeforeItStarts() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .with(primitive("a"))
                .runs("a", "n1")
                .prefers("a", "n2", Score.INFINITY)
                .plan();
        assertEquals(List.of("move a n1 n2"), actions(plan));
        assertEquals(List.of("start a n2", "stop a n1"), operations(plan));
        assertTrue(inOrder(plan, "stop a n1", "start a n2"));
    }

    @Test
    void whatFailedIsRecoveredWhereItIs() {
        Transition plan = TransitionScenario.of("n1")
                .with(primitive("a"))
                .failed("a", "n1")
                .plan();
        assertEquals(List.of("recover a n1"), actions(plan));
        assertTrue(inOrder(plan, "stop a n1", "start a n1"));
    }

    @Test
    void whatRunsTwiceIsStoppedOnBothNodesBeforeItStarts() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .with(primitive("a"))
                .runs("a", "n1")
                .runs("a", "n2")
                .prefers("a", "n1", 10)
                .plan();
        assertEquals(List.of("restart a n1"), actions(plan));
        assertTrue(inOrder(plan, "stop a n1", "start a n1"));
        assertTrue(inOrder(plan, "stop a n2", "start a n1"));
    }

    @Test
    void ofWhatRunsTwiceOnlyTheUnexpectedStopsIfItSaysSo() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .with(primitive("a", meta(Optional.empty(), false, Meta.MultipleActive.STOP_UNEXPECTED)))
                .runs("a", "n1")
                .runs("a", "n2")
                .prefers("a", "n1", 10)
                .plan();
        assertEquals(List.of("stop a n2"), operations(plan));
    }

    @Test
    void whatStandsOnSomethingThatRestartsRestartsAroundIt() {
        Transition plan = TransitionScenario.of("n1")
                .with(primitive("a"), primitive("b"))
                .failed("a", "n1")
                .runs("b", "n1")
                .order("a", "b")
                .plan();
        assertEquals(List.of("recover a n1", "restart b n1"), actions(plan));
        assertTrue(inOrder(plan, "stop b n1", "stop a n1", "start a n1", "start b n1"));
    }

    @Test
    void whatRunsAlreadyRestartsWhenWhatItNeedsStartsOnlyNow() {
        Transition plan = TransitionScenario.of("n1")
                .with(primitive("a"), primitive("b"))
                .runs("b", "n1")
                .order("a", "b")
                .plan();
        assertEquals(List.of("restart b n1", "start a n1"), actions(plan));
    }

    @Test
    void anOptionalOrAsymmetricalOrderForcesNoRestart() {
        for (Kind kind : List.of(Kind.OPTIONAL, Kind.MANDATORY)) {
            Transition plan = TransitionScenario.of("n1")
                    .with(primitive("a"), primitive("b"))
                    .failed("a", "n1")
                    .runs("b", "n1")
                    .order("a", Step.START, "b", Step.START, kind, kind == Kind.OPTIONAL)
                    .plan();
            assertEquals(List.of("recover a n1"), actions(plan), kind.name());
        }
    }

    @Test
    void aGroupRestartsFromTheMemberThatFailed() {
        Transition plan = TransitionScenario.of("n1")
                .group("g", primitive("a"), primitive("b"), primitive("c"))
                .runs("a", "n1")
                .failed("b", "n1")
                .runs("c", "n1")
                .plan();
        assertEquals(List.of("recover b n1", "restart c n1"), actions(plan));
        assertTrue(inOrder(plan, "stop c n1", "stop b n1", "start b n1", "start c n1"));
    }

    @Test
    void whatCannotStartForLackOfAnotherIsBlocked() {
        Transition plan = TransitionScenario.of("n1")
                .with(unwanted("a"), primitive("b"))
                .order("a", "b")
                .plan();
        assertEquals(List.of("blocked start b n1"), actions(plan));
        assertEquals(List.of(), operations(plan));
    }

    @Test
    void anInstanceOfACloneThatStopsElsewhereDisturbsNobodyHere() {
        Transition plan = TransitionScenario.of("n1")
                .standby("n2")
                .with(copies(primitive("a"), 2, false), primitive("b"))
                .runs("a", "n1")
                .runs("a", "n2")
                .runs("b", "n1")
                .order("a-clone", "b")
                .plan();
        assertEquals(List.of("stop a n2"), actions(plan));
    }

    @Test
    void instancesThatDoNotDifferNeverChangePlaces() {
        Transition plan = TransitionScenario.of("n2", "n3")
                .standby("n1")
                .with(copies(primitive("a"), 2, false))
                .runs("a", "n1")
                .runs("a", "n3")
                .plan();
        assertEquals(List.of("move a n1 n2"), actions(plan));
    }

    @Test
    void aPromotionMovesByDemotingFirst() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .with(copies(primitive("a"), 2, true))
                .runs("a", "n1", Role.PROMOTED, false)
                .runs("a", "n2", Role.UNPROMOTED, false)
                .promotion("a", "n1", 5)
                .promotion("a", "n2", 10)
                .plan();
        assertEquals(List.of("demote a n1 PROMOTED UNPROMOTED", "promote a n2 UNPROMOTED PROMOTED"), actions(plan));
        assertTrue(inOrder(plan, "demote a n1", "promote a n2"));
    }

    @Test
    void whatMayMigrateMovesWhileItRuns() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .with(migratable("a"))
                .runs("a", "n1")
                .prefers("a", "n2", Score.INFINITY)
                .plan();
        assertEquals(List.of("migrate a n1 n2"), actions(plan));
        assertTrue(inOrder(plan, "migrate_to a n1", "migrate_from a n2", "stop a n1"));
        assertFalse(operations(plan).contains("start a n2"));
    }

    @Test
    void whatFailedDoesNotMigrate() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .with(migratable("a"))
                .failed("a", "n1")
                .prefers("a", "n2", Score.INFINITY)
                .plan();
        assertEquals(List.of("recover a n1 n2"), actions(plan));
    }

    @Test
    void nothingMigratesWhileWhatItStandsOnStops() {
        TransitionScenario scenario = TransitionScenario.of("n1", "n2")
                .with(primitive("a"), migratable("b"))
                .runs("a", "n1")
                .runs("b", "n1")
                .order("a", "b")
                .prefers("a", "n2", Score.INFINITY)
                .prefers("b", "n2", Score.INFINITY);
        assertEquals(List.of("move a n1 n2", "move b n1 n2"), actions(scenario.plan()));
    }

    @Test
    void ofTwoThatMigrateTheFirstArrivesBeforeTheSecondLeaves() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .group("g", migratable("a"), migratable("b"))
                .runs("a", "n1")
                .runs("b", "n1")
                .prefers("g", "n2", Score.INFINITY)
                .plan();
        assertEquals(List.of("migrate a n1 n2", "migrate b n1 n2"), actions(plan));
        assertTrue(
                inOrder(plan, "migrate_from a n2", "migrate_to b n1", "migrate_from b n2", "stop b n1", "stop a n1"));
    }

    @Test
    void whatStandsOnSomethingThatMigratesGoesOn() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .with(migratable("a"), primitive("b"))
                .runs("a", "n1")
                .runs("b", "n2")
                .order("a", "b")
                .prefers("a", "n2", Score.INFINITY)
                .prefers("b", "n2", 1)
                .plan();
        assertEquals(List.of("migrate a n1 n2"), actions(plan));
    }

    @Test
    void whatAMigrationLeftBehindIsStopped() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .with(migratable("a"))
                .activity("a", "n1", Role.STOPPED, false, true)
                .runs("a", "n2")
                .plan();
        assertEquals(List.of(), actions(plan));
        assertEquals(List.of("stop a n1"), operations(plan));
    }

    @Test
    void aStartWithoutAnswerIsAskedForAgain() {
        Transition plan = TransitionScenario.of("n1")
                .with(primitive("a"))
                .activity("a", "n1", Role.STARTED, true, false)
                .plan();
        assertEquals(List.of(), actions(plan));
        assertEquals(List.of("start a n1"), operations(plan));
    }

    @Test
    void whatRunsWithOldParametersRestartsAndDoesNotMigrate() {
        Transition here = TransitionScenario.of("n1")
                .with(primitive("a"))
                .outdated("a", "n1")
                .plan();
        assertEquals(List.of("restart a n1"), actions(here));
        Transition away = TransitionScenario.of("n1", "n2")
                .with(migratable("a"))
                .outdated("a", "n1")
                .prefers("a", "n2", Score.INFINITY)
                .plan();
        assertEquals(List.of("move a n1 n2"), actions(away));
    }

    @Test
    void whatCannotBePromotedInThisPassComesUpAndItsPromotionIsBlocked() {
        Transition plan = TransitionScenario.of("n1")
                .with(copies(primitive("a"), 1, true), unwanted("b"))
                .promotion("a", "n1", 10)
                .order("b", Step.START, "a-clone", Step.PROMOTE, Kind.MANDATORY, true)
                .plan();
        assertEquals(List.of("blocked promote a n1 STOPPED PROMOTED"), actions(plan));
        assertEquals(List.of("start a n1"), operations(plan));
    }
}
