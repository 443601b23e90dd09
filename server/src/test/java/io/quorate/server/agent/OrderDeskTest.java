package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.CheckTicketResponse;
import io.quorate.agent.v1.FenceOrder;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.ReportResultsResponse;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.server.agent.exec.SystemProcessRunner;
import io.quorate.server.agent.fence.FenceRunner;
import io.quorate.server.time.Clock;
import io.quorate.server.time.FakeClock;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No order ends without a word. */
class OrderDeskTest {
    private static final StreamWorkResponse WORK = StreamWorkResponse.newBuilder()
            .addFenceOrders(FenceOrder.newBuilder().setTicket("t1").setTargetNode("n2"))
            .build();

    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final EventLoop loop = new EventLoop(new FakeClock(), () -> ended.complete(null));
    private final ExecutorService threads = Executors.newSingleThreadExecutor();

    @TempDir
    private Path directory;

    private void take(Throwable thrown) throws Exception {
        Link link = new Link(thrown);
        loop.start();
        OrderDesk desk = new OrderDesk(
                loop,
                new PoolThreads(threads, threads, threads),
                link,
                new FenceRunner(new SystemProcessRunner(Clock.system()), directory, directory, Clock.system()),
                new LogRing(directory.resolve("logs")),
                new Reporter(loop, link, new SecureRandom(), instance -> Optional.empty()),
                "n1");
        CompletableFuture<Void> asked = new CompletableFuture<>();
        loop.post(() -> {
            desk.take(WORK);
            asked.complete(null);
        });
        asked.get(10, TimeUnit.SECONDS);
        link.asked.get(10, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        loop.stop();
    }

    @Test
    void anErrorInAnOrderEndsTheAgentAsADefectOfTheLoopDoes() throws Exception {
        take(new NoClassDefFoundError("Missing"));
        ended.get(10, TimeUnit.SECONDS);
    }

    @Test
    void anOrderThatFailsIsTakenUpAgainAndTheAgentGoesOn() throws Exception {
        take(new IllegalStateException("of the test"));
        CompletableFuture<Void> alive = new CompletableFuture<>();
        threads.submit(() -> loop.post(() -> alive.complete(null))).get(10, TimeUnit.SECONDS);
        alive.get(10, TimeUnit.SECONDS);
        assertThat(ended).isNotDone();
    }

    /** Throws what it is told to when it is asked for a ticket. */
    private static final class Link implements NodeLink {
        private final CompletableFuture<Void> asked = new CompletableFuture<>();
        private final Throwable thrown;

        Link(Throwable thrown) {
            this.thrown = thrown;
        }

        @Override
        public CompletableFuture<CheckTicketResponse> checkTicket(CheckTicketRequest request) {
            asked.complete(null);
            if (thrown instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) thrown;
        }

        @Override
        public CompletableFuture<RegisterAgentResponse> register(RegisterAgentRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<RenewLeaseResponse> renew(RenewLeaseRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<ReportResultsResponse> report(ReportResultsRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public WorkStream streamWork(StreamWorkRequest request, WorkListener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
