package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.CheckTicketResponse;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.ReportResultsResponse;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.server.time.Clock;
import io.quorate.server.time.FakeClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When renewals are sent. */
class LeaseHolderTest {
    private static final Duration RARELY = Duration.ofMinutes(10);

    private final Link link = new Link();
    private final BlockingQueue<Throwable> defects = new LinkedBlockingQueue<>();

    private LeaseHolder holder(Path directory) throws Exception {
        return new LeaseHolder(
                link,
                Clock.system(),
                new ContactFile(directory.resolve("contact"), "boot"),
                new PoolThreads.TimerThread(),
                answer -> {},
                defects::add);
    }

    @Test
    void afterAFailureTheNextServerIsAskedAtOnceAndNotAtTheNextTurn(@TempDir Path directory) throws Exception {
        try (LeaseHolder holder = holder(directory)) {
            holder.hold("n1", 1, 1, RARELY);
            link.next().completeExceptionally(new IllegalStateException("silent"));
            link.next().complete(RenewLeaseResponse.getDefaultInstance());
            assertThat(link.renewals.poll(300, TimeUnit.MILLISECONDS))
                    .as("after an answer the next one has time")
                    .isNull();
        }
    }

    @Test
    void afterTheEndOfASessionAFailureAsksNobody(@TempDir Path directory) throws Exception {
        try (LeaseHolder holder = holder(directory)) {
            holder.hold("n1", 1, 1, RARELY);
            CompletableFuture<RenewLeaseResponse> old = link.next();
            holder.release();
            old.completeExceptionally(new IllegalStateException("silent"));
            assertThat(link.renewals.poll(300, TimeUnit.MILLISECONDS)).isNull();
        }
    }

    @Test
    void aRenewalThatThrowsEndsNotOnlyTheRenewals(@TempDir Path directory) throws Exception {
        try (LeaseHolder holder = holder(directory)) {
            link.defect = new NoClassDefFoundError("Missing");
            holder.hold("n1", 1, 1, RARELY);
            assertThat(defects.poll(10, TimeUnit.SECONDS)).isSameAs(link.defect);
        }
    }

    /** PetFresh: answers that pile up on a slow way cannot prolong a lease beyond the last one that was asked for. */
    @Test
    void whileARenewalIsUnderWayNoOtherIsSent(@TempDir Path directory) throws Exception {
        try (LeaseHolder holder = holder(directory)) {
            holder.hold("n1", 1, 1, Duration.ofMillis(10));
            CompletableFuture<RenewLeaseResponse> first = link.next();
            assertThat(link.renewals.poll(300, TimeUnit.MILLISECONDS)).isNull();
            first.complete(RenewLeaseResponse.getDefaultInstance());
            assertThat(link.next()).isNotNull();
        }
    }

    /** PetFresh: the time that an answer was on its way is gone from the lease. */
    @Test
    void aLeaseCountsFromWhenItsRenewalWasSent(@TempDir Path directory) throws Exception {
        FakeClock clock = new FakeClock();
        BlockingQueue<RenewLeaseResponse> answers = new LinkedBlockingQueue<>();
        ContactFile contact = new ContactFile(directory.resolve("contact"), "boot");
        try (LeaseHolder holder =
                new LeaseHolder(link, clock, contact, new PoolThreads.TimerThread(), answers::add, defects::add)) {
            holder.hold("n1", 1, 1, RARELY);
            CompletableFuture<RenewLeaseResponse> renewal = link.next();
            clock.advance(Duration.ofSeconds(4));
            renewal.complete(RenewLeaseResponse.newBuilder()
                    .setVerdict(RenewLeaseResponse.Verdict.VERDICT_RENEWED)
                    .setLease(com.google.protobuf.Duration.newBuilder().setSeconds(10))
                    .build());
            assertThat(answers.poll(10, TimeUnit.SECONDS)).isNotNull();
            assertThat(holder.endNanos()).isEqualTo(Duration.ofSeconds(10).toNanos());
        }
    }

    /** Keeps the renewals for the test to answer. */
    private static final class Link implements NodeLink {
        private final BlockingQueue<CompletableFuture<RenewLeaseResponse>> renewals = new LinkedBlockingQueue<>();
        private volatile @Nullable Error defect;

        private CompletableFuture<RenewLeaseResponse> next() throws InterruptedException {
            return Objects.requireNonNull(renewals.poll(10, TimeUnit.SECONDS), "no renewal");
        }

        @Override
        public CompletableFuture<RenewLeaseResponse> renew(RenewLeaseRequest request) {
            if (defect != null) {
                throw defect;
            }
            CompletableFuture<RenewLeaseResponse> answer = new CompletableFuture<>();
            renewals.add(answer);
            return answer;
        }

        @Override
        public CompletableFuture<RegisterAgentResponse> register(RegisterAgentRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<ReportResultsResponse> report(ReportResultsRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<CheckTicketResponse> checkTicket(CheckTicketRequest request) {
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
