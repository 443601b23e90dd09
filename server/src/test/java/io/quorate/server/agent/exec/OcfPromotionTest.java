package io.quorate.server.agent.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.util.Durations;
import io.quorate.agent.v1.CloneContext;
import io.quorate.agent.v1.CloneContext.Peer;
import io.quorate.server.FreePorts;
import io.quorate.server.agent.exec.NotifyVariables.Step;
import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.v1.OcfKind;
import io.quorate.v1.Operation;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promotable copies under their resource agents: one of the test's own that keeps its environment, and Debian's. */
class OcfPromotionTest {
    private static final Path OCF_ROOT = Path.of("/usr/lib/ocf");
    private static final CloneContext CLONE = CloneContext.newBuilder()
            .setClone("db")
            .setNumber(1)
            .setMax(3)
            .setMaxPerNode(1)
            .setNotify(true)
            .setPromotable(true)
            .setPromotedMax(1)
            .setPromotedMaxPerNode(1)
            .addPeers(Peer.newBuilder()
                    .setInstance("db:0")
                    .setNode("n2")
                    .setActive(true)
                    .setPromoted(true))
            .addPeers(Peer.newBuilder().setInstance("db:1").setNode("n1").setActive(true))
            .addPeers(Peer.newBuilder().setInstance("db:2"))
            .build();
    private static final String RECORDER = """
            role=$HA_RSCTMP/role
            echo "$OCF_RESKEY_CRM_meta_notify_type $1" | sed 's/^ //' >> $HA_RSCTMP/calls
            env | sort > "$HA_RSCTMP/env-$OCF_RESKEY_CRM_meta_notify_type-$1"
            case "$1" in
            meta-data) cat <<END
            <?xml version="1.0"?>
            <resource-agent name="svc" version="1.0"><version>1.1</version><parameters/>
            <actions><action name="start" timeout="20s"/><action name="stop" timeout="20s"/>
            <action name="promote" timeout="11s"/><action name="demote" timeout="12s"/>
            <action name="notify" timeout="13s"/>
            <action name="monitor" timeout="20s" interval="17s" role="Unpromoted"/>
            <action name="monitor" timeout="20s" interval="7s" role="Promoted"/></actions></resource-agent>
            END
            exit 0;;
            start) echo 0 > $role;;
            stop) rm -f $role;;
            promote) echo 8 > $role;;
            demote) echo 0 > $role;;
            notify) exit ${OCF_RESKEY_notify:-0};;
            monitor) test -e $role && exit $(cat $role); exit 7;;
            esac
            exit 0
            """;

    @TempDir
    private Path directory;

    private ExecFixture fixture;

    @BeforeEach
    void open() throws IOException {
        fixture = new ExecFixture(directory, true);
    }

    @AfterEach
    void nothingIsLeft() {
        for (String copy : List.of("db:0", "db:1")) {
            assertThat(fixture.cells.ofMember(copy, "r").killAll(Duration.ofSeconds(5)))
                    .isTrue();
            assertThat(fixture.cells.ofOperation(copy, "r").isEmpty()).isTrue();
        }
    }

    private static Task copy(ResourceSpec spec, CloneContext context) {
        return Task.of("db:" + context.getNumber(), "r", spec, 41).in(new ClonePart(context, ""));
    }

    private static Task promotion(ResourceSpec spec, CloneContext context) {
        return Task.of("db:promoted:0", "r", spec, 42).in(new ClonePart(context, "db:" + context.getNumber()));
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(directory.resolve("rsctmp/calls")).stream()
                .filter(call -> !call.startsWith("meta-data") && !call.startsWith("validate-all"))
                .toList();
    }

    private Map<String, String> environment(String call) throws IOException {
        Map<String, String> variables = new TreeMap<>();
        for (String line : Files.readAllLines(directory.resolve("rsctmp").resolve("env-" + call))) {
            variables.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
        }
        return variables;
    }

    @Test
    void aCopyIsToldBeforeAndAfterWhatIsDoneToIt() throws Exception {
        fixture.agent("svc", RECORDER);
        ResourceSpec spec = ExecFixture.ocfSpec("test", "svc");
        assertThat(fixture.operations.start(copy(spec, CLONE)).failed()).isFalse();
        assertThat(fixture.operations.start(promotion(spec, CLONE)).failed()).isFalse();
        assertThat(fixture.operations.monitor(promotion(spec, CLONE)).exitCode())
                .isEqualTo(8);
        assertThat(fixture.operations.stop(promotion(spec, CLONE)).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(fixture.operations.stop(copy(spec, CLONE)).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(calls())
                .containsExactly(
                        "start",
                        "post notify",
                        "pre notify",
                        "promote",
                        "post notify",
                        "monitor",
                        "pre notify",
                        "demote",
                        "post notify",
                        "monitor",
                        "monitor",
                        "pre notify",
                        "stop",
                        "monitor");
    }

    @Test
    void theEnvironmentIsThatOfPacemaker() throws Exception {
        fixture.agent("svc", RECORDER);
        ResourceSpec spec = ExecFixture.ocfSpec("test", "svc");
        fixture.operations.start(copy(spec, CLONE));
        fixture.operations.start(promotion(spec, CLONE));
        String meta = "OCF_RESKEY_CRM_meta_";
        assertThat(environment("-promote"))
                .containsEntry("OCF_RESOURCE_INSTANCE", "r")
                .containsEntry("QUORATE_TOKEN", "42")
                .containsEntry("QUORATE_INSTANCE", "db:promoted:0")
                .containsEntry("HA_SBIN_DIR", directory.resolve("tools").toString())
                .containsEntry(meta + "clone", "1")
                .containsEntry(meta + "clone_max", "3")
                .containsEntry(meta + "clone_node_max", "1")
                .containsEntry(meta + "globally_unique", "false")
                .containsEntry(meta + "notify", "true")
                .containsEntry(meta + "promotable", "true")
                .containsEntry(meta + "promoted_max", "1")
                .containsEntry(meta + "promoted_node_max", "1")
                .containsEntry(meta + "master_max", "1")
                .containsEntry(meta + "on_node", "n1")
                .containsEntry(meta + "interval", "0")
                .containsEntry(meta + "timeout", "11000");
        assertThat(environment("post-notify"))
                .containsEntry(meta + "timeout", "13000")
                .containsEntry(meta + "notify_operation", "promote")
                .containsEntry(meta + "notify_promote_uname", "n1")
                .containsEntry(meta + "notify_promote_resource", "r")
                .containsEntry(meta + "notify_promoted_uname", "n2")
                .containsEntry(meta + "notify_master_uname", "n2")
                .containsEntry(meta + "notify_unpromoted_uname", "n1")
                .containsEntry(meta + "notify_slave_resource", "r")
                .containsEntry(meta + "notify_active_uname", "n2 n1")
                .containsEntry(meta + "notify_inactive_resource", "r")
                .containsEntry(meta + "notify_inactive_uname", " ")
                .containsEntry(meta + "notify_demote_uname", " ");
        CloneContext unique = CLONE.toBuilder().setGloballyUnique(true).build();
        fixture.operations.probe(copy(spec, unique));
        assertThat(environment("-monitor")).containsEntry("OCF_RESOURCE_INSTANCE", "r:1");
    }

    @Test
    void aNoticeThatFailsOrHangsHoldsNothingUp() throws Exception {
        fixture.agent("svc", RECORDER.replace("notify) exit", "notify) sleep 600; exit"));
        ResourceSpec spec = ExecFixture.ocfSpec("test", "svc").toBuilder()
                .addOperations(Operation.newBuilder().setName("notify").setTimeout(Durations.fromMillis(200)))
                .build();
        assertThat(fixture.operations.start(copy(spec, CLONE)).finding()).isEqualTo(Finding.RUNNING);
        assertThat(fixture.operations.start(promotion(spec, CLONE)).finding()).isEqualTo(Finding.RUNNING);
        assertThat(fixture.operations.stop(promotion(spec, CLONE)).finding()).isEqualTo(Finding.NOT_RUNNING);
    }

    @Test
    void aDemotionCountsWhenAMonitorConfirmsIt() throws Exception {
        fixture.agent("svc", RECORDER.replace("demote) echo 0 > $role", "demote) true"));
        ResourceSpec spec = ExecFixture.ocfSpec("test", "svc");
        fixture.operations.start(copy(spec, CLONE));
        fixture.operations.start(promotion(spec, CLONE));
        Outcome outcome = fixture.operations.stop(promotion(spec, CLONE));
        assertThat(outcome.failed()).isTrue();
        assertThat(outcome.exitReason()).isEqualTo("demote said ok, but monitor says promoted");
        assertThat(fixture.operations.probe(promotion(spec, CLONE)).finding()).isEqualTo(Finding.RUNNING);
        Files.delete(directory.resolve("rsctmp/role"));
        assertThat(fixture.operations.stop(promotion(spec, CLONE)).finding())
                .as("what does not run is not promoted")
                .isEqualTo(Finding.NOT_RUNNING);
    }

    /** What it had begun would finish after the cluster decided otherwise. */
    @Test
    void whatAPromotionOrDemotionThatHangsBeganEndsWithTheCopy() throws Exception {
        String hangs = "setsid sh -c 'sleep 600; echo 8 > $0' $role & sleep 600";
        ResourceSpec spec = ExecFixture.ocfSpec("test", "svc").toBuilder()
                .addOperations(Operation.newBuilder().setName("promote").setTimeout(Durations.fromMillis(300)))
                .addOperations(Operation.newBuilder().setName("demote").setTimeout(Durations.fromMillis(300)))
                .build();
        fixture.agent("svc", RECORDER.replace("promote) echo 8 > $role", "promote) " + hangs));
        fixture.operations.start(copy(spec, CLONE));
        Outcome promoted = fixture.operations.start(promotion(spec, CLONE));
        assertThat(promoted.failed()).isTrue();
        assertThat(promoted.cutShort()).isTrue();
        assertThat(fixture.operations.cellEmpty("db:1", "r")).isTrue();

        fixture.agent("svc", RECORDER.replace("demote) echo 0 > $role", "demote) echo 0 > $role; " + hangs));
        fixture.operations.start(promotion(spec, CLONE));
        Outcome demoted = fixture.operations.stop(promotion(spec, CLONE));
        assertThat(demoted.finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(fixture.operations.cellEmpty("db:1", "r")).isTrue();
    }

    /** An agent that says no has done what it does: the copy is not ended for that. */
    @Test
    void aPromotionThatIsRefusedLeavesTheCopyAlone() throws Exception {
        fixture.agent(
                "svc",
                RECORDER.replace("start) echo 0 > $role", "start) echo 0 > $role; setsid sleep 600 > /dev/null 2>&1 &")
                        .replace("promote) echo 8 > $role", "promote) exit 1"));
        ResourceSpec spec = ExecFixture.ocfSpec("test", "svc");
        fixture.operations.start(copy(spec, CLONE));
        assertThat(fixture.operations.start(promotion(spec, CLONE)).failed()).isTrue();
        assertThat(fixture.operations.cellEmpty("db:1", "r")).isFalse();
    }

    /** No promotion of it is known here, and its agent refuses to stop what is promoted. */
    @Test
    void whatIsPromotedIsDemotedBeforeItIsStopped() throws Exception {
        fixture.agent("svc", RECORDER.replace("stop) rm", "stop) test $(cat $role) = 8 && exit 8; rm"));
        ResourceSpec spec = ExecFixture.ocfSpec("test", "svc");
        fixture.operations.start(copy(spec, CLONE));
        fixture.operations.start(promotion(spec, CLONE));
        assertThat(fixture.operations.stop(copy(spec, CLONE)).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(calls()).containsSubsequence("promote", "demote", "stop");
    }

    @Test
    void eachRoleIsWatchedInItsOwnTime() throws Exception {
        fixture.agent("svc", RECORDER);
        ResourceSpec spec = ExecFixture.ocfSpec("test", "svc");
        assertThat(fixture.ocf.monitorInterval(spec, Role.ROLE_PROMOTED)).isEqualTo(Duration.ofSeconds(7));
        assertThat(fixture.ocf.monitorInterval(spec, Role.ROLE_UNPROMOTED)).isEqualTo(Duration.ofSeconds(17));
        ResourceSpec own = spec.toBuilder()
                .addOperations(Operation.newBuilder()
                        .setName("monitor")
                        .setRole(Role.ROLE_PROMOTED)
                        .setInterval(Durations.fromSeconds(3)))
                .addOperations(Operation.newBuilder().setName("monitor").setInterval(Durations.fromSeconds(5)))
                .build();
        assertThat(fixture.ocf.monitorInterval(own, Role.ROLE_PROMOTED)).isEqualTo(Duration.ofSeconds(3));
        assertThat(fixture.ocf.monitorInterval(own, Role.ROLE_UNPROMOTED)).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void onlyResourceAgentsPromote() throws Exception {
        ResourceSpec command = ExecFixture.spec(ExecFixture.processKind("/bin/true"));
        Outcome outcome = fixture.operations.start(promotion(command, CLONE));
        assertThat(outcome.failed()).isTrue();
        assertThat(outcome.exitCode()).isEqualTo(ExitCodes.ERR_UNIMPLEMENTED);
    }

    @Test
    void pacemakersStatefulIsPromotedAndDemotedAndItsScoreArrives() throws Exception {
        assumeTrue(
                Files.exists(OCF_ROOT.resolve("resource.d/pacemaker/Stateful")),
                "package pacemaker-resource-agents is not installed");
        MemberOperations operations = operations("n1", fixture.copies);
        ResourceSpec spec = ResourceSpec.newBuilder()
                .setOcf(OcfKind.newBuilder()
                        .setProvider("pacemaker")
                        .setType("Stateful")
                        .putParams("state", directory.resolve("stateful").toString()))
                .build();
        assertThat(operations.probe(copy(spec, CLONE)).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(operations.probe(promotion(spec, CLONE)).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(operations.start(copy(spec, CLONE)).finding()).isEqualTo(Finding.RUNNING);
        assertThat(fixture.copies.score("db:1")).contains("5");
        assertThat(operations.start(promotion(spec, CLONE)).finding()).isEqualTo(Finding.RUNNING);
        assertThat(operations.monitor(promotion(spec, CLONE)).exitCode()).isEqualTo(ExitCodes.RUNNING_PROMOTED);
        assertThat(operations.probe(promotion(spec, CLONE)).finding()).isEqualTo(Finding.RUNNING);
        assertThat(fixture.copies.score("db:1")).contains("10");
        assertThat(operations.stop(promotion(spec, CLONE)).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(operations.monitor(copy(spec, CLONE)).exitCode()).isZero();
        assertThat(fixture.copies.score("db:1")).contains("5");
        assertThat(operations.stop(copy(spec, CLONE)).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(fixture.copies.score("db:1")).isEmpty();
    }

    private MemberOperations operations(String node, CopyFiles copies) throws IOException {
        Path home = Files.createDirectories(directory.resolve(node));
        PacemakerTools tools = PacemakerTools.install(home.resolve("tools"), node, CleanEnvironment.PATH, copies);
        Path temporary = Files.createDirectories(home.resolve("rsctmp"));
        OcfExecutor ocf = new OcfExecutor(fixture.runner, fixture.cells, fixture.files, OCF_ROOT, temporary, tools);
        return new MemberOperations(fixture.runner, fixture.cells, ocf, fixture.process, ocf);
    }

    /** One Redis on an address of its own; nodes go by their addresses, for that is how one Redis finds the other. */
    private final class Redis {
        private final int number;
        private final String node;
        private final CopyFiles copies;
        private final MemberOperations operations;
        private final ResourceSpec spec;

        Redis(int number, int port) throws IOException {
            this.number = number;
            this.node = "127.0.0." + (number + 1);
            this.copies = new CopyFiles(directory.resolve("copies-" + node));
            this.operations = operations(node, copies);
            Path home = Files.createDirectories(directory.resolve("redis-" + node));
            Path config = Files.writeString(
                    home.resolve("redis.conf"),
                    "bind " + node + "\nport " + port + "\nprotected-mode no\nrepl-diskless-sync-delay 0\ndir " + home
                            + "\nsave \"\"\nlogfile " + home.resolve("log") + "\n");
            this.spec = ResourceSpec.newBuilder()
                    .setOcf(OcfKind.newBuilder()
                            .setProvider("heartbeat")
                            .setType("redis")
                            .putParams("config", config.toString())
                            .putParams("user", "root")
                            .putParams("rundir", home.resolve("run").toString())
                            .putParams("port", Integer.toString(port)))
                    .build();
        }

        Task copy(CloneContext clone) {
            return OcfPromotionTest.copy(
                    spec, clone.toBuilder().setNumber(number).build());
        }

        Task promotion(CloneContext clone) {
            return OcfPromotionTest.promotion(
                    spec, clone.toBuilder().setNumber(number).build());
        }

        /** As the agent does with each set of work. */
        void hear(CloneContext clone, Step step, String copy) throws Exception {
            copies.keepPeers("db:" + number, clone);
            assertThat(operations.tell(copy(clone), step, Set.of(copy)).failed())
                    .isFalse();
        }

        String client(String... words) throws Exception {
            List<String> command = new java.util.ArrayList<>(
                    List.of("/usr/bin/redis-cli", "-s", directory + "/redis-" + node + "/run/redis.sock"));
            command.addAll(List.of(words));
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return output.strip();
        }
    }

    private static CloneContext redisClone(boolean active, int promoted) {
        CloneContext.Builder clone = CLONE.toBuilder().clearPeers().setMax(2);
        for (int number = 0; number < 2; number++) {
            clone.addPeers(Peer.newBuilder()
                    .setInstance("db:" + number)
                    .setNode("127.0.0." + (number + 1))
                    .setActive(active)
                    .setPromoted(number == promoted));
        }
        return clone.build();
    }

    @Test
    void aRedisFollowsTheOneThatIsPromotedAndTakesOver() throws Exception {
        assumeTrue(
                Files.exists(OCF_ROOT.resolve("resource.d/heartbeat/redis")),
                "package resource-agents is not installed");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/redis-server")), "package redis-server is not installed");
        assumeTrue(PathSafety.ownUser() == 0, "the agent of Redis uses su, which needs root");
        int port = FreePorts.next();
        Redis first = new Redis(0, port);
        Redis second = new Redis(1, port);
        CloneContext none = redisClone(false, -1);
        CloneContext running = redisClone(true, -1);
        for (Redis redis : List.of(first, second)) {
            assertThat(redis.operations.start(redis.copy(none)).finding()).isEqualTo(Finding.RUNNING);
            assertThat(redis.copies.score("db:" + redis.number)).isPresent();
        }
        assertThat(first.operations.start(first.promotion(running)).finding()).isEqualTo(Finding.RUNNING);
        assertThat(first.operations.monitor(first.promotion(running)).exitCode())
                .isEqualTo(8);
        second.hear(redisClone(true, 0), Step.PROMOTE, "db:0");
        assertThat(first.client("set", "key", "value")).isEqualTo("OK");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(second.client("get", "key")).isEqualTo("value"));
        assertThat(second.operations.monitor(second.copy(running)).exitCode()).isZero();

        // Failover: what was promoted ends, the other one takes its place and keeps what it was told.
        assertThat(first.operations.stop(first.promotion(redisClone(true, 0))).finding())
                .isEqualTo(Finding.NOT_RUNNING);
        assertThat(second.operations.start(second.promotion(running)).finding()).isEqualTo(Finding.RUNNING);
        first.hear(redisClone(true, 1), Step.PROMOTE, "db:1");
        assertThat(second.client("get", "key")).isEqualTo("value");
        assertThat(second.client("set", "key", "other")).isEqualTo("OK");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(first.client("get", "key")).isEqualTo("other"));
        assertThat(second.operations.stop(second.promotion(running)).finding()).isEqualTo(Finding.NOT_RUNNING);
        for (Redis redis : List.of(first, second)) {
            assertThat(redis.operations.stop(redis.copy(running)).finding()).isEqualTo(Finding.NOT_RUNNING);
            assertThat(redis.copies.score("db:" + redis.number)).isEmpty();
        }
    }
}
