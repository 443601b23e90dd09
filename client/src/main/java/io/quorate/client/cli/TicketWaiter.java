package io.quorate.client.cli;

import io.quorate.client.Category;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.cli.text.Tables;
import io.quorate.v1.FenceTicket;
import io.quorate.v1.StateChange;
import io.quorate.v1.TicketState;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Follows a fence ticket until it is confirmed or cancelled. */
public final class TicketWaiter {
    private final CliContext cli;
    private final ClientOptions options;

    public TicketWaiter(CliContext cli, ClientOptions options) {
        this.cli = cli;
        this.options = options;
    }

    /** Exit code 0 when the node is off; otherwise the reason is thrown. */
    @SuppressWarnings("try") // the registration ends with the block
    public int await(QuorateClient client, String node, String ticket, Duration limit) throws InterruptedException {
        String goesOn = ticket + " goes on · quorate fence history " + node;
        FenceTicket[] last = {FenceTicket.getDefaultInstance()};
        try (var interrupt = cli.interrupts().onInterrupt(() -> cli.err().println(goesOn));
                Progress progress = Progress.start(cli, options)) {
            StateWait.until(client, List.of("tickets"), limit, "fence of " + node, objects -> {
                last[0] = find(objects, ticket);
                progress.now(
                        "fencing " + node + ", attempt " + last[0].getAttempts() + " " + Tables.lastAttempt(last[0]));
                return last[0].getState() != TicketState.TICKET_STATE_OPEN;
            });
        } catch (QuorateException e) {
            if (e.category() != Category.TIMED_OUT) {
                throw e;
            }
            throw QuorateException.of(Category.TIMED_OUT, "TIMED_OUT", node + " is not confirmed off: " + goesOn)
                    .object(ticket)
                    .cause(e)
                    .build();
        }
        return finished(node, last[0]);
    }

    private int finished(String node, FenceTicket ticket) {
        if (ticket.getState() == TicketState.TICKET_STATE_CONFIRMED) {
            if (options.output() == OutputFormat.TABLE || options.output() == OutputFormat.WIDE) {
                cli.out().println(node + " is off, confirmed by " + ticket.getConfirmedBy());
            }
            return ExitCodes.OK;
        }
        throw QuorateException.of(
                        Category.ERROR,
                        "FENCE_CANCELLED",
                        ticket.getId() + " was cancelled: " + node + " came back before it was switched off")
                .object(ticket.getId())
                .nextStep("quorate get nodes/" + node)
                .build();
    }

    private static FenceTicket find(Map<String, StateChange> objects, String ticket) {
        StateChange row = objects.get("tickets/" + ticket);
        if (row == null) {
            throw QuorateException.of(Category.NOT_FOUND, "NOT_FOUND", ticket + " is no longer kept")
                    .object(ticket)
                    .nextStep("quorate fence history")
                    .build();
        }
        return row.getTicket();
    }
}
