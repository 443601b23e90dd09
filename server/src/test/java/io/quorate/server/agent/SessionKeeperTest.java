package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.CheckTicketResponse;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.ReportResultsResponse;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.server.time.Clock;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With what an agent registers. */
class SessionKeeperTest {
    private final Link link = new Link();
    private final EventLoop loop = new EventLoop(Clock.system(), () -> {});

    @BeforeEach
    void start() {
        loop.start();
        SessionKeeper keeper = new SessionKeeper(
                loop, link, () -> RegisterAgentRequest.newBuilder().setNode("n1"), new SessionKeeper.Listener() {
                    @Override
                    public void onSession(RegisterAgentResponse session) {}

                    @Override
                    public void onSessionEnd() {}

                    @Override
                    public void onWork(StreamWorkResponse work) {}
                });
        loop.post(keeper::register);
    }

    @AfterEach
    void stop() {
        loop.stop();
    }

    @Test
    void whatMayHaveBeenDoneIsAskedAgainUnderTheSameNonce() throws InterruptedException {
        Asked first = link.next();
        first.answer.completeExceptionally(Status.DEADLINE_EXCEEDED.asRuntimeException());
        assertThat(link.next().nonce).isEqualTo(first.nonce);
    }

    /** The cluster remembers its refusal for as long as it remembers the request. */
    @Test
    void whatWasRefusedIsAskedAgainAsAnotherRequest() throws InterruptedException {
        Asked first = link.next();
        first.answer.completeExceptionally(Status.FAILED_PRECONDITION.asRuntimeException());
        assertThat(link.next().nonce).isNotEqualTo(first.nonce);
    }

    private record Asked(ByteString nonce, CompletableFuture<RegisterAgentResponse> answer) {}

    /** Keeps the registrations for the test to answer. */
    private static final class Link implements NodeLink {
        private final BlockingQueue<Asked> registrations = new LinkedBlockingQueue<>();

        private Asked next() throws InterruptedException {
            return Objects.requireNonNull(registrations.poll(10, TimeUnit.SECONDS), "no registration");
        }

        @Override
        public CompletableFuture<RenewLeaseResponse> renew(RenewLeaseRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<RegisterAgentResponse> register(RegisterAgentRequest request) {
            CompletableFuture<RegisterAgentResponse> answer = new CompletableFuture<>();
            registrations.add(new Asked(request.getSessionNonce(), answer));
            return answer;
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
