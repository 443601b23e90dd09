package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.MoveUnit;
import io.quorate.server.leader.FakeMigrations.Journey;
import io.quorate.statemachine.model.Migrations;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Live migration through leader, state machine and policy, with agents that do their part. */
class MigrationTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    private final World world = new World();

    @BeforeEach
    void runsOnTheFirstNode() {
        world.apply(World.fenceDevice("ipmi"), World.live("vm", "one"));
        world.runUntilAllUp();
        world.runUntil("vm runs", SOON, () -> world.runs("vm", "n1"));
    }

    private void move(String node) {
        world.accept(Command.newBuilder()
                .setMoveUnit(MoveUnit.newBuilder().setUnit("resources/vm").setToNode(node))
                .build());
    }

    private void runUntilOn(String node) {
        world.runUntil(
                "vm on " + node,
                Duration.ofMinutes(1),
                () -> world.runs("vm", node) && world.state().instance(Migrations.arrivalId("vm")) == null);
    }

    @Test
    void itArrivesWithoutBeingStarted() {
        move("n3");
        runUntilOn("n3");
        assertThat(world.hasEvent("RESOURCE_MIGRATED")).isTrue();
        assertThat(world.agent("n1").running()).isEmpty();
    }

    @Test
    void whatLeftUnnoticedIsStoppedWhereItArrivedAndStartedAnew() {
        world.journeys(Journey.LEAVES_UNNOTICED, Duration.ofMillis(500));
        move("n3");
        world.runUntil("it left", SOON, () -> world.agent("n3").unclaimed().contains("vm"));
        world.runUntil(
                "vm runs where it is owned",
                Duration.ofMinutes(1),
                () -> !world.owner("vm").isEmpty() && world.runs("vm", world.owner("vm")));
        assertThat(world.agent("n3").unclaimed()).isEmpty();
    }

    /** While the agent of the target is away nothing is sent; nobody but the source waits for it. */
    @Test
    void theSourceIsToldWhenItsTargetIsThereAgain() {
        world.agent("n1").detachAgent();
        world.run(Duration.ofSeconds(1));
        move("n3");
        world.runUntil("it is to move", SOON, () -> world.state().instance(Migrations.arrivalId("vm")) != null);
        world.elect("n3");
        world.run(Duration.ofSeconds(1));
        world.agent("n3").detachAgent();
        world.run(Duration.ofSeconds(1));
        world.agent("n1").startAgent();
        world.agent("n3").startAgent();
        world.elect("n1");
        runUntilOn("n3");
    }
}
