package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.CheckTicketResponse;
import io.quorate.agent.v1.FenceCheckReply;
import io.quorate.agent.v1.FenceReport;
import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.LogReply;
import io.quorate.agent.v1.MemberReport;
import io.quorate.agent.v1.ReachReply;
import io.quorate.agent.v1.Refusal;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.ReportResultsResponse;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.server.time.FakeClock;
import io.quorate.v1.RunState;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an agent tells, and what it keeps to itself. */
class ReporterTest {
    private final Link link = new Link();
    private final FakeClock clock = new FakeClock();
    private final EventLoop loop = new EventLoop(clock, () -> {});
    private InstanceReport state = report(RunState.RUN_STATE_RUNNING, 0);
    private final Reporter reporter = new Reporter(loop, link, new SecureRandom(), name -> Optional.of(state));

    /** Answers every report at once, with the refusals that a test sets. */
    private static final class Link implements NodeLink {
        private final List<ReportResultsRequest> reports = new ArrayList<>();
        private ReportResultsResponse answer = ReportResultsResponse.getDefaultInstance();
        private boolean answering = true;

        @Override
        public CompletableFuture<ReportResultsResponse> report(ReportResultsRequest request) {
            reports.add(request);
            return answering ? CompletableFuture.completedFuture(answer) : new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<RegisterAgentResponse> register(RegisterAgentRequest request) {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<RenewLeaseResponse> renew(RenewLeaseRequest request) {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<CheckTicketResponse> checkTicket(CheckTicketRequest request) {
            return new CompletableFuture<>();
        }

        @Override
        public WorkStream streamWork(StreamWorkRequest request, WorkListener listener) {
            return () -> {};
        }

        @Override
        public void close() {}
    }

    private static InstanceReport report(RunState state, long millisSinceGood) {
        return InstanceReport.newBuilder()
                .setInstance("web")
                .addMembers(MemberReport.newBuilder()
                        .setResource("web")
                        .setState(state)
                        .setMillisSinceGood(millisSinceGood))
                .build();
    }

    @BeforeEach
    void start() {
        loop.start();
    }

    @AfterEach
    void stop() {
        loop.stop();
    }

    /** On the loop's thread; returns when everything that came of it is done. */
    private void run(Runnable step) throws ExecutionException, InterruptedException, TimeoutException {
        for (Runnable each : List.of(step, (Runnable) () -> {})) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            loop.post(() -> {
                each.run();
                done.complete(null);
            });
            done.get(10, TimeUnit.SECONDS);
        }
    }

    private void begin(long session) throws Exception {
        run(() -> reporter.begin(new Reporter.Session("n1", 1, session), List.of("web")));
    }

    @Test
    void whatAMonitorFindsUnchangedIsNotReportedAgain() throws Exception {
        begin(1);
        run(() -> reporter.changed("web"));
        state = report(RunState.RUN_STATE_RUNNING, 700);
        run(() -> reporter.changed("web"));
        assertThat(link.reports).hasSize(1);
        state = report(RunState.RUN_STATE_FAILED, 900);
        run(() -> reporter.changed("web"));
        assertThat(link.reports).hasSize(2);
    }

    /** A former member is forgotten only then: no later report can say that it was stopped. */
    @Test
    void whatIsStoppedIsKnownOnceItWasToldAndNotRefused() throws Exception {
        state = report(RunState.RUN_STATE_STOPPED, 0);
        assertThat(reporter.hasToldStopped("web", "web")).isFalse();
        begin(1);
        assertThat(reporter.hasToldStopped("web", "web")).isTrue();
        link.answer = ReportResultsResponse.newBuilder()
                .addRefused(Refusal.newBuilder().setObject("instances/web"))
                .build();
        begin(2);
        assertThat(reporter.hasToldStopped("web", "web")).isFalse();
    }

    @Test
    void aNewSessionIsToldEverything() throws Exception {
        begin(1);
        begin(2);
        assertThat(link.reports).hasSize(2);
    }

    private List<String> attributes() {
        return link.reports.stream()
                .flatMap(report -> report.getAttributesList().stream())
                .map(attribute -> attribute.getName() + "=" + attribute.getValue())
                .toList();
    }

    /** What was removed while nobody listened is removed for the next session, too. */
    @Test
    void onlyChangedScoresAreToldAndAllOfThemToANewSession() throws Exception {
        begin(1);
        run(() -> reporter.attributes(new TreeMap<>(Map.of("a", "5", "b", "1"))));
        run(() -> reporter.attributes(new TreeMap<>(Map.of("a", "5", "b", "1"))));
        run(() -> reporter.attributes(new TreeMap<>(Map.of("a", "10", "b", "1"))));
        assertThat(attributes()).containsExactly("a=5", "b=1", "a=10");
        run(reporter::end);
        run(() -> reporter.attributes(new TreeMap<>(Map.of("b", "1"))));
        begin(2);
        assertThat(attributes()).endsWith("a=", "b=1").hasSize(5);
    }

    @Test
    void aScoreThatWasRefusedIsToldAgainAfterAPause() throws Exception {
        begin(1);
        link.answer = ReportResultsResponse.newBuilder()
                .addRefused(Refusal.newBuilder().setObject("nodes/n1"))
                .build();
        run(() -> reporter.attributes(new TreeMap<>(Map.of("a", "5"))));
        link.answer = ReportResultsResponse.getDefaultInstance();
        assertThat(attributes()).containsExactly("a=5");
        clock.advance(Duration.ofSeconds(3));
        run(() -> {});
        run(() -> {});
        assertThat(attributes()).containsExactly("a=5", "a=5");
    }

    /** The orders behind them are done once: the next session could not ask for these answers again. */
    @Test
    void answersThatTheFormerSessionDidNotTakeAreGivenToTheNext() throws Exception {
        link.answering = false;
        run(() -> {
            reporter.fenced(FenceReport.newBuilder().setTicket("fence-1").build());
            reporter.logs(LogReply.newBuilder().setId("l1").build());
            reporter.checked(FenceCheckReply.newBuilder().setId("c1").build());
            reporter.reached(ReachReply.newBuilder().setId("r1").build());
        });
        begin(1);
        begin(2);
        assertThat(link.reports).hasSize(2);
        ReportResultsRequest first = link.reports.get(0);
        assertThat(first.getReachRepliesList()).isNotEmpty();
        assertThat(link.reports.get(1))
                .isEqualTo(first.toBuilder()
                        .setSession(2)
                        .setReportId(link.reports.get(1).getReportId())
                        .build());
    }

    /** A released instance does not change any more: nothing else would tell it again. */
    @Test
    void whatWasRefusedIsToldAgainAfterAPauseThoughItDoesNotChange() throws Exception {
        link.answer = ReportResultsResponse.newBuilder()
                .addRefused(Refusal.newBuilder().setObject("instances/web"))
                .build();
        begin(1);
        assertThat(link.reports).hasSize(1);
        clock.advance(Duration.ofSeconds(2));
        link.answer = ReportResultsResponse.getDefaultInstance();
        run(() -> {});
        assertThat(link.reports).hasSize(2);
        assertThat(link.reports.get(1).getInstancesList())
                .isEqualTo(link.reports.get(0).getInstancesList());
        clock.advance(Duration.ofSeconds(2));
        run(() -> {});
        assertThat(link.reports).hasSize(2);
    }

    @Test
    void anAttributeThatWasTakenBackIsForgottenOnceThatIsAcknowledged() throws Exception {
        begin(1);
        run(() -> reporter.attributes(new TreeMap<>(Map.of("promotion-score.db", "5"))));
        link.answer = ReportResultsResponse.newBuilder()
                .addRefused(Refusal.newBuilder().setObject("nodes/n1"))
                .build();
        run(() -> reporter.attributes(new TreeMap<>()));
        link.answer = ReportResultsResponse.getDefaultInstance();
        begin(2);
        assertThat(attributes(last())).as("it was refused").containsExactly("promotion-score.db=");
        begin(3);
        assertThat(attributes(last())).isEmpty();
    }

    private ReportResultsRequest last() {
        return link.reports.get(link.reports.size() - 1);
    }

    private static List<String> attributes(ReportResultsRequest request) {
        return request.getAttributesList().stream()
                .map(attribute -> attribute.getName() + "=" + attribute.getValue())
                .toList();
    }

    @Test
    void whatWasRefusedIsToldAgainWhenItChanges() throws Exception {
        link.answer = ReportResultsResponse.newBuilder()
                .addRefused(Refusal.newBuilder().setObject("instances/web"))
                .build();
        begin(1);
        run(() -> reporter.changed("web"));
        assertThat(link.reports).hasSize(2);
    }
}
