package io.quorate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetSettingsRequest;
import io.quorate.v1.GetSettingsResponse;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.OwnershipServiceGrpc;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.RestartResourceRequest;
import io.quorate.v1.RestartResourceResponse;
import io.quorate.v1.ValidateTokenRequest;
import io.quorate.v1.ValidateTokenResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Retries are safe: a request is done at most once, and the error says what is known about it. */
class QuorateClientTest {
    /** Is used up, and must do for what is answered at once on a slow machine. */
    private static final Duration BUDGET = Duration.ofSeconds(4);

    private final FakeServer first = new FakeServer();
    private final FakeServer second = new FakeServer();

    @AfterEach
    void stop() {
        first.close();
        second.close();
    }

    private static QuorateClient client(Duration limit, Endpoint... endpoints) {
        return QuorateClient.create(ClientConfig.loopback(endpoints).within(limit));
    }

    private QuorateClient both() {
        return client(Duration.ofSeconds(4), first.endpoint(), second.endpoint());
    }

    private static RestartResourceResponse restart(QuorateClient client) {
        return restart(client, MutationOptions.getDefaultInstance());
    }

    private static RestartResourceResponse restart(QuorateClient client, MutationOptions options) {
        return client.mutate(
                ResourceServiceGrpc.getRestartResourceMethod(),
                options,
                stamped -> RestartResourceRequest.newBuilder()
                        .setOptions(stamped)
                        .setResource("web")
                        .build());
    }

    private static RestartResourceResponse done(long revision) {
        return RestartResourceResponse.newBuilder()
                .setHeader(FakeServer.header(revision))
                .setOperation("op-1")
                .build();
    }

    private static GetSettingsResponse readSettings(QuorateClient client) {
        return client.read(ClusterServiceGrpc.getGetSettingsMethod(), GetSettingsRequest.getDefaultInstance());
    }

    private static GetSettingsResponse settings(long revision) {
        return GetSettingsResponse.newBuilder()
                .setHeader(FakeServer.header(revision))
                .build();
    }

    private static QuorateException failureOf(Runnable call) {
        return catchThrowableOfType(QuorateException.class, call::run);
    }

    private static List<String> ids(FakeServer server) {
        return server.requests(RestartResourceRequest.class).stream()
                .map(request -> request.getOptions().getRequestId())
                .toList();
    }

    private static Endpoint unusedEndpoint() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Endpoint("127.0.0.1", socket.getLocalPort());
        }
    }

    @Test
    void aReadGoesOnToTheNextEndpointWhenOneIsDown() throws IOException {
        second.answer(ClusterServiceGrpc.getGetSettingsMethod(), request -> settings(7));
        try (QuorateClient client = client(Duration.ofSeconds(4), unusedEndpoint(), second.endpoint())) {
            GetSettingsResponse answer = readSettings(client);
            assertThat(answer.getHeader().getPosition()).isEqualTo(FakeServer.position(7));
            assertThat(client.highestPosition()).isEqualTo(FakeServer.position(7));
        }
    }

    @Test
    void whenNobodyAnswersTheEndpointThatComesFirstIsNamed() throws IOException {
        Endpoint meant = unusedEndpoint();
        try (QuorateClient client = client(Duration.ofSeconds(1), meant, unusedEndpoint(), unusedEndpoint())) {
            assertThatThrownBy(() -> readSettings(client)).hasMessageContaining(meant.toString());
        }
    }

    @Test
    void aServerThatHangsLeavesTimeForTheOthers() {
        first.on(ClusterServiceGrpc.getGetSettingsMethod(), (request, observer) -> {});
        second.answer(ClusterServiceGrpc.getGetSettingsMethod(), request -> settings(7));
        try (QuorateClient client = both()) {
            GetSettingsResponse answer = readSettings(client);
            assertThat(answer.getHeader().getPosition().getRevision()).isEqualTo(7);
        }
    }

    @Test
    void aConnectionThatHangsLeavesTimeForTheOthers() throws IOException {
        second.answer(ClusterServiceGrpc.getGetSettingsMethod(), request -> settings(7));
        try (SlowRelay hangs = new SlowRelay(first.endpoint().port(), Duration.ofMinutes(1));
                QuorateClient client = client(BUDGET, hangs.endpoint(), second.endpoint())) {
            GetSettingsResponse answer = readSettings(client);
            assertThat(answer.getHeader().getPosition().getRevision()).isEqualTo(7);
        }
    }

    /** As TLS does on hosts that have just booted: no server is given up for it, and the limit is the call's. */
    @Test
    void connectionsThatTakeTheirTimeAreWaitedFor() throws IOException {
        second.answer(ClusterServiceGrpc.getGetSettingsMethod(), request -> settings(7));
        Duration slow = Duration.ofSeconds(3);
        try (SlowRelay one = new SlowRelay(second.endpoint().port(), slow);
                SlowRelay other = new SlowRelay(second.endpoint().port(), slow);
                QuorateClient client = QuorateClient.create(new ClientConfig(
                        List.of(one.endpoint(), other.endpoint()),
                        Optional.empty(),
                        Duration.ofMillis(1_500),
                        Duration.ofMinutes(1)))) {
            GetSettingsResponse answer = readSettings(client);
            assertThat(answer.getHeader().getPosition().getRevision()).isEqualTo(7);
        }
    }

    /** The longer it was away, the longer gRPC itself would not try again. */
    @Test
    void aServerThatComesBackIsFoundAtOnce() throws IOException {
        Endpoint away = unusedEndpoint();
        try (QuorateClient client = client(Duration.ofSeconds(6), away)) {
            assertThatThrownBy(() -> readSettings(client)).hasMessageContaining(away.toString());
            try (FakeServer back = new FakeServer(away.port())) {
                back.answer(ClusterServiceGrpc.getGetSettingsMethod(), request -> settings(7));
                GetSettingsResponse answer = client.read(
                        ClusterServiceGrpc.getGetSettingsMethod(),
                        GetSettingsRequest.getDefaultInstance(),
                        Duration.ofSeconds(2));
                assertThat(answer.getHeader().getPosition().getRevision()).isEqualTo(7);
            }
        }
    }

    @Test
    void aMutationThatWasNotDoneIsRepeatedElsewhereUnderItsOwnId() {
        first.answer(ResourceServiceGrpc.getRestartResourceMethod(), request -> {
            throw FakeServer.failure(Status.Code.UNAVAILABLE, "NOT_LEADER", "this server has no leader");
        });
        second.answer(ResourceServiceGrpc.getRestartResourceMethod(), request -> done(9));
        try (QuorateClient client = both()) {
            assertThat(restart(client).getOperation()).isEqualTo("op-1");
        }
        assertThat(ids(first)).hasSize(1);
        assertThat(ids(second)).isEqualTo(ids(first));
    }

    @Test
    void aLostAnswerIsAskedForUnderTheSameId() {
        first.on(ResourceServiceGrpc.getRestartResourceMethod(), (request, observer) -> first.kill());
        second.answer(ResourceServiceGrpc.getRestartResourceMethod(), request -> done(9));
        try (QuorateClient client = both()) {
            assertThat(restart(client).getOperation()).isEqualTo("op-1");
        }
        assertThat(ids(second)).isEqualTo(ids(first));
    }

    @Test
    void withoutAnyServerItIsDefinitelyNotDone() throws IOException {
        try (QuorateClient client = client(Duration.ofMillis(600), unusedEndpoint(), unusedEndpoint())) {
            QuorateException error = failureOf(() -> restart(client));
            assertThat(error.category()).isEqualTo(Category.UNAVAILABLE);
            assertThat(error.code()).isEqualTo("UNREACHABLE");
            assertThat(error.exitCode()).isEqualTo(5);
        }
    }

    @Test
    void whatAServerSaidCountsForMoreThanThatAnotherDidNotAnswer() throws IOException {
        first.answer(ResourceServiceGrpc.getRestartResourceMethod(), request -> {
            throw FakeServer.failure(Status.Code.UNAVAILABLE, "NO_QUORUM", "1 of 3 voters reachable");
        });
        try (QuorateClient client = client(BUDGET, first.endpoint(), unusedEndpoint())) {
            QuorateException error = failureOf(() -> restart(client));
            assertThat(error.exitCode()).isEqualTo(5);
            assertThat(error.code()).isEqualTo("NO_QUORUM");
            assertThat(error).hasMessage("1 of 3 voters reachable");
        }
        assertThat(ids(first).stream().distinct()).hasSize(1);
    }

    @Test
    void anAnswerThatNeverComesIsAnUnknownOutcomeWithTheRequestId() {
        first.on(ResourceServiceGrpc.getRestartResourceMethod(), (request, observer) -> {});
        try (QuorateClient client = client(BUDGET, first.endpoint())) {
            QuorateException error = failureOf(() -> restart(client));
            assertThat(error.category()).isEqualTo(Category.OUTCOME_UNKNOWN);
            assertThat(error.exitCode()).isEqualTo(9);
            assertThat(ids(first)).contains(error.requestId());
        }
    }

    /** So that another process, which knows no position, can repeat it under LedgerHorizon. */
    @Test
    void anUnknownOutcomeIsNamedWithThePositionBeforeItsFirstAttempt() {
        first.answer(ClusterServiceGrpc.getGetSettingsMethod(), request -> settings(42));
        first.on(ResourceServiceGrpc.getRestartResourceMethod(), (request, observer) -> {});
        try (QuorateClient client = client(BUDGET, first.endpoint())) {
            RequestId named = RequestId.parse(failureOf(() -> restart(client)).requestId());
            assertThat(named.known()).contains(FakeServer.position(42));
            assertThat(first.requests(RestartResourceRequest.class))
                    .isNotEmpty()
                    .allSatisfy(request -> {
                        assertThat(request.getOptions().getRequestId()).isEqualTo(named.id());
                        assertThat(request.getOptions().getKnownPosition()).isEqualTo(FakeServer.position(42));
                    });
        }
    }

    @Test
    void aRequestThatWasNeverSentIsNotDone() {
        first.on(ClusterServiceGrpc.getGetSettingsMethod(), (request, observer) -> {});
        first.on(ResourceServiceGrpc.getRestartResourceMethod(), (request, observer) -> {});
        try (QuorateClient client = client(Duration.ofMillis(600), first.endpoint())) {
            assertThat(failureOf(() -> restart(client)).category()).isEqualTo(Category.UNAVAILABLE);
        }
        assertThat(ids(first)).isEmpty();
    }

    @Test
    void aServerThatDoesNotKnowTheOutcomeIsAskedAgainUntilOneDoes() {
        AtomicInteger calls = new AtomicInteger();
        first.answer(ResourceServiceGrpc.getRestartResourceMethod(), request -> {
            if (calls.incrementAndGet() < 3) {
                throw FakeServer.failure(Status.Code.DEADLINE_EXCEEDED, "OUTCOME_UNKNOWN", "no majority answered");
            }
            return done(9);
        });
        try (QuorateClient client = client(Duration.ofSeconds(5), first.endpoint())) {
            assertThat(restart(client).getOperation()).isEqualTo("op-1");
        }
        assertThat(ids(first)).hasSize(3);
        assertThat(ids(first).stream().distinct()).hasSize(1);
    }

    @Test
    void anExpiredRequestIsIssuedAnewWithAFreshPositionWhenNoAttemptCanHaveBeenDone() {
        first.answer(
                ClusterServiceGrpc.getGetSettingsMethod(),
                request -> settings(
                        request.getRead().getConsistency() == ReadConsistency.READ_CONSISTENCY_STALE ? 10 : 50));
        first.answer(ResourceServiceGrpc.getRestartResourceMethod(), request -> {
            if (request.getOptions().getKnownPosition().getRevision() < 50) {
                throw FakeServer.failure(Status.Code.FAILED_PRECONDITION, "REQUEST_EXPIRED", "forgotten");
            }
            return done(51);
        });
        try (QuorateClient client = client(Duration.ofSeconds(4), first.endpoint())) {
            assertThat(restart(client).getOperation()).isEqualTo("op-1");
        }
        assertThat(ids(first).stream().distinct()).hasSize(2);
    }

    @Test
    void anExpiredRequestWithAnUnknownOutcomeIsNeverIssuedAnew() {
        first.on(ResourceServiceGrpc.getRestartResourceMethod(), (request, observer) -> first.kill());
        second.answer(ClusterServiceGrpc.getGetSettingsMethod(), request -> settings(50));
        second.answer(ResourceServiceGrpc.getRestartResourceMethod(), request -> {
            throw FakeServer.failure(Status.Code.FAILED_PRECONDITION, "REQUEST_EXPIRED", "forgotten");
        });
        try (QuorateClient client = both()) {
            QuorateException error = failureOf(() -> restart(client));
            assertThat(error.category()).isEqualTo(Category.OUTCOME_UNKNOWN);
            assertThat(ids(second)).containsExactly(error.requestId());
        }
    }

    @Test
    void anIdThatTheCallerChoseIsNeverReplaced() {
        first.answer(ResourceServiceGrpc.getRestartResourceMethod(), request -> {
            throw FakeServer.failure(Status.Code.FAILED_PRECONDITION, "REQUEST_EXPIRED", "forgotten");
        });
        MutationOptions mine = MutationOptions.newBuilder().setRequestId("mine").build();
        try (QuorateClient client = client(Duration.ofSeconds(4), first.endpoint())) {
            assertThat(failureOf(() -> restart(client, mine)).code()).isEqualTo("REQUEST_EXPIRED");
        }
        assertThat(ids(first)).containsExactly("mine");
    }

    @Test
    void anIdThatIsKnownWithOtherContentAfterALostAnswerDoesNotSayThatItWasNotDone() {
        first.on(ResourceServiceGrpc.getRestartResourceMethod(), (request, observer) -> first.kill());
        second.answer(ResourceServiceGrpc.getRestartResourceMethod(), request -> {
            throw FakeServer.failure(Status.Code.INVALID_ARGUMENT, "REQUEST_ID_REUSED", "used with another content");
        });
        try (QuorateClient client = both()) {
            QuorateException error = failureOf(() -> restart(client));
            assertThat(error.category()).isEqualTo(Category.OUTCOME_UNKNOWN);
            assertThat(error.requestId()).isEqualTo(ids(second).get(0));
        }
    }

    @Test
    void aDenialAfterALostAnswerDoesNotSayThatItWasNotDone() {
        first.on(ResourceServiceGrpc.getRestartResourceMethod(), (request, observer) -> first.kill());
        second.answer(ResourceServiceGrpc.getRestartResourceMethod(), request -> {
            throw FakeServer.failure(Status.Code.PERMISSION_DENIED, "PERMISSION_DENIED", "not an operator");
        });
        try (QuorateClient client = both()) {
            assertThat(failureOf(() -> restart(client)).category()).isEqualTo(Category.OUTCOME_UNKNOWN);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT,2",
        "NOT_FOUND,3",
        "ABORTED,4",
        "FAILED_PRECONDITION,6",
        "PERMISSION_DENIED,6",
        "RESOURCE_EXHAUSTED,6",
    })
    void aDecisionIsTakenAtOnceAndKeepsWhatTheServerSaid(Status.Code code, int exitCode) {
        first.answer(ResourceServiceGrpc.getRestartResourceMethod(), request -> {
            throw FakeServer.failure(
                    code, "SOME_CODE", "because", "object", "groups/web", "next_step", "quorate explain web");
        });
        try (QuorateClient client = both()) {
            QuorateException error = failureOf(() -> restart(client));
            assertThat(error.exitCode()).isEqualTo(exitCode);
            assertThat(error.code()).isEqualTo("SOME_CODE");
            assertThat(error.text()).isEqualTo("because");
            assertThat(error.object()).isEqualTo("groups/web");
            assertThat(error.nextStep()).isEqualTo("quorate explain web");
        }
        assertThat(ids(first)).hasSize(1);
        assertThat(ids(second)).isEmpty();
    }

    @Test
    void theKnownPositionNeverGoesBack() {
        AtomicInteger revision = new AtomicInteger(20);
        first.answer(
                OwnershipServiceGrpc.getValidateTokenMethod(),
                request -> ValidateTokenResponse.newBuilder()
                        .setHeader(FakeServer.header(revision.getAndAdd(-5)))
                        .build());
        first.answer(ResourceServiceGrpc.getRestartResourceMethod(), request -> done(3));
        try (QuorateClient client = client(Duration.ofSeconds(4), first.endpoint())) {
            for (int i = 0; i < 3; i++) {
                client.read(OwnershipServiceGrpc.getValidateTokenMethod(), ValidateTokenRequest.getDefaultInstance());
            }
            restart(client);
        }
        assertThat(first.requests(RestartResourceRequest.class)
                        .get(0)
                        .getOptions()
                        .getKnownPosition())
                .isEqualTo(FakeServer.position(20));
    }

    @Test
    void plaintextIsRefusedBeyondLoopback() {
        try (QuorateClient client = client(Duration.ofSeconds(1), new Endpoint("192.0.2.1", 7400))) {
            QuorateException error = failureOf(() -> restart(client));
            assertThat(error.code()).isEqualTo("TLS_REQUIRED");
            assertThat(error.exitCode()).isEqualTo(6);
        }
    }
}
