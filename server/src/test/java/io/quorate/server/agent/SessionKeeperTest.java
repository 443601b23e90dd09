package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
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
import io.quorate.server.time.FakeClock;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** With what an agent registers, and what it says when it cannot. */
class SessionKeeperTest {
    private final Link link = new Link();
    private final FakeClock clock = new FakeClock();
    private final EventLoop loop = new EventLoop(clock, () -> {});
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();
    private SessionKeeper keeper;

    @BeforeEach
    void start() {
        said.start();
        log().setLevel(Level.WARN);
        log().addAppender(said);
        loop.start();
        keeper = new SessionKeeper(
                loop,
                link,
                new SecureRandom(),
                () -> RegisterAgentRequest.newBuilder().setNode("n1"),
                new SessionKeeper.Listener() {
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
        log().detachAppender(said);
        log().setLevel(null);
    }

    private static Logger log() {
        return (Logger) LoggerFactory.getLogger(SessionKeeper.class);
    }

    private Asked next() throws InterruptedException {
        return link.next(clock);
    }

    /** Fails the registration that waits, and returns the one that comes after it: by then the keeper has spoken. */
    private Asked failed(Asked asked, Status status) throws InterruptedException {
        asked.answer.completeExceptionally(status.asRuntimeException());
        return next();
    }

    private List<String> warnings() {
        return said.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void whyThereIsNoContactIsSaidOnceAMinute() throws InterruptedException {
        Status denied = Status.PERMISSION_DENIED.withDescription("the certificate is for node n2");
        Asked asked = failed(failed(next(), denied), denied);
        String why = "no contact: registration: PERMISSION_DENIED: the certificate is for node n2";
        assertThat(warnings()).containsExactly(why);
        clock.advance(Duration.ofMinutes(1));
        failed(asked, denied);
        assertThat(warnings()).containsExactly(why, why);
    }

    @Test
    void whoIsRefusedByTlsLearnsWhereToLook() throws InterruptedException {
        failed(
                next(),
                Status.UNAVAILABLE
                        .withDescription("ssl exception")
                        .withCause(new SSLHandshakeException("certificate_unknown")));
        assertThat(warnings())
                .singleElement(as(STRING))
                .contains("UNAVAILABLE: ssl exception: certificate_unknown. ")
                .contains("quorate cert ls");
    }

    @Test
    void whatMayHaveBeenDoneIsAskedAgainUnderTheSameNonce() throws InterruptedException {
        Asked first = next();
        first.answer.completeExceptionally(Status.DEADLINE_EXCEEDED.asRuntimeException());
        assertThat(next().nonce).isEqualTo(first.nonce);
    }

    /** The cluster remembers its refusal for as long as it remembers the request. */
    @Test
    void whatWasRefusedIsAskedAgainAsAnotherRequest() throws InterruptedException {
        Asked first = next();
        first.answer.completeExceptionally(Status.FAILED_PRECONDITION.asRuntimeException());
        assertThat(next().nonce).isNotEqualTo(first.nonce);
    }

    private record Asked(ByteString nonce, CompletableFuture<RegisterAgentResponse> answer) {}

    /** Keeps the registrations for the test to answer. */
    private static final class Link implements NodeLink {
        private final BlockingQueue<Asked> registrations = new LinkedBlockingQueue<>();

        /** Its time goes on by itself while there is none. */
        private Asked next(FakeClock clock) throws InterruptedException {
            for (int wait = 0; wait < 1_000; wait++) {
                Asked asked = registrations.poll(10, TimeUnit.MILLISECONDS);
                if (asked != null) {
                    return asked;
                }
                clock.advance(Duration.ofMillis(10));
            }
            throw new AssertionError("no registration");
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
