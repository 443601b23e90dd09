package io.quorate.server.agent.exec;

import static io.quorate.server.agent.exec.ExecFixture.ocfSpec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.util.Durations;
import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.v1.OcfKind;
import io.quorate.v1.Operation;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import io.quorate.v1.SecretRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OCF agents as they are: well-behaved, badly behaved, unsafe, and Debian's own. */
class OcfExecutorTest {
    private static final String METADATA = """
            meta_data() { cat <<END
            <?xml version="1.0"?>
            <!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
            <resource-agent name="svc" version="1.0"><version>1.1</version>
            <parameters><parameter name="state"><content type="string"/></parameter>
            <parameter name="login_passwd"><content type="string"/></parameter></parameters>
            <actions><action name="start" timeout="2s"/><action name="stop" timeout="2s"/>
            <action name="monitor" timeout="2s" interval="7s" depth="0"/></actions></resource-agent>
            END
            }
            state=$HA_RSCTMP/svc-$OCF_RESOURCE_INSTANCE
            case "$1" in meta-data) meta_data; exit 0;; esac
            """;
    private static final String WELL_BEHAVED = METADATA + """
            case "$1" in
            start) env | sort > $state; exit 0;;
            stop) rm -f $state; exit 0;;
            monitor) test -e $state && exit 0; exit 7;;
            validate-all) exit 0;;
            *) exit 3;;
            esac
            """;

    /** What it sends and takes over is a file, and each step leaves its environment. */
    private static final String MIGRATES = METADATA.replace(
                    "</actions>",
                    "<action name=\"migrate_to\" timeout=\"2s\"/><action name=\"migrate_from\" timeout=\"3s\"/></actions>")
            + """
            case "$1" in
            start) touch $state; exit 0;;
            stop) rm -f $state; exit 0;;
            monitor) test -e $state && exit 0; exit 7;;
            migrate_to) env > $HA_RSCTMP/to; rm -f $state; sleep 600 & exit 0;;
            migrate_from) env > $HA_RSCTMP/from; touch $state; setsid sleep 600 & exit 0;;
            *) exit 3;;
            esac
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
        assertThat(fixture.cells.ofMember("web", "r").killAll(Duration.ofSeconds(5)))
                .isTrue();
        assertThat(fixture.cells.ofOperation("web", "r").isEmpty()).isTrue();
    }

    private static Task task(ResourceSpec spec) {
        return Task.of("web", "r", spec, 281474976710657L);
    }

    @Test
    void startMonitorAndStopFollowTheExitCodesAndTheEnvironmentIsClean() throws Exception {
        fixture.agent("svc", WELL_BEHAVED);
        ResourceSpec spec = ResourceSpec.newBuilder()
                .setOcf(OcfKind.newBuilder().setProvider("test").setType("svc").putParams("state", "$(id) x"))
                .build();
        assertThat(fixture.operations.probe(task(spec)).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(fixture.operations.start(task(spec)).finding()).isEqualTo(Finding.RUNNING);
        String environment = Files.readString(directory.resolve("rsctmp/svc-r"));
        assertThat(environment)
                .contains("OCF_RESKEY_state=$(id) x\n")
                .contains("QUORATE_TOKEN=281474976710657\n")
                .contains("OCF_RESOURCE_PROVIDER=test\n")
                .contains("OCF_RESKEY_CRM_meta_timeout=2000\n")
                .contains("PATH=" + directory.resolve("tools") + ":" + CleanEnvironment.PATH + "\n")
                .doesNotContain("JAVA_HOME")
                .doesNotContain("HOME=");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("rsctmp/svc-r"))))
                .isEqualTo("rw-------");
        assertThat(fixture.operations.stop(task(spec)).finding()).isEqualTo(Finding.NOT_RUNNING);
    }

    @Test
    void intervalsAndTimeoutsComeFromTheMetadataUnlessTheSpecOverrides() throws Exception {
        fixture.agent("svc", WELL_BEHAVED);
        ResourceSpec spec = ocfSpec("test", "svc");
        assertThat(fixture.ocf.monitorInterval(spec, Role.ROLE_STARTED)).isEqualTo(Duration.ofSeconds(7));
        ResourceSpec quick = spec.toBuilder()
                .addOperations(Operation.newBuilder().setName("monitor").setInterval(Durations.fromMillis(300)))
                .build();
        assertThat(fixture.ocf.monitorInterval(quick, Role.ROLE_STARTED)).isEqualTo(Duration.ofMillis(300));
        OcfMetadata metadata = fixture.ocf.metadata(spec.getOcf());
        assertThat(metadata.parameters().get("login_passwd").secret()).isTrue();
        assertThat(metadata.parameters().get("state").secret()).isFalse();
    }

    @Test
    void whatItsAgentFindsInvalidHereIsNotStarted() throws Exception {
        fixture.agent("svc", METADATA + """
                case "$1" in
                start) touch $state; exit 0;;
                monitor) exit 7;;
                validate-all) echo 'ocf-exit-reason:no such binary' >&2; exit 5;;
                esac
                """);
        Outcome outcome = fixture.operations.start(task(ocfSpec("test", "svc")));
        assertThat(outcome.failed()).isTrue();
        assertThat(outcome.operation()).isEqualTo("validate-all");
        assertThat(ExitCodes.name(outcome.exitCode())).isEqualTo("not installed");
        assertThat(outcome.exitReason()).isEqualTo("no such binary");
        assertThat(directory.resolve("rsctmp/svc-r")).doesNotExist();
    }

    @Test
    void aDefinitionIsValidatedOnceAndAChangedOneAgain() throws Exception {
        fixture.agent("svc", METADATA + """
                case "$1" in
                start) touch $state; exit 0;;
                stop) rm -f $state; exit 0;;
                monitor) test -e $state && exit 0; exit 7;;
                validate-all) echo asked >> $HA_RSCTMP/asked; exit 0;;
                esac
                """);
        ResourceSpec spec = ocfSpec("test", "svc");
        fixture.operations.probe(task(spec));
        fixture.operations.start(task(spec));
        fixture.operations.stop(task(spec));
        fixture.operations.start(task(spec));
        assertThat(directory.resolve("rsctmp/asked")).hasContent("asked");
        fixture.operations.stop(task(spec));
        ResourceSpec changed = spec.toBuilder()
                .setOcf(spec.getOcf().toBuilder().putParams("state", "other"))
                .build();
        fixture.operations.start(task(changed));
        fixture.operations.stop(task(changed));
        assertThat(directory.resolve("rsctmp/asked")).hasContent("asked\nasked");
    }

    @Test
    void theExitReasonAndTheTailOfTheOutputAreInTheOutcome() throws Exception {
        fixture.agent("svc", METADATA + "echo noise; echo 'ocf-exit-reason:disk is gone' >&2; exit 6\n");
        Outcome outcome = fixture.operations.start(task(ocfSpec("test", "svc")));
        assertThat(outcome.exitCode()).isEqualTo(6);
        assertThat(ExitCodes.name(outcome.exitCode())).isEqualTo("not configured");
        assertThat(outcome.exitReason()).isEqualTo("disk is gone");
        assertThat(outcome.outputTail()).contains("noise");
    }

    @Test
    void aStopThatSaysOkWhileTheMonitorSaysRunningIsAFailedStop() throws Exception {
        fixture.agent("svc", METADATA + "case $1 in stop) exit 0;; monitor) exit 0;; esac\n");
        assertThat(fixture.operations.stop(task(ocfSpec("test", "svc"))).finding())
                .isEqualTo(Finding.FAILED);
    }

    @Test
    void aMonitorThatErrorsIsNotTakenForNotRunning() throws Exception {
        fixture.agent("svc", METADATA + "exit 255\n");
        assertThat(fixture.operations.probe(task(ocfSpec("test", "svc"))).finding())
                .isEqualTo(Finding.FAILED);
    }

    @Test
    void aDaemonThatStopForgetsIsGoneWhenTheStopCounts() throws Exception {
        fixture.agent(
                "svc",
                METADATA + "case $1 in start) setsid sleep 600 & exit 0;; stop) exit 0;; monitor) exit 7;; esac\n");
        Task task = task(ocfSpec("test", "svc"));
        assertThat(fixture.ocf.start(task).finding()).isEqualTo(Finding.RUNNING);
        assertThat(fixture.operations.cellEmpty("web", "r")).isFalse();
        assertThat(fixture.operations.stop(task).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(fixture.operations.cellEmpty("web", "r")).isTrue();
    }

    @Test
    void anOperationThatHangsIsKilledWithItsChildrenAtTheTimeout() throws Exception {
        fixture.agent(
                "svc",
                METADATA + "case $1 in monitor) sleep 600 & setsid sleep 600 & trap '' TERM; sleep 600;; esac\n");
        ResourceSpec spec = ocfSpec("test", "svc").toBuilder()
                .addOperations(Operation.newBuilder().setName("monitor").setTimeout(Durations.fromMillis(300)))
                .build();
        Outcome outcome = fixture.operations.probe(task(spec));
        assertThat(outcome.exitCode()).isEqualTo(ExitCodes.TIMED_OUT);
        assertThat(outcome.took()).isLessThan(Duration.ofSeconds(60));
        assertThat(fixture.cells.ofOperation("web", "r").processes()).isEmpty();
    }

    @Test
    void endlessOutputIsCutAndItsTailKept() throws Exception {
        fixture.agent("svc", METADATA + "case $1 in start) yes | head -c 20000000; echo the end; exit 1;; esac\n");
        Outcome outcome = fixture.operations.start(task(ocfSpec("test", "svc")));
        assertThat(outcome.outputTail()).endsWith("the end\n").hasSizeLessThanOrEqualTo(ProcessRunner.TAIL_BYTES);
    }

    @Test
    void aSecretComesFromItsFileAndAFileThatOthersCanReadIsRefused() throws Exception {
        fixture.agent("svc", WELL_BEHAVED);
        Path secret = directory.resolve("secret");
        Files.writeString(secret, "s3cret\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
        ResourceSpec spec = ResourceSpec.newBuilder()
                .setOcf(OcfKind.newBuilder()
                        .setProvider("test")
                        .setType("svc")
                        .putSecretParams(
                                "login_passwd",
                                SecretRef.newBuilder()
                                        .setFile(secret.toString())
                                        .build()))
                .build();
        assertThat(fixture.operations.start(task(spec)).exitCode()).isEqualTo(ExitCodes.ERR_PERM);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        assertThat(fixture.operations.start(task(spec)).finding()).isEqualTo(Finding.RUNNING);
        assertThat(Files.readString(directory.resolve("rsctmp/svc-r"))).contains("OCF_RESKEY_login_passwd=s3cret\n");
        fixture.operations.stop(task(spec));
    }

    @Test
    void unsafeAgentsAndNamesAreRefused() throws Exception {
        Path writable = fixture.agent("loose", WELL_BEHAVED);
        Files.setPosixFilePermissions(writable, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(code("test", "loose")).isEqualTo(ExitCodes.ERR_PERM);
        Path outside = ExecFixture.script(directory.resolve("outside"), WELL_BEHAVED);
        Files.createSymbolicLink(fixture.ocfRoot.resolve("resource.d/test/link"), outside);
        assertThat(code("test", "link")).isEqualTo(ExitCodes.ERR_PERM);
        assertThat(code("test", "..")).isEqualTo(ExitCodes.ERR_ARGS);
        assertThat(code("../../tmp", "x")).isEqualTo(ExitCodes.ERR_ARGS);
        assertThat(code("test", "absent")).isEqualTo(ExitCodes.ERR_INSTALLED);
    }

    private int code(String provider, String type) throws InterruptedException {
        return fixture.operations.start(task(ocfSpec(provider, type))).exitCode();
    }

    @Test
    void badParametersNeverReachTheAgent() throws Exception {
        fixture.agent("svc", WELL_BEHAVED);
        for (String[] bad : new String[][] {{"a-b", "x"}, {"state", "x\naction=off"}, {"state", "a\0b"}}) {
            ResourceSpec spec = ResourceSpec.newBuilder()
                    .setOcf(OcfKind.newBuilder()
                            .setProvider("test")
                            .setType("svc")
                            .putParams(bad[0], bad[1]))
                    .build();
            assertThat(fixture.operations.start(task(spec)).exitCode()).isEqualTo(ExitCodes.ERR_ARGS);
        }
        assertThatThrownBy(() -> CleanEnvironment.plain().with(java.util.Map.of("LD_PRELOAD", "x")))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void metadataWithEntitiesIsRefused() throws Exception {
        fixture.agent(
                "evil",
                "cat <<END\n<?xml version=\"1.0\"?><!DOCTYPE resource-agent [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
                        + "<resource-agent name=\"&x;\"/>\nEND\n");
        assertThatThrownBy(() -> fixture.ocf.metadata(ocfSpec("test", "evil").getOcf()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("entities");
    }

    @Test
    void whatMigratesIsToldBetweenWhichNodes() throws Exception {
        fixture.agent("svc", MIGRATES);
        Task task = task(ocfSpec("test", "svc")).migrating("n1", "n2");
        fixture.operations.start(task);
        assertThat(fixture.operations.send(task).finding()).isEqualTo(Finding.RUNNING);
        assertThat(Files.readString(directory.resolve("rsctmp/to")))
                .contains("OCF_RESKEY_CRM_meta_migrate_source=n1\n")
                .contains("OCF_RESKEY_CRM_meta_migrate_target=n2\n")
                .contains("OCF_RESKEY_CRM_meta_timeout=2000\n")
                .contains("OCF_RESKEY_CRM_meta_name=migrate_to\n");
        assertThat(fixture.operations.cellEmpty("web", "r"))
                .as("nothing of it goes on where it left")
                .isTrue();
        assertThat(fixture.operations.arrive(task).finding()).isEqualTo(Finding.RUNNING);
        assertThat(Files.readString(directory.resolve("rsctmp/from")))
                .contains("OCF_RESKEY_CRM_meta_migrate_source=n1\n")
                .contains("OCF_RESKEY_CRM_meta_migrate_target=n2\n")
                .contains("OCF_RESKEY_CRM_meta_timeout=3000\n")
                .contains("QUORATE_TOKEN=281474976710657\n");
        assertThat(fixture.operations.cellEmpty("web", "r"))
                .as("what it leaves where it arrives is the service")
                .isFalse();
        assertThat(fixture.operations.monitor(task).finding()).isEqualTo(Finding.RUNNING);
        assertThat(fixture.operations.stop(task).finding()).isEqualTo(Finding.NOT_RUNNING);
    }

    @Test
    void aMigrationThatFailsOrHangsIsAFailureWithItsReason() throws Exception {
        fixture.agent(
                "svc",
                MIGRATES.replace("env > $HA_RSCTMP/to", "echo 'ocf-exit-reason:no route' >&2; exit 1")
                        .replace("env > $HA_RSCTMP/from", "sleep 600"));
        ResourceSpec spec = ocfSpec("test", "svc").toBuilder()
                .addOperations(Operation.newBuilder().setName("migrate_from").setTimeout(Durations.fromMillis(300)))
                .build();
        Outcome sent = fixture.operations.send(task(spec).migrating("n1", "n2"));
        assertThat(sent.failed()).isTrue();
        assertThat(sent.operation()).isEqualTo("migrate_to");
        assertThat(sent.exitReason()).isEqualTo("no route");
        Outcome taken = fixture.operations.arrive(task(spec).migrating("n1", "n2"));
        assertThat(taken.operation()).isEqualTo("migrate_from");
        assertThat(taken.exitCode()).isEqualTo(ExitCodes.TIMED_OUT);
    }

    @Test
    void whatHasNoPermitIsNotSentAndNotTakenOver() throws Exception {
        fixture.agent("svc", MIGRATES);
        Task task = task(ocfSpec("test", "svc")).migrating("n1", "n2").permittedBy(() -> false);
        assertThat(fixture.operations.send(task).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(fixture.operations.arrive(task).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(directory.resolve("rsctmp/to")).doesNotExist();
        assertThat(directory.resolve("rsctmp/from")).doesNotExist();
    }

    @Test
    void onlyAgentsThatNameTheActionsAndNoOtherKindsMigrate() throws Exception {
        fixture.agent("svc", WELL_BEHAVED);
        Outcome outcome = fixture.operations.send(task(ocfSpec("test", "svc")).migrating("n1", "n2"));
        assertThat(outcome.exitCode()).isEqualTo(ExitCodes.ERR_UNIMPLEMENTED);
        assertThat(outcome.exitReason())
                .isEqualTo("ocf:test:svc has no actions migrate_to and migrate_from: its resource cannot have"
                        + " liveMigration");
        Outcome process = fixture.operations.send(task(ExecFixture.spec(ExecFixture.processKind("/bin/true"))));
        assertThat(process.exitCode()).isEqualTo(ExitCodes.ERR_UNIMPLEMENTED);
    }

    @Test
    void debiansDummyMigrates() throws Exception {
        Path root = Path.of("/usr/lib/ocf");
        assumeTrue(
                Files.exists(root.resolve("resource.d/heartbeat/Dummy")), "package resource-agents is not installed");
        Path temporary = Files.createDirectories(directory.resolve("debian"));
        OcfExecutor ocf = new OcfExecutor(fixture.runner, fixture.cells, fixture.files, root, temporary, fixture.tools);
        Task task = task(ocfSpec("heartbeat", "Dummy")).migrating("n1", "n2");
        assertThat(ocf.start(task).finding()).isEqualTo(Finding.RUNNING);
        assertThat(ocf.migrateTo(task).finding()).isEqualTo(Finding.RUNNING);
        assertThat(ocf.stop(task).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(ocf.migrateFrom(task).finding()).isEqualTo(Finding.RUNNING);
        assertThat(ocf.monitor(task).finding()).isEqualTo(Finding.RUNNING);
        assertThat(ocf.stop(task).finding()).isEqualTo(Finding.NOT_RUNNING);
    }

    @Test
    void debiansDummyStartsMonitorsValidatesAndStops() throws Exception {
        Path root = Path.of("/usr/lib/ocf");
        assumeTrue(
                Files.exists(root.resolve("resource.d/heartbeat/Dummy")), "package resource-agents is not installed");
        Path temporary = Files.createDirectories(directory.resolve("debian"));
        OcfExecutor ocf = new OcfExecutor(fixture.runner, fixture.cells, fixture.files, root, temporary, fixture.tools);
        Task task = task(ocfSpec("heartbeat", "Dummy"));
        assertThat(ocf.probe(task).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(ocf.validate(task).failed()).isFalse();
        assertThat(ocf.start(task).finding()).isEqualTo(Finding.RUNNING);
        assertThat(ocf.monitor(task).finding()).isEqualTo(Finding.RUNNING);
        assertThat(ocf.stop(task).finding()).isEqualTo(Finding.NOT_RUNNING);
        Outcome failed = ocf.monitor(task);
        assertThat(failed.finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(failed.exitReason()).isEqualTo("No process state file found");
        assertThat(ocf.monitorInterval(task.spec(), Role.ROLE_STARTED)).isEqualTo(Duration.ofSeconds(10));
    }
}
