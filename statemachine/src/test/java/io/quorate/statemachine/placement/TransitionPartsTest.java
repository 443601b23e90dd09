package io.quorate.statemachine.placement;

import static io.quorate.statemachine.placement.TransitionScenario.actions;
import static io.quorate.statemachine.placement.TransitionScenario.bundle;
import static io.quorate.statemachine.placement.TransitionScenario.inOrder;
import static io.quorate.statemachine.placement.TransitionScenario.operations;
import static io.quorate.statemachine.placement.TransitionScenario.primitive;
import static io.quorate.statemachine.placement.TransitionScenario.unwanted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is done with a bundle's replica, or with a guest, is said of its parts. */
class TransitionPartsTest {
    @Test
    void aReplicaStartsFromTheContainerInwards() {
        Transition plan =
                TransitionScenario.of("n1").with(bundle("web", "httpd", 1)).plan();
        assertEquals(List.of("start httpd web-0", "start web-0 n1", "start web-podman-0 n1"), actions(plan));
        assertTrue(inOrder(plan, "start web-podman-0 n1", "start web-0 n1", "start httpd web-0"));
    }

    @Test
    void aReplicaStopsFromTheInsideOutwards() {
        Transition plan = TransitionScenario.of("n1")
                .standby("n2")
                .with(bundle("web", "httpd", 2))
                .replica("web", 0, "httpd", "n1", false)
                .replica("web", 1, "httpd", "n2", false)
                .plan();
        assertEquals(List.of("stop httpd web-1", "stop web-1 n2", "stop web-podman-1 n2"), actions(plan));
        assertTrue(inOrder(plan, "stop httpd web-1", "stop web-1 n2", "stop web-podman-1 n2"));
    }

    @Test
    void whatFailsInsideIsRecoveredInsideItsContainer() {
        Transition plan = TransitionScenario.of("n1")
                .with(bundle("web", "httpd", 1))
                .replica("web", 0, "httpd", "n1", true)
                .plan();
        assertEquals(List.of("recover httpd web-0"), actions(plan));
        assertEquals(List.of("start httpd web-0", "stop httpd web-0"), operations(plan));
    }

    @Test
    void replicasThatRunNeverChangePlaces() {
        Transition plan = TransitionScenario.of("n1", "n2")
                .with(bundle("web", "httpd", 2))
                .replica("web", 0, "httpd", "n2", false)
                .replica("web", 1, "httpd", "n1", false)
                .plan();
        assertEquals(List.of(), actions(plan));
    }

    @Test
    void whatRunsOnAGuestGoesDownAndComesUpWithIt() {
        Transition plan = TransitionScenario.of("n1")
                .with(primitive("vm"), primitive("a"))
                .guest("g1", "vm")
                .failed("vm", "n1")
                .part("g1", "n1", Role.STARTED, false)
                .runs("a", "g1")
                .prefers("a", "g1", Score.INFINITY)
                .plan();
        assertEquals(List.of("recover vm n1", "restart a g1", "restart g1 n1"), actions(plan));
        assertTrue(inOrder(plan, "stop a g1", "stop g1 n1", "stop vm n1", "start vm n1", "start g1 n1", "start a g1"));
    }

    @Test
    void theConnectionToAGuestGoesWithIt() {
        Transition plan = TransitionScenario.of("n1")
                .with(unwanted("vm"))
                .guest("g1", "vm")
                .runs("vm", "n1")
                .part("g1", "n1", Role.STARTED, false)
                .plan();
        assertEquals(List.of("stop g1 n1", "stop vm n1"), actions(plan));
    }
}
