package io.quorate.client.cli;

import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.StateCache;
import io.quorate.client.cli.text.Tables;
import io.quorate.client.cli.text.Times;
import io.quorate.v1.Event;
import io.quorate.v1.Position;
import io.quorate.v1.StateChange;
import io.quorate.v1.WatchStateRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Prints what happens until it is interrupted: a line per event, or a JSON object per change. */
public final class WatchPrinter {
    private final CliContext cli;
    private final ClientOptions options;

    public WatchPrinter(CliContext cli, ClientOptions options) {
        this.cli = cli;
        this.options = options;
    }

    /**
     * Prints changes that come after the call.
     *
     * @param object only events and changes of this object; empty = all
     * @param selector only events and changes of objects with such labels; empty = all
     */
    @SuppressWarnings("try") // the cache only feeds its listener
    public int follow(QuorateClient client, String object, String selector) throws InterruptedException {
        CompletableFuture<Void> end = new CompletableFuture<>();
        boolean lines = options.output() == OutputFormat.TABLE || options.output() == OutputFormat.WIDE;
        WatchStateRequest.Builder filter = WatchStateRequest.newBuilder().setLabelSelector(selector);
        if (lines) {
            filter.addKinds("events");
        }
        try (StateCache cache = StateCache.start(client, filter.build(), new Printer(object, lines, end))) {
            end.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof QuorateException refused) {
                throw refused;
            }
            throw new IllegalStateException(e.getCause());
        }
        return ExitCodes.OK;
    }

    private final class Printer implements StateCache.Listener {
        private final String object;
        private final boolean lines;
        private final CompletableFuture<Void> end;
        private boolean begun;

        Printer(String object, boolean lines, CompletableFuture<Void> end) {
            this.object = object;
            this.lines = lines;
            this.end = end;
        }

        @Override
        public void changed(Position position, List<StateChange> changes) {
            if (!begun) {
                begun = true;
                return;
            }
            for (StateChange change : changes) {
                if (lines && change.hasEvent() && concerns(change.getEvent().getObject())) {
                    cli.out().println(line(change.getEvent()));
                } else if (!lines && concerns(change.getObject())) {
                    cli.out().println(Output.jsonLine(change));
                }
            }
            cli.out().flush();
        }

        @Override
        public void interrupted(QuorateException why) {
            if (options.verbose()) {
                cli.err().println("watch interrupted, goes on elsewhere: " + why.text());
            }
        }

        @Override
        public void failed(QuorateException why) {
            end.completeExceptionally(why);
        }

        private boolean concerns(String key) {
            return object.isEmpty() || key.equals(object) || key.endsWith("/" + object);
        }

        private String line(Event event) {
            String outage = Tables.outage(event);
            return Times.moment(event.getAt(), cli.nowMillis(), cli.zone()) + " " + event.getText()
                    + (outage.isEmpty() ? "" : " · outage " + outage);
        }
    }
}
