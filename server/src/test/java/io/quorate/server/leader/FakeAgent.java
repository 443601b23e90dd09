package io.quorate.server.leader;

import com.google.protobuf.ByteString;
import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.DesiredInstance;
import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.FenceDeviceResult;
import io.quorate.agent.v1.FenceOrder;
import io.quorate.agent.v1.FenceReport;
import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.MachineIdentity;
import io.quorate.agent.v1.MemberReport;
import io.quorate.agent.v1.ProbeOrder;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.v1.FencingToken;
import io.quorate.v1.NodePhase;
import io.quorate.v1.OperationResult;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An agent that does at once what it is told, on its own machine of the {@link World}. It starts only what a work set
 * names and never a token that it has stopped. Called by the world once in every step of time.
 */
final class FakeAgent {
    private static final long RENEW_NANOS = 400_000_000L;
    private static final long CALL_TIMEOUT_NANOS = 1_000_000_000L;
    private static final long LOOK_AGAIN_NANOS = 2_000_000_000L;

    /** How the machine is. */
    enum Machine {
        /** It runs. */
        ON,
        /** No power: nothing runs, nothing answers. */
        OFF,
        /** It runs, but nothing of it reaches the servers. */
        CUT
    }

    private final World world;
    private final String name;
    private String bootId;
    private Machine machine = Machine.ON;
    private boolean agentRuns = true;
    private int process = 1;
    private long incarnation;
    private long session;
    private boolean registered;
    private boolean joined;
    private long sequence;
    private long reports;
    private long nextRenewalNanos;
    private long lookAgainNanos;
    private @Nullable CompletableFuture<?> call;
    private long callNanos;
    private @Nullable Stream stream;
    private @Nullable StreamWorkResponse work;
    private boolean fresh;
    private final Map<String, Long> running = new TreeMap<>();
    private final Set<String> byHand = new HashSet<>();
    private final Map<String, Long> failures = new TreeMap<>();
    private final Set<String> toFail = new TreeSet<>();
    private final Set<String> degraded = new HashSet<>();
    private final Set<String> stopping = new HashSet<>();
    private final Set<Long> stopped = new HashSet<>();
    private final Set<Long> awaitRecovery = new HashSet<>();
    private final FakeMigrations migrations;
    private final Set<String> fenced = new HashSet<>();
    private int registrations;

    FakeAgent(World world, String name) {
        this.world = world;
        this.name = name;
        this.bootId = name + "-boot-1";
        this.migrations = new FakeMigrations(world, running, failures);
    }

    String name() {
        return name;
    }

    Machine machine() {
        return machine;
    }

    long incarnation() {
        return incarnation;
    }

    int registrations() {
        return registrations;
    }

    /** What really runs on this machine, started or taken over by its agent: instance → token number. */
    Map<String, Long> running() {
        return running;
    }

    /** What really runs on this machine because another one sent it here, and its agent has not taken it over. */
    Set<String> unclaimed() {
        return migrations.unclaimed();
    }

    /** Another machine sends what ran there; false when there is no power to receive it. */
    boolean receive(String instance) {
        return machine != Machine.OFF && migrations.unclaimed().add(instance);
    }

    @Nullable
    StreamWorkResponse work() {
        return work;
    }

    boolean isConnected() {
        return stream != null && !stream.ended;
    }

    /** Power off, by whomever: nothing runs any more and nothing answers. */
    void powerOff() {
        machine = Machine.OFF;
        running.clear();
        migrations.powerOff();
        forgetProcess();
    }

    /** Power on: another boot. */
    void powerOn() {
        machine = Machine.ON;
        process++;
        bootId = name + "-boot-" + process;
        stopped.clear();
        awaitRecovery.clear();
        agentRuns = true;
    }

    /** The network takes nothing to or from the machine; what runs there runs on. */
    void cutOff() {
        machine = Machine.CUT;
    }

    void heal() {
        machine = Machine.ON;
    }

    /** The agent dies; the kernel closes its connections; services go on. */
    void killAgent() {
        agentRuns = false;
        Stream open = stream;
        forgetProcess();
        if (open != null) {
            open.breakConnection();
        }
    }

    void startAgent() {
        if (!agentRuns) {
            migrations.endOrphans();
        }
        process++;
        agentRuns = true;
    }

    /** The kernel of a server that was started anew knows nothing of its connections. */
    void serverRestarted(LeaderLoop former) {
        if (stream != null && stream.server == former) {
            stream.ended = true;
        }
    }

    /** Tells the cluster that it will be back, then goes. */
    void detachAgent() {
        report(request().setDetaching(true));
        killAgent();
    }

    /** The next good moment of an instance is its last: its monitor will say "failed" once. */
    void failOnce(String instance) {
        toFail.add(instance);
    }

    /** Its monitor says from now on that it runs, but not well. */
    void degrade(String instance) {
        degraded.add(instance);
    }

    /** Its stop takes until it is let go. */
    void holdStop(String instance) {
        stopping.add(instance);
    }

    void letStop(String instance) {
        stopping.remove(instance);
        fresh = true;
    }

    /** Somebody started it there without asking: only a probe sees it. */
    void startByHand(String instance) {
        byHand.add(instance);
    }

    void stopByHand(String instance) {
        byHand.remove(instance);
        migrations.stopUnclaimed(instance);
    }

    private void forgetProcess() {
        registered = false;
        joined = false;
        stream = null;
        work = null;
        call = null;
        failures.clear();
        fenced.clear();
    }

    /** One step of time. */
    void step(long nowNanos) {
        fresh |= machine != Machine.OFF && migrations.step(nowNanos);
        if (machine != Machine.ON || !agentRuns) {
            return;
        }
        if (call != null && !call.isDone() && nowNanos - callNanos < CALL_TIMEOUT_NANOS) {
            return;
        }
        if (call != null && !call.isDone()) {
            world.lookForLeader(name);
            stream = null;
        }
        call = null;
        if (!registered) {
            register(nowNanos);
        } else if (stream == null || stream.ended) {
            openStream();
        }
        if (registered && nowNanos - nextRenewalNanos >= 0) {
            renew(nowNanos);
        }
        boolean looksAgain = work != null && work.getProbesCount() > 0 && nowNanos - lookAgainNanos >= 0;
        if (registered && (fresh || looksAgain || !toFail.isEmpty()) && work != null) {
            fresh = false;
            lookAgainNanos = nowNanos + LOOK_AGAIN_NANOS;
            act(work, nowNanos);
        }
    }

    private <T> CompletableFuture<T> begin(CompletableFuture<T> future, long nowNanos) {
        call = future;
        callNanos = nowNanos;
        return future;
    }

    private void register(long nowNanos) {
        RegisterAgentRequest request = RegisterAgentRequest.newBuilder()
                .setNode(name)
                .setMachine(MachineIdentity.newBuilder()
                        .setMachineId("machine-" + name)
                        .setBootId(bootId))
                .setSessionNonce(ByteString.copyFromUtf8(name + "-process-" + process))
                .setProcessId(ByteString.copyFromUtf8(name + "-process-" + process))
                .setLevelMin(1)
                .setLevelMax(1)
                .addAddresses("192.0.2.1")
                .build();
        Futures.whenDone(begin(world.calls(name).register(request), nowNanos), (response, failure) -> {
            if (response == null) {
                world.lookForLeader(name);
            } else if (agentRuns && machine == Machine.ON) {
                registered(response);
            }
        });
    }

    private void registered(RegisterAgentResponse response) {
        registrations++;
        boolean sameLife = incarnation == response.getIncarnation();
        incarnation = response.getIncarnation();
        session = response.getSession();
        registered = true;
        joined = false;
        stream = null;
        work = null;
        if (!sameLife) {
            // JoinClean: what an earlier life started is stopped before this one joins.
            stopAllBut(Set.of());
        }
        openStream();
    }

    private void openStream() {
        Stream next = new Stream(world.loop(name));
        stream = next;
        // It may have been said to a leader that is no more.
        joined = false;
        next.server.inTerm("open", term -> term.publisher().open(next), failure -> next.ended = true);
    }

    private void renew(long nowNanos) {
        nextRenewalNanos = nowNanos + RENEW_NANOS;
        sequence++;
        RenewLeaseRequest request = RenewLeaseRequest.newBuilder()
                .setNode(name)
                .setIncarnation(incarnation)
                .setSession(session)
                .setSequence(sequence)
                .build();
        long sentSession = session;
        Futures.whenDone(begin(world.calls(name).renew(request, nowNanos), nowNanos), (response, failure) -> {
            if (failure != null || response == null) {
                world.lookForLeader(name);
            } else if (sentSession == session && response.getVerdict() != RenewLeaseResponse.Verdict.VERDICT_RENEWED) {
                registered = false;
            }
        });
    }

    private ReportResultsRequest.Builder request() {
        reports++;
        return ReportResultsRequest.newBuilder()
                .setNode(name)
                .setIncarnation(incarnation)
                .setSession(session)
                .setReportId(name + "-" + session + "-" + reports);
    }

    private void report(ReportResultsRequest.Builder request) {
        Futures.whenDone(world.calls(name).report(request.build()), (response, failure) -> {
            if (response == null || response.getRefusedCount() > 0) {
                fresh = true;
                joined = false;
            }
        });
    }

    private void act(StreamWorkResponse now, long nowNanos) {
        ReportResultsRequest.Builder request = request();
        boolean answered = true;
        for (ProbeOrder probe : now.getProbesList()) {
            if (migrations.isBusy(probe.getInstance())) {
                answered = false;
                continue;
            }
            if (probe.getStopFound()) {
                byHand.remove(probe.getInstance());
            }
            request.addProbes(ProbeReport.newBuilder()
                    .setInstance(probe.getInstance())
                    .setSince(probe.getSince())
                    .setFinding(
                            isFound(probe.getInstance())
                                    ? ProbeReport.Finding.FINDING_RUNNING
                                    : ProbeReport.Finding.FINDING_NOT_RUNNING));
        }
        if (now.getPhase() == NodePhase.NODE_PHASE_JOINING && !joined && answered) {
            joined = true;
            request.setJoinComplete(true);
        }
        Set<String> mine = new HashSet<>();
        now.getDesiredList().forEach(desired -> mine.add(desired.getInstance()));
        stopAllBut(mine);
        boolean mayBegin = now.getPhase() == NodePhase.NODE_PHASE_UP && !now.getPaused();
        now.getDesiredList().forEach(desired -> request.addInstances(obey(desired, mayBegin, nowNanos)));
        report(request);
        now.getFenceOrdersList().forEach(this::fence);
    }

    private boolean isFound(String instance) {
        return running.containsKey(instance)
                || byHand.contains(instance)
                || unclaimed().contains(instance);
    }

    private void stopAllBut(Set<String> mine) {
        Set<String> recorded = new TreeSet<>(running.keySet());
        recorded.addAll(migrations.recorded());
        recorded.removeAll(mine);
        recorded.stream().filter(instance -> !migrations.isBusy(instance)).forEach(this::stop);
    }

    /** Whatever runs of it is stopped, and no token that it had is started again. */
    private void stop(String instance) {
        @Nullable Long token = running.remove(instance);
        if (token != null) {
            stopped.add(token);
        }
        if (migrations.token(instance) != 0) {
            stopped.add(migrations.token(instance));
        }
        migrations.forget(instance);
    }

    private InstanceReport obey(DesiredInstance desired, boolean mayBegin, long nowNanos) {
        String instance = desired.getInstance();
        FencingToken token = desired.getToken();
        if (migrations.isBusy(instance)) {
            return onItsWay(desired);
        }
        if (migrations.token(instance) != 0 && migrations.token(instance) != token.getNumber()) {
            stop(instance);
        }
        InstanceReport.Builder report =
                InstanceReport.newBuilder().setInstance(instance).setToken(token);
        if (desired.getRelease() && stopping.contains(instance)) {
            return report.addAllMembers(members(desired, RunState.RUN_STATE_STOPPING))
                    .build();
        }
        if (desired.getRelease() || stopped.contains(token.getNumber())) {
            stop(instance);
            stopped.add(token.getNumber());
            return report.setReleased(true)
                    .addAllMembers(members(desired, RunState.RUN_STATE_STOPPED))
                    .build();
        }
        if (!migrations.isUnwatched(instance) && toFail.remove(instance)) {
            running.remove(instance);
            awaitRecovery.add(token.getNumber());
            if (!migrations.failMonitor(instance)) {
                failures.merge(instance, 1L, Long::sum);
            }
            fresh = true;
            return report.addAllMembers(members(desired, RunState.RUN_STATE_FAILED))
                    .build();
        }
        boolean failed = migrations.hasFailed(instance);
        if (migrations.obey(desired, mayBegin && !desired.getMaintenance(), nowNanos)) {
            return onItsWay(desired);
        }
        return report.addAllMembers(members(desired, started(desired, failed))).build();
    }

    /** Starts it if that may be, and says what came of it. */
    private RunState started(DesiredInstance desired, boolean failed) {
        String instance = desired.getInstance();
        long token = desired.getToken().getNumber();
        if (failed) {
            awaitRecovery.add(token);
        }
        if (desired.getMembersCount() > 0 && desired.getMembers(0).getRecoverRevision() > 0) {
            awaitRecovery.remove(token);
        }
        if (awaitRecovery.contains(token)) {
            return RunState.RUN_STATE_FAILED;
        }
        if (!desired.getMaintenance()) {
            running.put(instance, token);
        }
        if (!running.containsKey(instance)) {
            return RunState.RUN_STATE_FAILED;
        }
        return degraded.contains(instance) ? RunState.RUN_STATE_DEGRADED : RunState.RUN_STATE_RUNNING;
    }

    /** The report on a half of a migration, under the token that it has. */
    private InstanceReport onItsWay(DesiredInstance desired) {
        String instance = desired.getInstance();
        return InstanceReport.newBuilder()
                .setInstance(instance)
                .setToken(desired.getToken().toBuilder().setNumber(migrations.token(instance)))
                .addAllMembers(members(desired, migrations.state(instance)))
                .build();
    }

    private List<MemberReport> members(DesiredInstance desired, RunState state) {
        List<MemberReport> members = new ArrayList<>();
        long failed = failures.getOrDefault(desired.getInstance(), 0L);
        for (DesiredMember member : desired.getMembersList()) {
            MemberReport.Builder report = MemberReport.newBuilder()
                    .setResource(member.getResource())
                    .setState(state)
                    .setFailures(failed)
                    .setRecoverRevision(member.getRecoverRevision())
                    .setSentTokenNumber(migrations.sentFor(desired.getInstance()));
            if (failed > 0) {
                String operation = migrations.failedOperation(desired.getInstance());
                report.setLastFailure(OperationResult.newBuilder()
                        .setOperation(operation.isEmpty() ? "monitor" : operation)
                        .setExitCode(7)
                        .setExitName("not running"));
            }
            members.add(report.build());
        }
        desired.getFormerMembersList()
                .forEach(former -> members.add(MemberReport.newBuilder()
                        .setResource(former.getResource())
                        .setState(RunState.RUN_STATE_STOPPED)
                        .setLeftSince(former.getSince())
                        .build()));
        return members;
    }

    private void fence(FenceOrder order) {
        String key = order.getTicket() + "/" + order.getAttempt();
        if (!fenced.add(key)) {
            return;
        }
        CheckTicketRequest check = CheckTicketRequest.newBuilder()
                .setNode(name)
                .setTicket(order.getTicket())
                .build();
        Futures.whenDone(world.calls(name).checkTicket(check), (response, failure) -> {
            if (response != null && response.getOpen()) {
                execute(order);
            }
        });
    }

    private void execute(FenceOrder order) {
        FenceReport.Builder report =
                FenceReport.newBuilder().setTicket(order.getTicket()).setAttempt(order.getAttempt());
        boolean answered = true;
        for (var device : order.getDevicesList()) {
            World.Device behaviour = world.device(device.getDevice());
            world.fenceAttempted(name, order);
            switch (behaviour) {
                case WORKS -> {
                    world.agent(order.getTargetNode()).powerOff();
                    report.addDevices(FenceDeviceResult.newBuilder()
                            .setDevice(device.getDevice())
                            .setOffReadBack(true));
                }
                case FAILS ->
                    report.addDevices(FenceDeviceResult.newBuilder()
                            .setDevice(device.getDevice())
                            .setExitCode(1)
                            .setOutputTail("Unable to connect/login"));
                case LIES ->
                    report.addDevices(FenceDeviceResult.newBuilder()
                            .setDevice(device.getDevice())
                            .setOffReadBack(true));
                case HANGS -> answered = false;
            }
        }
        if (answered) {
            report(request().addFences(report));
        }
    }

    /** The agent's end of its stream of work. */
    private final class Stream implements WorkStream {
        private final LeaderLoop server;
        private final long ofSession = session;
        private boolean ended;

        private Stream(LeaderLoop server) {
            this.server = server;
        }

        private void breakConnection() {
            ended = true;
            world.loop(name)
                    .inTerm(
                            "broken",
                            term -> {
                                if (term.publisher().closed(this)) {
                                    term.detector().connectionBroken(name, ofSession);
                                }
                            },
                            failure -> {});
        }

        @Override
        public String node() {
            return name;
        }

        @Override
        public long incarnation() {
            return incarnation;
        }

        @Override
        public long session() {
            return ofSession;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void send(StreamWorkResponse next) {
            if (stream == this && machine == Machine.ON && agentRuns) {
                work = next;
                fresh = true;
            }
        }

        @Override
        public void closeNotLeader() {
            ended = true;
        }

        @Override
        public void closeRevoked(String why) {
            ended = true;
        }
    }
}
