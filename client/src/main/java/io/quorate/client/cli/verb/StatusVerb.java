package io.quorate.client.cli.verb;

import io.quorate.client.Category;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.StateCache;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.text.StatusScreen;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.Position;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.ReadOptions;
import io.quorate.v1.StateChange;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The status screen. Without a quorum it shows what one server knows, and says so. */
@Command(
        name = "status",
        description = "What runs where, and what needs a person.",
        footer = {"", "  quorate status", "  quorate status --exit-code     # 0 as wanted, 8 degraded, 5 no quorum"})
public final class StatusVerb extends ReadVerb {
    private static final Duration LINEARIZABLE_LIMIT = Duration.ofSeconds(2);
    private static final ReadOptions STALE = ReadOptions.newBuilder()
            .setConsistency(ReadConsistency.READ_CONSISTENCY_STALE)
            .build();
    private static final Duration REFRESH = Duration.ofSeconds(2);
    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

    @Option(names = "--watch", description = "Show it again at every change")
    private boolean watch;

    @Option(names = "--exit-code", description = "Exit with 8 when degraded and 5 without a quorum")
    private boolean exitCode;

    public StatusVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) throws InterruptedException {
        return watch ? watch(client) : show(fetch(client));
    }

    @Override
    protected boolean saysItselfWhetherStale() {
        return forPeople();
    }

    private int show(GetStatusResponse status) {
        StatusScreen screen = new StatusScreen(status, cli().nowMillis(), wide());
        print(status, screen::render);
        if (!exitCode) {
            return ExitCodes.OK;
        }
        if (!status.getQuorum()) {
            return ExitCodes.UNAVAILABLE;
        }
        return screen.degraded() ? ExitCodes.DIFFERS : ExitCodes.OK;
    }

    private GetStatusResponse fetch(QuorateClient client) {
        GetStatusRequest request =
                GetStatusRequest.newBuilder().setRead(read().toOptions()).build();
        if (read().stale() || read().isPast()) {
            return client.read(ClusterServiceGrpc.getGetStatusMethod(), request);
        }
        Duration limit = options().timeout().orElse(LINEARIZABLE_LIMIT);
        try {
            return client.read(ClusterServiceGrpc.getGetStatusMethod(), request, limit);
        } catch (QuorateException e) {
            if (e.category() != Category.UNAVAILABLE || e.code().equals("UNREACHABLE")) {
                throw e;
            }
            return client.read(
                    ClusterServiceGrpc.getGetStatusMethod(),
                    request.toBuilder().setRead(STALE).build(),
                    limit);
        }
    }

    /** Redraws at every change, and from time to time because ages and contacts change without one. */
    @SuppressWarnings("try") // the cache only wakes this loop
    private int watch(QuorateClient client) throws InterruptedException {
        LinkedBlockingQueue<Position> changes = new LinkedBlockingQueue<>(1);
        StateCache.Listener wake = (Position position, List<StateChange> ignored) -> changes.offer(position);
        try (StateCache cache = StateCache.start(client, List.of(), List.of(), wake)) {
            while (!Thread.currentThread().isInterrupted()) {
                GetStatusResponse status = fetch(client);
                if (forPeople() && cli().terminal().outputIsTerminal()) {
                    out().print(CLEAR_SCREEN);
                }
                int unused = show(status);
                var ignored = changes.poll(REFRESH.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
        return ExitCodes.OK;
    }
}
