package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Durations;
import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.CheckTicketResponse;
import io.quorate.agent.v1.DesiredInstance;
import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.FormerMember;
import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.LocalInstance;
import io.quorate.agent.v1.MemberReport;
import io.quorate.agent.v1.MigrationOrder;
import io.quorate.agent.v1.ProbeOrder;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.ReportResultsResponse;
import io.quorate.agent.v1.StoredAgent;
import io.quorate.agent.v1.StoredInstance;
import io.quorate.agent.v1.StoredMember;
import io.quorate.agent.v1.StoredProcess;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.server.agent.exec.ExecFixture;
import io.quorate.server.agent.exec.Executor;
import io.quorate.server.agent.exec.MemberOperations;
import io.quorate.server.agent.exec.Outcome;
import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.server.agent.exec.Task;
import io.quorate.server.agent.fence.FenceRunner;
import io.quorate.server.time.Clock;
import io.quorate.server.time.FakeClock;
import io.quorate.v1.FencingToken;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import io.quorate.v1.RunState;
import io.quorate.v1.SystemdKind;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop of an agent inside this process: its clock stands still, its leader and its services are the test's. */
class AgentLoopTest {
    private static final List<String> INSTANCES = List.of("a", "b", "c", "d");

    @TempDir
    private Path directory;

    private final Leader leader = new Leader();
    private final Services services = new Services();
    /** One thread: operations end in the order in which they were begun. */
    private final ThreadPoolExecutor workers =
            new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());

    private ExecutorService starters = workers;
    private final FakeClock clock = new FakeClock();

    private final AtomicBoolean defect = new AtomicBoolean();
    private AgentStore store;
    private AgentLoop agent;

    /** Grants every lease, takes every report, and orders what a test says. */
    private static final class Leader implements NodeLink {
        private StreamWorkResponse work = StreamWorkResponse.getDefaultInstance();
        private Optional<WorkListener> stream = Optional.empty();
        private final List<InstanceReport> reported = new CopyOnWriteArrayList<>();
        private final List<ProbeReport> found = new CopyOnWriteArrayList<>();
        private final AtomicInteger registrations = new AtomicInteger();
        private volatile boolean revoked;

        void order(NodePhase phase, List<String> instances) {
            StreamWorkResponse.Builder set = StreamWorkResponse.newBuilder().setPhase(phase);
            instances.forEach(name -> set.addDesired(desired(name)));
            order(set);
        }

        /** Grants an instance, of which a member left that this node may never have heard of. */
        void orderWithout(String name, String former, long since) {
            order(StreamWorkResponse.newBuilder()
                    .setPhase(NodePhase.NODE_PHASE_UP)
                    .addDesired(desired(name).toBuilder()
                            .addFormerMembers(FormerMember.newBuilder()
                                    .setResource(former)
                                    .setSince(since))));
        }

        /** Orders a look at an instance that it grants. */
        void orderLook(String name) {
            order(StreamWorkResponse.newBuilder()
                    .setPhase(NodePhase.NODE_PHASE_UP)
                    .addDesired(desired(name))
                    .addProbes(ProbeOrder.newBuilder()
                            .setInstance(name)
                            .setSince(5)
                            .addAllMembers(desired(name).getMembersList())));
        }

        private synchronized void order(StreamWorkResponse.Builder set) {
            work = set.build();
            stream.ifPresent(listener -> listener.onWork(work));
        }

        private static DesiredInstance desired(String name) {
            return DesiredInstance.newBuilder()
                    .setInstance(name)
                    .setToken(FencingToken.newBuilder().setGeneration(1).setNumber(42))
                    .addMembers(DesiredMember.newBuilder()
                            .setResource("r-" + name)
                            .setSpec(ExecFixture.ocfSpec("test", "svc")))
                    .build();
        }

        @Override
        public synchronized WorkStream streamWork(StreamWorkRequest request, WorkListener listener) {
            stream = Optional.of(listener);
            listener.onWork(work);
            return () -> {};
        }

        @Override
        public CompletableFuture<RegisterAgentResponse> register(RegisterAgentRequest request) {
            registrations.incrementAndGet();
            if (revoked) {
                return new CompletableFuture<>();
            }
            return CompletableFuture.completedFuture(RegisterAgentResponse.newBuilder()
                    .setIncarnation(7)
                    .setSession(1)
                    .setRenewEvery(Durations.fromMillis(20))
                    .build());
        }

        @Override
        public CompletableFuture<RenewLeaseResponse> renew(RenewLeaseRequest request) {
            return CompletableFuture.completedFuture(RenewLeaseResponse.newBuilder()
                    .setVerdict(
                            revoked
                                    ? RenewLeaseResponse.Verdict.VERDICT_REVOKED
                                    : RenewLeaseResponse.Verdict.VERDICT_RENEWED)
                    .setLease(Durations.fromHours(1))
                    .build());
        }

        @Override
        public CompletableFuture<ReportResultsResponse> report(ReportResultsRequest request) {
            reported.addAll(request.getInstancesList());
            found.addAll(request.getProbesList());
            return CompletableFuture.completedFuture(ReportResultsResponse.getDefaultInstance());
        }

        @Override
        public CompletableFuture<CheckTicketResponse> checkTicket(CheckTicketRequest request) {
            return new CompletableFuture<>();
        }

        @Override
        public void close() {}
    }

    /** Starts and stops in memory, and keeps what it was asked. */
    private static final class Services implements Executor {
        private final Set<String> running = new HashSet<>();
        private final List<String> calls = new ArrayList<>();
        private final CountDownLatch looked = new CountDownLatch(1);
        private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
        private final Map<String, CompletableFuture<Void>> slow = new ConcurrentHashMap<>();
        private final Map<String, CompletableFuture<Void>> stopping = new ConcurrentHashMap<>();
        private final Set<String> stuck = ConcurrentHashMap.newKeySet();
        private final Set<String> undying = ConcurrentHashMap.newKeySet();

        /** Somebody else starts it. */
        synchronized void startByHand(String instance) {
            running.add(instance);
        }

        synchronized List<String> calls() {
            return List.copyOf(calls);
        }

        /** It dies by itself. */
        synchronized void end(String instance) {
            running.remove(instance);
        }

        private static Outcome outcome(String operation, Finding finding) {
            return new Outcome(operation, finding, 0, "", "", Duration.ZERO);
        }

        @Override
        public Outcome start(Task task) {
            synchronized (this) {
                calls.add("start " + task.instance());
                running.add(task.instance());
            }
            slow.getOrDefault(task.instance(), CompletableFuture.completedFuture(null))
                    .join();
            return outcome("start", Finding.RUNNING);
        }

        @Override
        public Outcome stop(Task task) {
            synchronized (this) {
                calls.add("stop " + task.instance());
            }
            stopping.getOrDefault(task.instance(), CompletableFuture.completedFuture(null))
                    .join();
            synchronized (this) {
                if (stuck.contains(task.instance())) {
                    return outcome("stop", Finding.FAILED);
                }
                running.remove(task.instance());
                return outcome("stop", Finding.NOT_RUNNING);
            }
        }

        @Override
        public synchronized Outcome migrateTo(Task task) {
            calls.add("migrate_to " + task.notice().get("migrate_target"));
            running.remove(task.instance());
            return outcome("migrate_to", Finding.RUNNING);
        }

        @Override
        public synchronized Outcome migrateFrom(Task task) {
            calls.add("migrate_from " + task.notice().get("migrate_source"));
            running.add(task.instance());
            return outcome("migrate_from", Finding.RUNNING);
        }

        @Override
        public synchronized Outcome monitor(Task task) {
            boolean runs = running.contains(task.instance());
            if (undying.contains(task.instance())) {
                running.add(task.instance());
            }
            return outcome("monitor", runs ? Finding.RUNNING : Finding.NOT_RUNNING);
        }

        @Override
        public Outcome probe(Task task) {
            if (!gate.isDone()) {
                looked.countDown();
                gate.join();
            }
            return monitor(task);
        }

        @Override
        public Outcome validate(Task task) {
            return outcome("validate-all", Finding.NOT_RUNNING);
        }

        @Override
        public Duration monitorInterval(ResourceSpec spec, Role role) {
            return Duration.ofSeconds(10);
        }
    }

    private void orderAtMost(int starts, List<String> instances) {
        StreamWorkResponse.Builder set = StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .setMaxStarts(starts);
        instances.forEach(name -> set.addDesired(Leader.desired(name)));
        leader.order(set);
    }

    /** Starts an agent that finds this of an earlier one. */
    private void open(StoredInstance... left) throws IOException {
        ExecFixture exec = new ExecFixture(directory, false);
        store = AgentStore.open(directory.resolve("agent"));
        StoredAgent stored = StoredAgent.newBuilder()
                .setNode("n1")
                .setBootId("boot")
                .addAllInstances(List.of(left))
                .build();
        AgentParts parts = new AgentParts(
                new MemberOperations(exec.runner, exec.cells, services, services, services),
                exec.process,
                exec.files,
                new FenceRunner(exec.runner, directory, directory, Clock.system()),
                exec.copies,
                exec.cells.description());
        EventLoop loop = new EventLoop(clock, () -> defect.set(true));
        agent = new AgentLoop(
                loop,
                new InstanceTable(store, stored, "boot"),
                new ContactFile(directory.resolve("contact"), "boot"),
                parts,
                new LogRing(directory.resolve("logs")),
                leader,
                RegisterAgentRequest::newBuilder,
                new PoolThreads(workers, starters, workers),
                new SecureRandom());
        loop.start();
        agent.begin();
    }

    @AfterEach
    void close() throws IOException {
        agent.detach(Duration.ofMillis(100));
        workers.shutdownNow();
        starters.shutdownNow();
        store.close();
        assertThat(defect).isFalse();
    }

    private List<LocalInstance> present() {
        return agent.status().join().getInstancesList();
    }

    private void awaitAll(RunState state, List<String> instances) throws Exception {
        await().until(() -> present().stream()
                        .filter(instance -> instance.getMembers(0).getState() == state)
                        .count()
                == instances.size());
        workers.submit(() -> {}).get();
    }

    @Test
    void whatBecomesDueForSeveralInstancesAtOnceIsDoneOnceForEach() throws Exception {
        open();
        leader.order(NodePhase.NODE_PHASE_JOINING, INSTANCES);
        awaitAll(RunState.RUN_STATE_STOPPED, INSTANCES);
        leader.order(NodePhase.NODE_PHASE_UP, INSTANCES);
        awaitAll(RunState.RUN_STATE_RUNNING, INSTANCES);
        assertThat(services.calls()).containsExactly("start a", "start b", "start c", "start d");
        leader.order(NodePhase.NODE_PHASE_UP, List.of());
        await().until(() -> present().isEmpty());
        assertThat(services.calls().subList(4, services.calls().size()))
                .containsExactly("stop a", "stop b", "stop c", "stop d");
    }

    /** A node that gets what a lost one ran does not begin all of it at once; each that ends lets the next one begin. */
    @Test
    void noMoreStartsAreUnderWayThanTheClusterAllowsAndNothingElseWaitsForThem() throws Exception {
        starters = Executors.newCachedThreadPool();
        INSTANCES.forEach(name -> services.slow.put(name, new CompletableFuture<>()));
        open();
        orderAtMost(2, INSTANCES);
        await().until(() -> services.calls().size() == 2);
        assertThat(present()).as("all that is due is done").hasSize(4);
        assertThat(services.calls()).containsExactlyInAnyOrder("start a", "start b");
        services.slow.get("b").complete(null);
        await().until(() -> services.calls().contains("start c"));
        orderAtMost(2, List.of("a", "c", "d"));
        await().until(() -> services.calls().contains("stop b"));
        assertThat(services.calls()).as("a and c are under way").doesNotContain("start d");
        services.slow.get("a").complete(null);
        await().until(() -> services.calls().contains("start d"));
        services.slow.values().forEach(start -> start.complete(null));
        awaitAll(RunState.RUN_STATE_RUNNING, List.of("a", "c", "d"));
    }

    /** One would end the process of the other, and a healthy service would count as failed. */
    @Test
    void noMonitorIsBegunWhileALeaderHasAnInstanceLookedAt() throws Exception {
        open();
        leader.order(NodePhase.NODE_PHASE_UP, List.of("a"));
        awaitAll(RunState.RUN_STATE_RUNNING, List.of("a"));
        assertThat(present()).as("the monitor is scheduled").hasSize(1);
        services.gate = new CompletableFuture<>();
        leader.orderLook("a");
        assertThat(services.looked.await(10, TimeUnit.SECONDS)).isTrue();
        clock.advance(Duration.ofSeconds(11));
        assertThat(present()).as("the loop wakes").hasSize(1);
        assertThat(present()).as("all that is due is done").hasSize(1);
        assertThat(workers.getQueue()).isEmpty();
        services.gate.complete(null);
    }

    /** Somebody asked, for it looks as if it did not run: that is not kept for the next time of its monitor. */
    @Test
    void aLookThatDoesNotFindWhatShouldRunHasItMonitoredAtOnce() throws Exception {
        open();
        leader.order(NodePhase.NODE_PHASE_UP, List.of("a"));
        awaitAll(RunState.RUN_STATE_RUNNING, List.of("a"));
        services.end("a");
        leader.orderLook("a");
        await().until(() -> leader.found.stream()
                .anyMatch(report ->
                        report.getSince() == 5 && report.getFinding() == ProbeReport.Finding.FINDING_NOT_RUNNING));
        awaitAll(RunState.RUN_STATE_FAILED, List.of("a"));
    }

    /** The cluster waits for the end of what it may have started, and only a report that knows of the leaving ends that. */
    @Test
    void aFormerMemberIsToldAsStoppedAlsoWhenItWasNeverHere() throws Exception {
        open();
        leader.order(NodePhase.NODE_PHASE_UP, List.of("a"));
        awaitAll(RunState.RUN_STATE_RUNNING, List.of("a"));
        leader.orderWithout("a", "r-x", 9);
        MemberReport stopped = MemberReport.newBuilder()
                .setResource("r-x")
                .setState(RunState.RUN_STATE_STOPPED)
                .setLeftSince(9)
                .build();
        await().until(() -> leader.reported.stream()
                .anyMatch(report -> report.getMembersList().contains(stopped)));
        assertThat(services.calls()).containsExactly("start a");
    }

    private static DesiredInstance.Builder arriving(String name) {
        return Leader.desired(name).toBuilder().setArrivesFrom("n2");
    }

    private void order(DesiredInstance.Builder desired) {
        leader.order(StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .addDesired(desired));
    }

    private MemberReport lastReport() {
        return leader.reported.get(leader.reported.size() - 1).getMembers(0);
    }

    private static StoredInstance.Builder left(StoredMember.Phase phase) {
        return StoredInstance.newBuilder()
                .setInstance("a")
                .setToken(Leader.desired("a").getToken())
                .setKeepWithoutContact(true)
                .addMembers(StoredMember.newBuilder()
                        .setResource("r-a")
                        .setSpec(ExecFixture.ocfSpec("test", "svc"))
                        .setPhase(phase));
    }

    /** It may rightly say that it does not run, and nobody shall take that for a failure. */
    @Test
    void whatWasSentIsNotMonitoredAnyMore() throws Exception {
        open();
        leader.order(NodePhase.NODE_PHASE_UP, List.of("a"));
        awaitAll(RunState.RUN_STATE_RUNNING, List.of("a"));
        order(Leader.desired("a").toBuilder()
                .setMigrate(MigrationOrder.newBuilder().setToNode("n2").setTokenNumber(50)));
        await().until(() -> lastReport().getSentTokenNumber() == 50);
        clock.advance(Duration.ofSeconds(11));
        assertThat(present()).as("the loop wakes").hasSize(1);
        workers.submit(() -> {}).get();
        assertThat(present().get(0).getMembers(0).getState()).isEqualTo(RunState.RUN_STATE_RUNNING);
        assertThat(present().get(0).getMembers(0).getDetail()).contains("sent to another node");
        order(Leader.desired("a").toBuilder().setRelease(true));
        await().until(() -> leader.reported.get(leader.reported.size() - 1).getReleased());
        assertThat(services.calls()).containsExactly("start a", "migrate_to n2", "stop a");
    }

    private void orderLook(boolean stopFound) {
        leader.order(StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .addProbes(ProbeOrder.newBuilder()
                        .setInstance("a")
                        .setSince(5)
                        .setStopFound(stopFound)
                        .addAllMembers(Leader.desired("a").getMembersList())));
    }

    private ProbeReport lastFound() {
        return leader.found.get(leader.found.size() - 1);
    }

    @Test
    void whatRunsUnownedIsStoppedOnlyWhereTheOrderSaysSo() throws Exception {
        services.startByHand("a");
        open();
        orderLook(false);
        await().until(() -> !leader.found.isEmpty());
        assertThat(lastFound().getFinding()).isEqualTo(ProbeReport.Finding.FINDING_RUNNING);
        assertThat(services.calls()).isEmpty();
        clock.advance(Duration.ofSeconds(3));
        orderLook(true);
        await().until(() -> lastFound().getFinding() == ProbeReport.Finding.FINDING_NOT_RUNNING);
        assertThat(lastFound().hasStopFailed()).isFalse();
        assertThat(services.calls()).containsExactly("stop a");
    }

    @Test
    void aStopOfWhatWasFoundThatFailsIsToldAndTriedAgainInItsTime() throws Exception {
        services.startByHand("a");
        services.stuck.add("a");
        open();
        orderLook(true);
        await().until(() -> !leader.found.isEmpty());
        assertThat(lastFound().getFinding()).isEqualTo(ProbeReport.Finding.FINDING_RUNNING);
        assertThat(lastFound().getStopFailed().getOperation()).isEqualTo("stop");
        int told = leader.found.size();
        clock.advance(Duration.ofSeconds(3));
        orderLook(true);
        await().until(() -> leader.found.size() > told);
        assertThat(services.calls()).as("too early").containsExactly("stop a");
        services.stuck.clear();
        clock.advance(Duration.ofSeconds(15));
        orderLook(true);
        await().until(() -> lastFound().getFinding() == ProbeReport.Finding.FINDING_NOT_RUNNING);
        assertThat(services.calls()).containsExactly("stop a", "stop a");
    }

    /** A person may have taken it into maintenance meanwhile. */
    @Test
    void whatWasFoundIsNotStoppedWithoutASession() throws Exception {
        services.startByHand("a");
        services.gate = new CompletableFuture<>();
        open();
        orderLook(true);
        services.looked.await();
        leader.revoked = true;
        await().until(() -> {
            clock.advance(Duration.ofMillis(20));
            return leader.registrations.get() == 2;
        });
        services.gate.complete(null);
        workers.submit(() -> {}).get();
        present();
        workers.submit(() -> {}).get();
        assertThat(services.calls()).isEmpty();
    }

    /** Somebody else starts it again at once: a unit with Restart=always, say. */
    @Test
    void whatRunsAgainAfterItsStopIsToldAndStoppedAgainInItsTime() throws Exception {
        services.startByHand("a");
        services.undying.add("a");
        open();
        orderLook(true);
        await().until(() -> !leader.found.isEmpty());
        assertThat(lastFound().getStopFailed().getExitReason()).isEqualTo("it was stopped, and runs again");
        int told = leader.found.size();
        clock.advance(Duration.ofSeconds(3));
        orderLook(true);
        await().until(() -> leader.found.size() > told);
        assertThat(services.calls()).containsExactly("stop a");
    }

    /** OneOp: what a grant starts is begun after that stop, and no stop of what was found is begun after it. */
    @Test
    void aGrantDuringTheStopOfWhatWasFoundStartsAfterIt() throws Exception {
        services.startByHand("a");
        CompletableFuture<Void> stop = new CompletableFuture<>();
        services.stopping.put("a", stop);
        open();
        orderLook(true);
        await().until(() -> services.calls().contains("stop a"));
        leader.order(NodePhase.NODE_PHASE_UP, List.of("a"));
        assertThat(services.calls()).containsExactly("stop a");
        stop.complete(null);
        services.stopping.clear();
        awaitAll(RunState.RUN_STATE_RUNNING, List.of("a"));
        clock.advance(Duration.ofSeconds(20));
        leader.orderLook("a");
        await().until(() -> !leader.found.isEmpty());
        assertThat(services.calls()).containsExactly("stop a", "start a");
    }

    /** What a look found before it was sent here says nothing of now. */
    @Test
    void whatArrivesIsStoppedAlsoWhereNoneWasFoundBefore() throws Exception {
        open();
        leader.order(StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .addProbes(ProbeOrder.newBuilder()
                        .setInstance("a")
                        .setSince(5)
                        .addAllMembers(Leader.desired("a").getMembersList())));
        await().until(() -> !leader.found.isEmpty());
        order(arriving("a").setRelease(true));
        await().until(() -> !leader.reported.isEmpty()
                && leader.reported.get(leader.reported.size() - 1).getReleased());
        assertThat(services.calls()).containsExactly("stop a");
    }

    @Test
    void anArrivalThatBecomesTheOwnersIsAnInstanceLikeAnyOther() throws Exception {
        open();
        order(arriving("a"));
        awaitAll(RunState.RUN_STATE_RUNNING, List.of("a"));
        assertThat(lastReport().getState()).isEqualTo(RunState.RUN_STATE_RUNNING);
        order(Leader.desired("a").toBuilder());
        order(Leader.desired("a").toBuilder()
                .setMembers(0, Leader.desired("a").getMembers(0).toBuilder().setRecoverRevision(9)));
        await().until(() -> services.calls().equals(List.of("migrate_from n2", "stop a", "start a")));
    }

    @Test
    void whatWasSentByAnEarlierAgentStaysSent() throws Exception {
        StoredInstance.Builder sent = left(StoredMember.Phase.PHASE_SENT);
        sent.getMembersBuilder(0).setDepartureTokenNumber(50);
        open(sent.build());
        leader.order(NodePhase.NODE_PHASE_UP, List.of("a"));
        await().until(() -> !leader.reported.isEmpty() && lastReport().getSentTokenNumber() == 50);
        assertThat(services.calls()).isEmpty();
    }

    /** Its agent was started anew, and what failed does not run: another instance would be started where it does. */
    @Test
    void whatFailedToArriveOrToLeaveIsNotStartedByTheNextAgent() throws Exception {
        StoredInstance.Builder departed = left(StoredMember.Phase.PHASE_FAILED).setInstance("b");
        departed.getMembersBuilder(0).setDepartureTokenNumber(50).setResource("r-b");
        open(left(StoredMember.Phase.PHASE_FAILED).setArrivesFrom("n2").build(), departed.build());
        leader.order(StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .addDesired(arriving("a"))
                .addDesired(Leader.desired("b")));
        awaitAll(RunState.RUN_STATE_FAILED, List.of("a", "b"));
        assertThat(services.calls()).isEmpty();
    }

    /** What a failed migrate_to or migrate_from left running has failed all the same: only the leader ends a migration. */
    @Test
    void whatFailedToArriveOrToLeaveHasFailedThoughItRuns() throws Exception {
        services.running.add("a");
        services.running.add("b");
        StoredInstance.Builder departed = left(StoredMember.Phase.PHASE_FAILED).setInstance("b");
        departed.getMembersBuilder(0).setDepartureTokenNumber(50).setResource("r-b");
        open(left(StoredMember.Phase.PHASE_FAILED).setArrivesFrom("n2").build(), departed.build());
        leader.order(StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .addDesired(arriving("a"))
                .addDesired(Leader.desired("b")));
        awaitAll(RunState.RUN_STATE_FAILED, List.of("a", "b"));
        assertThat(services.calls()).isEmpty();
    }

    /** An agent that dies before its first look knows no more than before it was told. */
    @Test
    void whatNoAgentHasLookedAtIsLookedAtByTheNextOne() throws Exception {
        services.running.add("a");
        services.gate = new CompletableFuture<>();
        open();
        leader.order(NodePhase.NODE_PHASE_UP, List.of("a"));
        assertThat(services.looked.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(store.load().orElseThrow().getInstances(0).getMembers(0).getPhase())
                .isEqualTo(StoredMember.Phase.PHASE_UNKNOWN);
        services.gate.complete(null);
    }

    /** It was told of what it has not looked at yet, and is asked to give it up: there may be something to stop. */
    @Test
    void whatNoAgentHasLookedAtIsNotReleasedUnseen() throws Exception {
        services.running.add("a");
        open(left(StoredMember.Phase.PHASE_UNKNOWN).build());
        order(Leader.desired("a").toBuilder().setRelease(true));
        await().until(() -> !leader.reported.isEmpty()
                && leader.reported.get(leader.reported.size() - 1).getReleased());
        assertThat(services.calls()).containsExactly("stop a");
    }

    /** The client of systemd died with its agent; systemd itself would go on and start the unit some time. */
    @Test
    void aStartOfSystemdThatOutlivesItsAgentIsStoppedBeforeAnythingIsLookedAt() throws Exception {
        ResourceSpec unit = ResourceSpec.newBuilder()
                .setSystemd(SystemdKind.newBuilder().setUnit("a.service"))
                .build();
        open(StoredInstance.newBuilder()
                .setInstance("a")
                .addMembers(StoredMember.newBuilder()
                        .setResource("r-a")
                        .setSpec(unit)
                        .setPhase(StoredMember.Phase.PHASE_STARTING)
                        .setOperation(StoredProcess.newBuilder().setPid(Integer.MAX_VALUE)))
                .build());
        await().until(() -> present().get(0).getMembers(0).getState() == RunState.RUN_STATE_STOPPED);
        assertThat(services.calls()).containsExactly("stop a");
    }
}
