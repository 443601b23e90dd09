package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.ChangeTicket;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.OperationRow;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OperationState;
import io.quorate.v1.Safety;
import io.quorate.v1.TicketAction;
import io.quorate.v1.TicketConstraintSpec;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What needs a ticket between sites follows it, and who changes a ticket can wait for that. */
class TicketsTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    private final World world = new World();

    @BeforeEach
    void threeNodesUp() {
        world.runUntilAllUp();
    }

    private CommandResult change(TicketAction action) {
        return world.accept(Command.newBuilder()
                .setChangeTicket(ChangeTicket.newBuilder().setTicket("site-a").setAction(action))
                .build());
    }

    private void done(CommandResult asked) {
        String id = asked.getObject().substring("operations/".length());
        world.runUntil(
                "operation done",
                SOON,
                () -> world.state()
                                .operations()
                                .getOrDefault(id, OperationRow.getDefaultInstance())
                                .getState()
                        == OperationState.OPERATION_STATE_DONE);
    }

    private void webNeedsIt(LossPolicy policy) {
        world.apply(
                World.service("web", Safety.SAFETY_EXCLUSIVE),
                Manifest.newBuilder()
                        .setMeta(ObjectMeta.newBuilder().setName("web-site"))
                        .setTicketConstraint(TicketConstraintSpec.newBuilder()
                                .setTicket("site-a")
                                .addResources("web")
                                .setLossPolicy(policy))
                        .build());
    }

    @Test
    void itRunsOnceTheTicketIsGrantedAndStopsOnceItIsRevoked() {
        webNeedsIt(LossPolicy.LOSS_POLICY_STOP);
        world.run(SOON);
        assertThat(world.owner("web")).isEmpty();
        done(change(TicketAction.TICKET_ACTION_GRANT));
        String owner = world.owner("web");
        assertThat(world.runs("web", owner)).isTrue();
        done(change(TicketAction.TICKET_ACTION_STANDBY));
        assertThat(world.owner("web")).isEmpty();
        assertThat(world.runs("web", owner)).isFalse();
        done(change(TicketAction.TICKET_ACTION_ACTIVATE));
        assertThat(world.runs("web", world.owner("web"))).isTrue();
        done(change(TicketAction.TICKET_ACTION_REVOKE));
        assertThat(world.owner("web")).isEmpty();
        world.run(SOON);
        assertThat(world.owner("web")).isEmpty();
        assertThat(world.state().tickets()).isEmpty();
    }

    /** The node is switched off at once, comes back, and runs nothing of what needs the ticket. */
    @Test
    void itsNodeIsFencedWhenTheLossPolicySaysSo() {
        world.apply(World.fenceDevice("power"));
        webNeedsIt(LossPolicy.LOSS_POLICY_FENCE);
        done(change(TicketAction.TICKET_ACTION_GRANT));
        String owner = world.owner("web");
        change(TicketAction.TICKET_ACTION_REVOKE);
        world.runUntil("its node is fenced", Duration.ofSeconds(30), () -> world.hasEvent("NODE_FENCED"));
        assertThat(world.owner("web")).isEmpty();
        assertThat(world.runs("web", owner)).isFalse();
    }
}
