package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import io.quorate.agent.v1.DesiredInstance;
import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.FenceDeviceCall;
import io.quorate.agent.v1.FenceOrder;
import io.quorate.agent.v1.MigrationOrder;
import io.quorate.agent.v1.ProbeOrder;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.server.agent.exec.ExecFixture;
import io.quorate.server.agent.exec.ProcessIdentity;
import io.quorate.v1.FencingToken;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Operation;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.RunState;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real agent process against a fake leader: started, told, killed, started again. */
class AgentProcessTest {
    @TempDir
    private Path directory;

    private FakeAgentService leader;
    private final List<Process> agents = new ArrayList<>();

    @BeforeAll
    static void patience() {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(40));
    }

    @BeforeEach
    void open() throws IOException {
        leader = new FakeAgentService();
    }

    @AfterEach
    void close() throws IOException {
        agents.forEach(Process::destroyForcibly);
        leader.close();
        for (String pid : pids()) {
            ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private Process agent() throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                AgentUnderTest.class.getName(),
                "--node=n1",
                "--data=" + directory.resolve("agent"),
                "--servers=" + leader.endpoint(),
                "--machine-id=m1",
                "--boot-id=b1",
                "--ocf-root=" + directory.resolve("ocf"),
                "--fence-agents=" + directory.resolve("sbin"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("agent.log").toFile()))
                .start();
        agents.add(process);
        return process;
    }

    private Path pidFile() {
        return directory.resolve("pids");
    }

    private List<String> pids() throws IOException {
        return Files.exists(pidFile()) ? Files.readAllLines(pidFile()) : List.of();
    }

    /** A service counts as running when it was started; it writes when it is its turn. */
    private long awaitPid() throws IOException {
        await().until(() ->
                Files.exists(pidFile()) && Files.readString(pidFile()).endsWith("\n"));
        return Long.parseLong(pids().get(0));
    }

    private void awaitToken(String token) {
        await().untilAsserted(() -> assertThat(directory.resolve("token")).hasContent(token + "\n"));
    }

    /** A service that writes its process number and the token that it got. */
    private DesiredMember service() {
        ResourceSpec spec = ExecFixture.spec(ExecFixture.processKind(
                "/bin/sh",
                "-c",
                "echo $$ >> " + pidFile() + "; echo $QUORATE_TOKEN > " + directory.resolve("token")
                        + "; exec sleep 600"));
        return member("www", spec);
    }

    private static DesiredMember member(String name, ResourceSpec spec) {
        return DesiredMember.newBuilder()
                .setResource(name)
                .setSpec(spec)
                .setDefinitionDigest(ByteString.copyFromUtf8("d1"))
                .build();
    }

    private static DesiredInstance web(long token, boolean keep, DesiredMember... members) {
        return DesiredInstance.newBuilder()
                .setInstance("web")
                .setToken(FencingToken.newBuilder()
                        .setGeneration(1)
                        .setRevision(token)
                        .setNumber(token))
                .setExclusive(true)
                .setKeepWithoutContact(keep)
                .addAllMembers(List.of(members))
                .build();
    }

    private void awaitUp() {
        await().until(() -> leader.phase() == NodePhase.NODE_PHASE_UP);
    }

    private void awaitState(RunState state) {
        await().until(() -> leader.instance("web")
                .filter(report -> report.getMembersList().stream().allMatch(member -> member.getState() == state))
                .isPresent());
    }

    @Test
    void aGrantIsStartedWithItsTokenAndAReleaseIsReportedWhenAllIsGone() throws Exception {
        agent();
        leader.order(work -> work.addProbes(
                ProbeOrder.newBuilder().setInstance("web").setSince(5).addMembers(service())));
        awaitUp();
        assertThat(leader.probes().get(0).getFinding()).isEqualTo(ProbeReport.Finding.FINDING_NOT_RUNNING);
        leader.order(work -> work.clearProbes().addDesired(web(42, true, service())));
        awaitState(RunState.RUN_STATE_RUNNING);
        awaitToken("42");
        leader.order(
                work -> work.setDesired(0, web(42, true, service()).toBuilder().setRelease(true)));
        await().until(() -> leader.releases().contains("web 42"));
        assertThat(ProcessIdentity.of(awaitPid())).isEmpty();
        leader.order(work -> work.setDesired(0, web(42, true, service())));
        leader.order(work -> work.setDesired(0, web(43, true, service())));
        awaitState(RunState.RUN_STATE_RUNNING);
        awaitToken("43");
        assertThat(pids()).as("the stopped token was not started again").hasSize(2);
    }

    @Test
    void killingTheAgentTouchesNothingAndTheNextOneTakesOver() throws Exception {
        Process first = agent();
        awaitUp();
        leader.order(work -> work.addDesired(web(42, true, service())));
        awaitState(RunState.RUN_STATE_RUNNING);
        long pid = awaitPid();
        first.destroyForcibly().waitFor();
        assertThat(ProcessIdentity.of(pid)).isPresent();
        agent();
        await().until(() -> leader.sessions() == 2 && leader.phase() == NodePhase.NODE_PHASE_UP);
        awaitState(RunState.RUN_STATE_RUNNING);
        assertThat(pids()).hasSize(1);
        assertThat(ProcessIdentity.of(pid)).isPresent();
        leader.order(work -> work.clearDesired());
        await().until(() -> leader.releases().contains("web 42"));
        assertThat(ProcessIdentity.of(pid)).isEmpty();
    }

    @Test
    void anOperationThatOutlivesItsAgentIsEndedBeforeAnythingIsReported() throws Exception {
        Path starts = directory.resolve("starts");
        ExecFixture.script(
                directory.resolve("ocf/resource.d/test/slow"),
                "case $1 in start) echo begin $$ >> " + starts + "; n=$(grep -c begin " + starts + ");"
                        + " test $n -gt 1 || sleep 600; echo end >> " + starts + "; touch " + directory.resolve("up")
                        + ";;"
                        + " stop) rm -f " + directory.resolve("up") + ";;"
                        + " monitor) test -e " + directory.resolve("up") + " || exit 7;;"
                        + " *) exit 3;; esac\n");
        Process first = agent();
        awaitUp();
        leader.order(work -> work.addDesired(web(42, true, member("slow", ExecFixture.ocfSpec("test", "slow")))));
        await().until(() -> Files.exists(starts) && Files.readString(starts).contains("begin"));
        long orphan = Long.parseLong(Files.readAllLines(starts).get(0).substring("begin ".length()));
        first.destroyForcibly().waitFor();
        assertThat(ProcessIdentity.of(orphan)).isPresent();
        agent();
        awaitState(RunState.RUN_STATE_RUNNING);
        assertThat(ProcessIdentity.of(orphan)).isEmpty();
        assertThat(Files.readAllLines(starts)).filteredOn("end"::equals).hasSize(1);
    }

    /** A service that is a file, and notes what is done with it; one of its operations hangs. */
    private DesiredMember migrating(String hangs) throws IOException {
        Path up = directory.resolve("up");
        ExecFixture.script(
                directory.resolve("ocf/resource.d/test/vm"),
                "case $1 in monitor|meta-data|validate-all) ;; *) echo $1 $$ >> " + calls() + ";; esac\n"
                        + "case $1 in " + hangs + ") sleep 600;; esac\n"
                        + "case $1 in start|migrate_from) touch " + up + ";; stop|migrate_to) rm -f " + up + ";;"
                        + " monitor) test -e " + up + " || exit 7;; *) exit 3;; esac\n");
        return member("vm", ExecFixture.ocfSpec("test", "vm"));
    }

    private Path calls() {
        return directory.resolve("calls");
    }

    private List<String> operations() throws IOException {
        return Files.readAllLines(calls()).stream()
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toList();
    }

    private void killInTheMiddleOf(Process agent, String operation) throws Exception {
        await().until(() -> Files.exists(calls()) && operations().contains(operation));
        List<String> lines = Files.readAllLines(calls());
        long orphan = Long.parseLong(lines.get(lines.size() - 1).substring(operation.length() + 1));
        agent.destroyForcibly().waitFor();
        assertThat(ProcessIdentity.of(orphan)).isPresent();
        agent();
        awaitState(RunState.RUN_STATE_FAILED);
        assertThat(ProcessIdentity.of(orphan)).isEmpty();
        assertThat(leader.instance("web")
                        .orElseThrow()
                        .getMembers(0)
                        .getLastFailure()
                        .getOperation())
                .isEqualTo(operation);
    }

    private static DesiredInstance.Builder to(DesiredInstance web) {
        return web.toBuilder()
                .setMigrate(MigrationOrder.newBuilder().setToNode("n2").setTokenNumber(50));
    }

    @Test
    void whatIsSentIsSaidUntilItIsReleasedAndWhatIsTakenOverIsNotStarted() throws Exception {
        agent();
        awaitUp();
        DesiredMember vm = migrating("nothing");
        leader.order(work -> work.addDesired(web(42, true, vm)));
        awaitState(RunState.RUN_STATE_RUNNING);
        leader.order(work -> work.setDesired(0, to(web(42, true, vm))));
        await().until(() -> leader.instance("web").orElseThrow().getMembers(0).getSentTokenNumber() == 50);
        awaitState(RunState.RUN_STATE_RUNNING);
        leader.order(work -> work.setDesired(0, to(web(42, true, vm)).setRelease(true)));
        await().until(() -> leader.releases().contains("web 42"));
        leader.order(work -> work.setDesired(0, web(60, true, vm).toBuilder().setArrivesFrom("n2")));
        await().until(() -> leader.instance("web").orElseThrow().getToken().getNumber() == 60);
        awaitState(RunState.RUN_STATE_RUNNING);
        leader.order(work -> work.setDesired(0, web(60, true, vm)));
        leader.order(work -> work.setDesired(0, web(60, true, vm).toBuilder().setRelease(true)));
        await().until(() -> leader.releases().contains("web 60"));
        assertThat(operations()).containsExactly("start", "migrate_to", "stop", "migrate_from", "stop");
    }

    /** Whether it left, only its end here and a look there can tell. */
    @Test
    void anAgentThatDiesWhileItSendsHasFailedToAndNeverDoesItAgain() throws Exception {
        Process first = agent();
        awaitUp();
        DesiredMember vm = migrating("migrate_to");
        leader.order(work -> work.addDesired(web(42, true, vm)));
        awaitState(RunState.RUN_STATE_RUNNING);
        leader.order(work -> work.setDesired(0, to(web(42, true, vm))));
        killInTheMiddleOf(first, "migrate_to");
        leader.order(work -> work.setDesired(0, to(web(42, true, vm)).setRelease(true)));
        await().until(() -> leader.releases().contains("web 42"));
        assertThat(operations()).containsExactly("start", "migrate_to", "stop");
    }

    @Test
    void anAgentThatDiesWhileItTakesOverHasFailedToAndStartsNothing() throws Exception {
        Process first = agent();
        awaitUp();
        DesiredMember vm = migrating("migrate_from");
        DesiredInstance arriving =
                web(50, true, vm).toBuilder().setArrivesFrom("n2").build();
        leader.order(work -> work.addDesired(arriving));
        killInTheMiddleOf(first, "migrate_from");
        leader.order(work -> work.setDesired(0, arriving.toBuilder().setRelease(true)));
        await().until(() -> leader.releases().contains("web 50"));
        assertThat(operations()).containsExactly("migrate_from", "stop");
    }

    /** Its monitors have an interval of an hour here: the first one does not wait for it. */
    @Test
    void aStartThatSaidOkHoldsUpNobodyAndCountsOnlyWhenAMonitorSaysSo() throws Exception {
        Path second = directory.resolve("second");
        ExecFixture.script(
                directory.resolve("ocf/resource.d/test/liar"),
                "case $1 in start|stop) exit 0;; monitor) test -e " + second
                        + " && exit 1; exit 7;; *) exit 3;; esac\n");
        ExecFixture.script(
                directory.resolve("ocf/resource.d/test/next"),
                "case $1 in start) touch " + second + ";; stop) rm -f " + second + ";; monitor) test -e " + second
                        + " || exit 7;; *) exit 3;; esac\n");
        agent();
        awaitUp();
        leader.order(work -> work.addDesired(web(42, true, hourly("liar"), hourly("next"))));
        await().until(() -> leader.instance("web")
                .filter(report -> report.getMembersList().stream()
                        .anyMatch(member -> member.getState() == RunState.RUN_STATE_FAILED
                                && member.getResource().equals("liar")))
                .isPresent());
        assertThat(second).exists();
        assertThat(leader.everRunning()).doesNotContain("liar");
    }

    private static DesiredMember hourly(String type) {
        return member(
                type,
                ExecFixture.ocfSpec("test", type).toBuilder()
                        .addOperations(Operation.newBuilder().setName("monitor").setInterval(Durations.fromHours(1)))
                        .build());
    }

    @Test
    void withoutContactABestEffortInstanceStopsAfterTheLeaseAndOneThatOnlyAFenceFreesGoesOn() throws Exception {
        leader.lease(Duration.ofMillis(600));
        agent();
        awaitUp();
        leader.order(work -> work.addDesired(web(42, true, service())));
        awaitState(RunState.RUN_STATE_RUNNING);
        long pid = awaitPid();
        leader.answering(false);
        await().until(() -> !localStatus().contains("leaseLeft"));
        assertThat(ProcessIdentity.of(pid)).isPresent();
        leader.answering(true);
        leader.order(work -> work.setDesired(0, web(42, false, service())));
        await().until(() -> localStatus().contains("leaseLeft"));
        await().until(() -> !localStatus().contains("\"keepWithoutContact\": true"));
        leader.answering(false);
        await().until(() -> ProcessIdentity.of(pid).isEmpty());
        leader.answering(true);
        await().until(() -> leader.releases().contains("web 42"));
    }

    @Test
    void anAnnouncedRestartSaysSoAndLeavesResourcesAlone() throws Exception {
        Process first = agent();
        awaitUp();
        leader.order(work -> work.addDesired(web(42, true, service())));
        awaitState(RunState.RUN_STATE_RUNNING);
        long pid = awaitPid();
        first.destroy();
        assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(leader.detached()).isEqualTo(1);
        assertThat(ProcessIdentity.of(pid)).isPresent();
    }

    @Test
    void aFenceOrderIsCarriedOutOnlyWhileItsTicketIsOpen() throws Exception {
        ExecFixture.script(
                directory.resolve("sbin/fence_test"),
                "while IFS='=' read -r k v; do [ $k = action ] && a=$v; done; echo $a >> " + directory.resolve("fenced")
                        + "; [ $a = status ] && { echo Status: OFF; exit 2; }; exit 0\n");
        agent();
        awaitUp();
        FenceOrder order = FenceOrder.newBuilder()
                .setTicket("fence-9")
                .setTargetNode("n2")
                .setAttempt(1)
                .addDevices(FenceDeviceCall.newBuilder().setDevice("d").setType("fence_test"))
                .build();
        leader.ticketOpen(false);
        leader.order(work -> work.addFenceOrders(order));
        await().until(() -> leader.ticketChecks() == 1);
        leader.ticketOpen(true);
        leader.order(work -> work.addFenceOrders(order.toBuilder().setAttempt(2)));
        await().until(() -> !leader.fences().isEmpty());
        assertThat(leader.fences()).hasSize(1);
        assertThat(leader.fences().get(0).getAttempt()).isEqualTo(2);
        assertThat(leader.fences().get(0).getDevices(0).getOffReadBack()).isTrue();
        assertThat(Files.readString(directory.resolve("fenced"))).isEqualTo("off\nstatus\n");
        assertThat(leader.registration().getAgentTypes().getNamesList()).containsExactly("fence_test");
    }

    @Test
    void oneDirectoryHasOneAgentAndADamagedOneIsRefused() throws Exception {
        Process first = agent();
        awaitUp();
        assertThat(agent().waitFor()).isEqualTo(2);
        assertThat(Files.readString(directory.resolve("agent.log"))).contains("another agent uses");
        first.destroyForcibly().waitFor();
        Path state = directory.resolve("agent/agent.state");
        byte[] bytes = Files.readAllBytes(state);
        bytes[bytes.length - 1] ^= 1;
        Files.write(state, bytes);
        assertThat(agent().waitFor()).isEqualTo(2);
        assertThat(Files.readString(directory.resolve("agent.log"))).contains("its checksum is wrong");
    }

    private String localStatus() throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(directory.resolve("agent/agent.sock")));
            StringBuilder text = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(8192);
            while (channel.read(buffer) >= 0) {
                text.append(StandardCharsets.UTF_8.decode(buffer.flip()));
                buffer.clear();
            }
            return text.toString();
        }
    }
}
