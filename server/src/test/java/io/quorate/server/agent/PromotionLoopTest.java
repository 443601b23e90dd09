package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Durations;
import io.quorate.agent.v1.AttributeReport;
import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.CheckTicketResponse;
import io.quorate.agent.v1.CloneContext;
import io.quorate.agent.v1.CloneContext.Peer;
import io.quorate.agent.v1.DesiredInstance;
import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.InstanceReport;
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
import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.server.agent.exec.CopyFiles;
import io.quorate.server.agent.exec.ExecFixture;
import io.quorate.server.agent.exec.Executor;
import io.quorate.server.agent.exec.ExitCodes;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy and its promotion on one node, whose service, leader and clock are the test's. */
class PromotionLoopTest {
    private static final String COPY = "db:0";
    private static final String PROMOTION = "db:promoted:0";

    @TempDir
    private Path directory;

    private final Leader leader = new Leader();
    private final Service service = new Service();
    private final ThreadPoolExecutor workers =
            new ThreadPoolExecutor(2, 2, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    private final FakeClock clock = new FakeClock();
    private final AtomicBoolean defect = new AtomicBoolean();
    private AgentStore store;
    private AgentLoop agent;

    private static final class Leader implements NodeLink {
        private StreamWorkResponse work = StreamWorkResponse.getDefaultInstance();
        private Optional<WorkListener> stream = Optional.empty();
        private volatile Duration lease = Duration.ofHours(1);
        private volatile boolean silent;
        private final List<InstanceReport> instances = new CopyOnWriteArrayList<>();
        private final List<AttributeReport> attributes = new CopyOnWriteArrayList<>();
        private final List<ProbeReport> probes = new CopyOnWriteArrayList<>();

        synchronized void order(DesiredInstance.Builder... desired) {
            StreamWorkResponse.Builder set = StreamWorkResponse.newBuilder().setPhase(NodePhase.NODE_PHASE_UP);
            List.of(desired).forEach(set::addDesired);
            send(set);
        }

        synchronized void send(StreamWorkResponse.Builder set) {
            work = set.build();
            stream.ifPresent(listener -> listener.onWork(work));
        }

        @Override
        public synchronized WorkStream streamWork(StreamWorkRequest request, WorkListener listener) {
            stream = Optional.of(listener);
            if (work.getPhase() == NodePhase.NODE_PHASE_UP) {
                listener.onWork(work);
            }
            return () -> {};
        }

        @Override
        public CompletableFuture<RegisterAgentResponse> register(RegisterAgentRequest request) {
            return CompletableFuture.completedFuture(RegisterAgentResponse.newBuilder()
                    .setIncarnation(7)
                    .setSession(1)
                    .setRenewEvery(Durations.fromMillis(20))
                    .build());
        }

        @Override
        public CompletableFuture<RenewLeaseResponse> renew(RenewLeaseRequest request) {
            if (silent) {
                return CompletableFuture.failedFuture(new IOException("no leader"));
            }
            return CompletableFuture.completedFuture(RenewLeaseResponse.newBuilder()
                    .setVerdict(RenewLeaseResponse.Verdict.VERDICT_RENEWED)
                    .setLease(Durations.fromMillis(lease.toMillis()))
                    .build());
        }

        @Override
        public CompletableFuture<ReportResultsResponse> report(ReportResultsRequest request) {
            instances.addAll(request.getInstancesList());
            attributes.addAll(request.getAttributesList());
            probes.addAll(request.getProbesList());
            return CompletableFuture.completedFuture(ReportResultsResponse.getDefaultInstance());
        }

        @Override
        public CompletableFuture<CheckTicketResponse> checkTicket(CheckTicketRequest request) {
            return new CompletableFuture<>();
        }

        @Override
        public void close() {}
    }

    /** One service that is stopped (7), runs (0) or is promoted (8), and says how it would like to be promoted. */
    private static final class Service implements Executor {
        private int code = ExitCodes.NOT_RUNNING;
        private final Set<String> underWay = new TreeSet<>();
        private boolean refusesDemotion;
        private volatile boolean promotionHangs;
        private volatile Consumer<String> onEntry = home -> {};
        private volatile Runnable onPreNotice = () -> {};
        private volatile Runnable onValidate = () -> {};
        private CopyFiles copies;
        private final List<String> calls = new ArrayList<>();
        private final List<String> notices = new ArrayList<>();

        synchronized void become(int monitorCode) {
            code = monitorCode;
        }

        synchronized List<String> calls() {
            return List.copyOf(calls);
        }

        synchronized List<String> notices() {
            return List.copyOf(notices);
        }

        private Outcome change(String action, Task task, int becomes, String score) {
            enter(task);
            try {
                synchronized (this) {
                    calls.add(action + " " + task.instance());
                    code = becomes;
                    Files.writeString(copies.of(task.home()).resolve("score"), score + "\n");
                }
                Finding finding =
                        action.equals("start") || action.equals("promote") ? Finding.RUNNING : Finding.NOT_RUNNING;
                return new Outcome(action, finding, 0, "", "", Duration.ZERO);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                leave(task);
            }
        }

        /** OneOp over the copy and its promotion. */
        private void enter(Task task) {
            synchronized (this) {
                assertThat(underWay.add(task.part().service(task.instance()))).isTrue();
            }
            onEntry.accept(task.home());
        }

        private synchronized void leave(Task task) {
            underWay.remove(task.part().service(task.instance()));
        }

        @Override
        public Outcome start(Task task) {
            return change("start", task, ExitCodes.OK, "5");
        }

        @Override
        public Outcome stop(Task task) {
            return change("stop", task, ExitCodes.NOT_RUNNING, "5");
        }

        @Override
        public Outcome promote(Task task) {
            if (promotionHangs) {
                become(ExitCodes.NOT_RUNNING);
                return new Outcome("promote", Finding.FAILED, ExitCodes.TIMED_OUT, "", "", Duration.ZERO);
            }
            return change("promote", task, ExitCodes.RUNNING_PROMOTED, "10");
        }

        @Override
        public Outcome demote(Task task) {
            return change("demote", task, refusesDemotion ? ExitCodes.RUNNING_PROMOTED : ExitCodes.OK, "5");
        }

        @Override
        public synchronized Outcome tell(Task task) {
            if ("pre".equals(task.notice().get("notify_type"))) {
                onPreNotice.run();
            }
            notices.add(task.notice().get("notify_type") + "-" + task.notice().get("notify_operation") + " "
                    + task.notice().get("notify_" + task.notice().get("notify_operation") + "_uname"));
            return new Outcome("notify", Finding.NOT_RUNNING, 0, "", "", Duration.ZERO);
        }

        @Override
        public Outcome monitor(Task task) {
            enter(task);
            try {
                Path unused = copies.of(task.home());
                synchronized (this) {
                    Finding finding = switch (code) {
                        case ExitCodes.OK, ExitCodes.RUNNING_PROMOTED -> Finding.RUNNING;
                        case ExitCodes.NOT_RUNNING -> Finding.NOT_RUNNING;
                        default -> Finding.FAILED;
                    };
                    return new Outcome("monitor", finding, code, "", "", Duration.ZERO);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                leave(task);
            }
        }

        @Override
        public Outcome probe(Task task) {
            return monitor(task);
        }

        @Override
        public Outcome validate(Task task) {
            onValidate.run();
            return new Outcome("validate-all", Finding.NOT_RUNNING, 0, "", "", Duration.ZERO);
        }

        @Override
        public Duration monitorInterval(ResourceSpec spec, Role role) {
            return Duration.ofSeconds(10);
        }
    }

    private void open(StoredInstance... left) throws IOException {
        ExecFixture exec = new ExecFixture(directory, false);
        service.copies = exec.copies;
        store = AgentStore.open(directory.resolve("agent"));
        StoredAgent stored = StoredAgent.newBuilder()
                .setNode("n1")
                .setBootId("boot")
                .addAllInstances(List.of(left))
                .build();
        AgentParts parts = new AgentParts(
                new MemberOperations(exec.runner, exec.cells, service, service, service),
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
                new PoolThreads(workers, workers, workers),
                new SecureRandom());
        loop.start();
        agent.begin();
    }

    @AfterEach
    void close() throws IOException {
        agent.detach(Duration.ofMillis(100));
        workers.shutdownNow();
        store.close();
        assertThat(defect).isFalse();
    }

    private static CloneContext.Builder context() {
        return CloneContext.newBuilder()
                .setClone("db")
                .setMax(2)
                .setMaxPerNode(1)
                .setPromotable(true)
                .setPromotedMax(1)
                .setPromotedMaxPerNode(1);
    }

    private static DesiredInstance.Builder copy() {
        return DesiredInstance.newBuilder()
                .setInstance(COPY)
                .setToken(FencingToken.newBuilder().setGeneration(1).setNumber(41))
                .setKeepWithoutContact(true)
                .setClone(context())
                .addMembers(member());
    }

    private static DesiredInstance.Builder promotion() {
        return copy().setInstance(PROMOTION)
                .setCopy(COPY)
                .setToken(FencingToken.newBuilder().setGeneration(1).setNumber(42));
    }

    private static DesiredMember.Builder member() {
        return DesiredMember.newBuilder().setResource("pg").setSpec(ExecFixture.ocfSpec("test", "db"));
    }

    private static StoredInstance stored(DesiredInstance.Builder desired, Phase phase) {
        return StoredInstance.newBuilder()
                .setInstance(desired.getInstance())
                .setToken(desired.getToken())
                .setKeepWithoutContact(true)
                .setClone(desired.getClone())
                .setCopy(desired.getCopy())
                .addMembers(StoredMember.newBuilder()
                        .setResource("pg")
                        .setSpec(ExecFixture.ocfSpec("test", "db"))
                        .setPhase(phase))
                .build();
    }

    private Optional<RunState> state(String instance) {
        return agent.status().join().getInstancesList().stream()
                .filter(local -> local.getInstance().equals(instance))
                .map(local -> local.getMembers(0).getState())
                .findFirst();
    }

    private void awaitState(String instance, RunState state) {
        await().alias(instance + " " + state).until(() -> {
            clock.advance(Duration.ofMillis(100));
            return state(instance).equals(Optional.of(state));
        });
    }

    private void promote() throws IOException {
        open();
        leader.order(copy(), promotion());
        awaitState(PROMOTION, RunState.RUN_STATE_RUNNING);
    }

    @Test
    void aCopyIsStartedThenPromotedAndItsScoresArrive() throws Exception {
        promote();
        assertThat(service.calls()).containsExactly("start db:0", "promote db:promoted:0");
        await().until(() -> leader.attributes.size() == 2);
        assertThat(leader.attributes)
                .extracting(report -> report.getName() + "=" + report.getValue())
                .containsExactly("promotion-score.db=5", "promotion-score.db=10");
        await().untilAsserted(() -> assertThat(states(PROMOTION)).endsWith(RunState.RUN_STATE_RUNNING));
        assertThat(states(PROMOTION)).doesNotContain(RunState.RUN_STATE_FAILED);
    }

    private List<RunState> states(String instance) {
        return leader.instances.stream()
                .filter(report -> report.getInstance().equals(instance))
                .map(report -> report.getMembers(0).getState())
                .toList();
    }

    @Test
    void aReleasedPromotionIsDemotedAndTheCopyRunsOn() throws Exception {
        promote();
        leader.order(copy(), promotion().setRelease(true));
        await().until(() -> leader.instances.stream()
                .anyMatch(report -> report.getInstance().equals(PROMOTION) && report.getReleased()));
        leader.order(copy());
        await().until(() -> state(PROMOTION).isEmpty());
        assertThat(service.calls()).containsExactly("start db:0", "promote db:promoted:0", "demote db:promoted:0");
        assertThat(state(COPY)).contains(RunState.RUN_STATE_RUNNING);
        // Tombstone: the same grant, repeated by a leader that is behind, promotes nobody.
        leader.order(copy(), promotion());
        await().until(() -> leader.instances.stream()
                        .filter(report -> report.getInstance().equals(PROMOTION) && report.getReleased())
                        .count()
                == 2);
        assertThat(service.calls()).hasSize(3);
    }

    @Test
    void whatIsNotOursAnyMoreIsDemotedBeforeItIsStopped() throws Exception {
        promote();
        leader.order();
        await().until(() -> state(COPY).isEmpty() && state(PROMOTION).isEmpty());
        assertThat(service.calls())
                .containsExactly("start db:0", "promote db:promoted:0", "demote db:promoted:0", "stop db:0");
        await("a copy that does not run has no score")
                .until(() -> leader.attributes
                        .get(leader.attributes.size() - 1)
                        .getValue()
                        .isEmpty());
    }

    @Test
    void aDemotionThatFailsIsSaidAndTheStopEndsIt() throws Exception {
        promote();
        service.refusesDemotion = true;
        leader.order(copy(), promotion().setRelease(true));
        await().until(() -> leader.instances.stream()
                .anyMatch(report -> report.getInstance().equals(PROMOTION) && report.getStopFailed()));
        assertThat(state(COPY)).contains(RunState.RUN_STATE_RUNNING);
        leader.order();
        await().until(() -> state(COPY).isEmpty() && state(PROMOTION).isEmpty());
        assertThat(service.calls()).endsWith("stop db:0");
    }

    @Test
    void aPromotedCopyIsTakenOverFromAnEarlierAgent() throws Exception {
        service.become(ExitCodes.RUNNING_PROMOTED);
        leader.order(copy(), promotion());
        open(stored(copy(), Phase.PHASE_RUNNING), stored(promotion(), Phase.PHASE_RUNNING));
        awaitState(PROMOTION, RunState.RUN_STATE_RUNNING);
        awaitState(COPY, RunState.RUN_STATE_RUNNING);
        assertThat(service.calls()).isEmpty();
    }

    /** Every place in which the agent may have been killed: promoted in the end, demoted never. */
    @Test
    void anInterruptedPromotionIsFinished() throws Exception {
        service.become(ExitCodes.OK);
        leader.order(copy(), promotion());
        open(stored(copy(), Phase.PHASE_RUNNING), stored(promotion(), Phase.PHASE_STARTING));
        awaitState(PROMOTION, RunState.RUN_STATE_RUNNING);
        assertThat(service.calls()).containsExactly("promote db:promoted:0");
    }

    @Test
    void aPromotionThatWasFinishedWhenTheAgentDiedIsNotRepeated() throws Exception {
        service.become(ExitCodes.RUNNING_PROMOTED);
        leader.order(copy(), promotion());
        open(stored(copy(), Phase.PHASE_RUNNING), stored(promotion(), Phase.PHASE_STARTING));
        awaitState(PROMOTION, RunState.RUN_STATE_RUNNING);
        assertThat(service.calls()).isEmpty();
    }

    @Test
    void anInterruptedDemotionIsFinished() throws Exception {
        service.become(ExitCodes.RUNNING_PROMOTED);
        leader.order(copy(), promotion().setRelease(true));
        open(stored(copy(), Phase.PHASE_RUNNING), stored(promotion(), Phase.PHASE_STOPPING));
        await().until(() -> leader.instances.stream()
                .anyMatch(report -> report.getInstance().equals(PROMOTION) && report.getReleased()));
        assertThat(service.calls()).containsExactly("demote db:promoted:0");
    }

    @Test
    void theRightInstanceFails() throws Exception {
        promote();
        service.become(ExitCodes.OK);
        clock.advance(Duration.ofSeconds(11));
        awaitState(PROMOTION, RunState.RUN_STATE_FAILED);
        assertThat(state(COPY)).contains(RunState.RUN_STATE_RUNNING);
    }

    @Test
    void aCopyThatDiedIsNeitherRunningNorPromoted() throws Exception {
        promote();
        service.become(ExitCodes.NOT_RUNNING);
        clock.advance(Duration.ofSeconds(11));
        awaitState(PROMOTION, RunState.RUN_STATE_FAILED);
        awaitState(COPY, RunState.RUN_STATE_FAILED);
    }

    @Test
    void aCopyThatIsPromotedOnItsOwnHasFailed() throws Exception {
        open();
        leader.order(copy());
        awaitState(COPY, RunState.RUN_STATE_RUNNING);
        service.become(ExitCodes.RUNNING_PROMOTED);
        clock.advance(Duration.ofSeconds(11));
        awaitState(COPY, RunState.RUN_STATE_FAILED);
    }

    /** What runs here is the copy that this node owns, and what is promoted is that one. */
    @Test
    void otherSlotsAreNotFoundWhereOneIsOwned() throws Exception {
        promote();
        leader.send(StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .addDesired(copy())
                .addDesired(promotion())
                .addProbes(look("db:1", false))
                .addProbes(look("db:promoted:1", true)));
        await().until(() -> {
            clock.advance(Duration.ofMillis(100));
            return leader.probes.size() >= 2;
        });
        assertThat(leader.probes)
                .extracting(ProbeReport::getFinding)
                .containsOnly(ProbeReport.Finding.FINDING_NOT_RUNNING);
    }

    @Test
    void aPromotionIsFoundOnlyWhereSomethingIsPromoted() throws Exception {
        service.become(ExitCodes.OK);
        open();
        leader.send(StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .addProbes(look(COPY, false))
                .addProbes(look(PROMOTION, true)));
        await().until(() -> {
            clock.advance(Duration.ofMillis(100));
            return leader.probes.size() >= 2;
        });
        assertThat(leader.probes.subList(0, 2))
                .extracting(report -> report.getInstance() + " " + report.getFinding())
                .containsExactlyInAnyOrder("db:0 FINDING_RUNNING", "db:promoted:0 FINDING_NOT_RUNNING");
    }

    /** A token that this node has no more, as after a restore: nobody else would say what runs under it. */
    @Test
    void aRecordOfWhatIsNotOwnedExplainsNothing() throws Exception {
        service.become(ExitCodes.RUNNING_PROMOTED);
        open(
                stored(copy(), Phase.PHASE_RUNNING),
                stored(promotion().setInstance("db:promoted:1"), Phase.PHASE_RUNNING));
        leader.send(StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .setPaused(true)
                .addProbes(look("db:1", false))
                .addProbes(look(PROMOTION, true)));
        awaitProbes(2);
        assertThat(leader.probes).extracting(ProbeReport::getFinding).containsOnly(ProbeReport.Finding.FINDING_RUNNING);
    }

    /** The clone had more copies when this one was promoted. */
    @Test
    void theCopyOfItsOwnRecordIsAlwaysLookedAt() throws Exception {
        service.become(ExitCodes.RUNNING_PROMOTED);
        CloneContext.Builder unique = context().setGloballyUnique(true);
        CopyOnWriteArrayList<String> looked = new CopyOnWriteArrayList<>();
        service.onEntry = looked::add;
        open(stored(promotion().setClone(unique.clone().setNumber(5)).setCopy("db:5"), Phase.PHASE_RUNNING));
        leader.send(StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .setPaused(true)
                .addProbes(look(PROMOTION, true).setClone(unique)));
        await().until(() -> state(PROMOTION).equals(Optional.of(RunState.RUN_STATE_RUNNING)));
        looked.clear();
        leader.probes.clear();
        awaitProbes(1);
        assertThat(looked).contains("db:0", "db:1", "db:5");
    }

    @Test
    void aLookAtAPromotionWaitsForWhatIsDoneWithEachCopyAndHoldsUpNoOther() throws Exception {
        CloneContext.Builder unique = context().setGloballyUnique(true);
        CloneContext.Builder second = unique.clone().setNumber(1);
        open();
        leader.order(copy().setClone(unique), copy().setInstance("db:1").setClone(second));
        awaitState(COPY, RunState.RUN_STATE_RUNNING);
        awaitState("db:1", RunState.RUN_STATE_RUNNING);
        CopyOnWriteArrayList<String> entered = new CopyOnWriteArrayList<>();
        CountDownLatch ends = new CountDownLatch(1);
        service.onEntry = home -> {
            entered.add(home);
            if (home.equals("db:1")) {
                await().until(() -> ends.getCount() == 0);
            }
        };
        leader.order(
                copy().setClone(unique),
                copy().setInstance("db:1").setClone(second).setRelease(true));
        await().until(() -> entered.contains("db:1"));
        leader.send(StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .addDesired(copy().setClone(unique))
                .addDesired(copy().setInstance("db:1").setClone(second).setRelease(true))
                .addProbes(look(PROMOTION, true).setClone(unique)));
        await().until(() -> entered.contains("db:0"));
        clock.advance(Duration.ofSeconds(11));
        await("the other copy is watched as ever").until(() -> {
            clock.advance(Duration.ofMillis(100));
            return entered.stream().filter(COPY::equals).count() >= 2;
        });
        assertThat(entered.stream().filter("db:1"::equals)).hasSize(1);
        ends.countDown();
        awaitProbes(1);
        assertThat(leader.probes.get(0).getFinding()).isEqualTo(ProbeReport.Finding.FINDING_NOT_RUNNING);
    }

    private void awaitProbes(int count) {
        await().until(() -> {
            clock.advance(Duration.ofMillis(100));
            return leader.probes.size() >= count;
        });
    }

    @Test
    void aLookLeavesNoDirectoryBehindButWhatAnAgentKeeps() throws Exception {
        open();
        Files.writeString(service.copies.of("db:1").resolve("attribute.kept"), "1\n");
        leader.send(StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .addProbes(look(COPY, false))
                .addProbes(look("db:1", false)));
        awaitProbes(2);
        assertThat(directory.resolve("copies/db:0")).doesNotExist();
        assertThat(directory.resolve("copies/db:1/attribute.kept")).exists();
    }

    /** Validating and telling took longer than the lease: RUN⊆OWN holds when it begins, not when it was decided. */
    @Test
    void nothingBeginsWhenTheLeaseEndedMeanwhile() throws Exception {
        AtomicBoolean once = new AtomicBoolean();
        service.onValidate = () -> loseLease(once);
        open();
        DesiredInstance.Builder copy = copy().setClone(context().setNotify(true));
        leader.order(copy, promotion().setClone(copy.getClone()));
        await().until(() -> once.get() && state(COPY).equals(Optional.of(RunState.RUN_STATE_STOPPED)));
        assertThat(service.calls()).isEmpty();
        once.set(false);
        service.onValidate = () -> {};
        service.onPreNotice = () -> loseLease(once);
        leader.silent = false;
        await().until(() -> once.get() && state(PROMOTION).equals(Optional.of(RunState.RUN_STATE_STOPPED)));
        assertThat(service.calls()).containsExactly("start db:0");
        service.onPreNotice = () -> {};
        leader.silent = false;
        awaitState(PROMOTION, RunState.RUN_STATE_RUNNING);
        assertThat(service.calls()).containsExactly("start db:0", "promote db:promoted:0");
        assertThat(states(PROMOTION)).doesNotContain(RunState.RUN_STATE_FAILED);
    }

    private void loseLease(AtomicBoolean once) {
        if (once.compareAndSet(false, true)) {
            leader.silent = true;
            clock.advance(Duration.ofHours(2));
        }
    }

    @Test
    void aCopyThatEndedWithAPromotionThatHungIsLookedAtAtOnce() throws Exception {
        service.promotionHangs = true;
        open();
        leader.order(copy(), promotion());
        awaitState(PROMOTION, RunState.RUN_STATE_FAILED);
        for (int i = 0; i < 10; i++) {
            clock.advance(Duration.ofMillis(100));
        }
        await().until(() -> state(COPY).equals(Optional.of(RunState.RUN_STATE_FAILED)));
    }

    /** By an agent that knows nothing of it: its promotion is taken over only once the copy is known to run. */
    @Test
    void aCopyThatIsFoundPromotedIsTakenOverBeforeItsPromotion() throws Exception {
        service.become(ExitCodes.RUNNING_PROMOTED);
        open();
        leader.send(StreamWorkResponse.newBuilder()
                .setPhase(NodePhase.NODE_PHASE_UP)
                .setPaused(true)
                .addDesired(copy().setAdopt(true)));
        await().until(() -> states(COPY).contains(RunState.RUN_STATE_RUNNING));
        leader.order(copy().setAdopt(true), promotion().setAdopt(true));
        awaitState(PROMOTION, RunState.RUN_STATE_RUNNING);
        assertThat(states(COPY)).doesNotContain(RunState.RUN_STATE_FAILED);
        assertThat(service.calls()).isEmpty();
    }

    /** The release of one was not confirmed yet when the other was granted. */
    @Test
    void aCopyIsPromotedByTheOneThatLastsNotByTheOneThatEnded() throws Exception {
        service.become(ExitCodes.RUNNING_PROMOTED);
        DesiredInstance.Builder second = promotion().setInstance("db:promoted:1");
        leader.order(copy(), promotion().setRelease(true), second);
        open(
                stored(copy(), Phase.PHASE_RUNNING),
                stored(promotion(), Phase.PHASE_STOPPED),
                stored(second, Phase.PHASE_RUNNING));
        awaitState("db:promoted:1", RunState.RUN_STATE_RUNNING);
        awaitState(COPY, RunState.RUN_STATE_RUNNING);
        leader.order();
        await().until(() -> state(COPY).isEmpty());
        assertThat(service.calls()).containsExactly("demote db:promoted:1", "stop db:0");
    }

    private static ProbeOrder.Builder look(String instance, boolean promotion) {
        return ProbeOrder.newBuilder()
                .setInstance(instance)
                .setSince(5)
                .setPromotion(promotion)
                .setClone(context())
                .addMembers(member());
    }

    @Test
    void aCopyIsToldWhatBecomesOfTheOthers() throws Exception {
        open();
        CloneContext.Builder alone = context()
                .setNotify(true)
                .addPeers(Peer.newBuilder().setInstance(COPY).setNode("n1").setActive(true))
                .addPeers(Peer.newBuilder().setInstance("db:1"));
        leader.order(copy().setClone(alone));
        awaitState(COPY, RunState.RUN_STATE_RUNNING);
        assertThat(service.notices()).containsExactly("post-start n1");
        Peer other = Peer.newBuilder()
                .setInstance("db:1")
                .setNode("n2")
                .setActive(true)
                .setPromoted(true)
                .build();
        CloneContext both = alone.clone().setPeers(1, other).build();
        leader.order(copy().setClone(both));
        await().until(() -> service.notices().size() == 3);
        assertThat(service.notices().subList(1, 3)).containsExactly("post-start n2", "post-promote n2");
        leader.order(copy().setClone(both));
        leader.order(copy().setClone(alone));
        await().until(() -> service.notices().size() == 5);
        assertThat(service.notices().subList(3, 5)).containsExactly("post-demote n2", "post-stop n2");
    }
}
