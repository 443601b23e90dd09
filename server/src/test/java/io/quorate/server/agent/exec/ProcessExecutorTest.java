package io.quorate.server.agent.exec;

import static io.quorate.server.agent.exec.ExecFixture.processKind;
import static io.quorate.server.agent.exec.ExecFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Durations;
import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.v1.HealthCheck;
import io.quorate.v1.ProcessKind;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Supervised commands, with cells in cgroups (true) and by marker (false). */
class ProcessExecutorTest {
    @TempDir
    private Path directory;

    private ExecFixture fixture;
    private final AtomicReference<Optional<ProcessIdentity>> main = new AtomicReference<>(Optional.empty());

    private Task task(ProcessKind.Builder kind) {
        return Task.of("web", "www", spec(kind), 42)
                .tellingStarts(identity -> main.set(Optional.of(identity)))
                .withProcess(main.get());
    }

    private void open(boolean cgroups) throws IOException {
        fixture = new ExecFixture(directory, cgroups);
    }

    @AfterEach
    void killWhatIsLeft() {
        Cell cell = fixture.cells.ofMember("web", "www");
        assertThat(cell.killAll(Duration.ofSeconds(30)))
                .as(() -> "in %s still: %s".formatted(fixture.cells.description(), cell.processes()))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCommandRunsUntilItIsStoppedAndItsTokenReachesIt(boolean cgroups) throws Exception {
        open(cgroups);
        Path seen = directory.resolve("seen");
        ProcessKind.Builder kind =
                processKind("/bin/sh", "-c", "echo $QUORATE_TOKEN $QUORATE_INSTANCE > " + seen + "; exec sleep 600");
        assertThat(fixture.operations.start(task(kind)).finding()).isEqualTo(Finding.RUNNING);
        await().untilAsserted(() -> assertThat(seen).hasContent("42 web\n"));
        assertThat(fixture.operations.monitor(task(kind)).finding()).isEqualTo(Finding.RUNNING);
        assertThat(fixture.operations.stop(task(kind)).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(fixture.operations.cellEmpty("web", "www")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void daemonizedChildrenAndThoseThatIgnoreTermAreGoneAfterAStop(boolean cgroups) throws Exception {
        open(cgroups);
        Path stubborn =
                ExecFixture.script(directory.resolve("stubborn"), "trap '' TERM\nwhile :; do sleep 0.2; done\n");
        ProcessKind.Builder kind = processKind(
                        "/bin/sh",
                        "-c",
                        "setsid " + stubborn + " & setsid sleep 600 & trap '' TERM; while :; do sleep 0.2; done")
                .setStopGrace(Durations.fromMillis(200));
        assertThat(fixture.operations.start(task(kind)).finding()).isEqualTo(Finding.RUNNING);
        Cell cell = fixture.cells.ofMember("web", "www");
        await().until(() -> cell.processes().size() >= 3);
        assertThat(fixture.operations.stop(task(kind)).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(cell.processes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCommandThatEndsAtOnceIsAFailedStartWithItsOutput(boolean cgroups) throws Exception {
        open(cgroups);
        // Never healthy, so that the start lasts until the command has ended, however long that takes.
        Outcome outcome = fixture.operations.start(task(processKind("/bin/sh", "-c", "echo no such port >&2; exit 3")
                .setHealth(HealthCheck.newBuilder()
                        .setCommand(io.quorate.v1.CommandLine.newBuilder().addArgv("/bin/false")))));
        assertThat(outcome.finding()).isEqualTo(Finding.FAILED);
        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(outcome.outputTail()).contains("no such port");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMainProcessThatEndedIsAFailureEvenWhileAChildLivesOn(boolean cgroups) throws Exception {
        open(cgroups);
        Path end = directory.resolve("end");
        ProcessKind.Builder kind =
                processKind("/bin/sh", "-c", "setsid sleep 600 & until test -e " + end + "; do sleep 0.1; done");
        assertThat(fixture.operations.start(task(kind)).finding()).isEqualTo(Finding.RUNNING);
        Files.createFile(end);
        ProcessIdentity process = main.get().orElseThrow();
        await().until(() -> !process.alive());
        assertThat(fixture.operations.monitor(task(kind)).finding()).isEqualTo(Finding.FAILED);
        assertThat(fixture.operations.probe(task(kind)).finding()).isNotEqualTo(Finding.NOT_RUNNING);
    }

    /** A session manager moved it, or it was started before there were cells: it is still the one copy that may run. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMainProcessOutsideOfItsCellIsFoundAndStopped(boolean cgroups) throws Exception {
        open(cgroups);
        Process process = new ProcessBuilder("/bin/sleep", "600").start();
        main.set(ProcessIdentity.of(process.pid()));
        ProcessKind.Builder kind = processKind("/bin/sleep", "600");
        assertThat(fixture.cells.ofMember("web", "www").isEmpty()).isTrue();
        assertThat(fixture.operations.probe(task(kind)).finding()).isEqualTo(Finding.RUNNING);
        assertThat(fixture.operations.start(task(kind)).finding()).isEqualTo(Finding.FAILED);
        assertThat(fixture.operations.stop(task(kind)).finding()).isEqualTo(Finding.NOT_RUNNING);
        assertThat(process.waitFor()).isEqualTo(128 + 15);
        assertThat(fixture.operations.probe(task(kind)).finding()).isEqualTo(Finding.NOT_RUNNING);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true})
    void aStartSucceedsWhenTheFirstHealthCheckPassesAndThreeBadOnesInARowAreAFailure(boolean cgroups) throws Exception {
        open(cgroups);
        ProcessKind.Builder kind = processKind("/bin/sleep", "600");
        try (ServerSocket listener = new ServerSocket(0)) {
            kind.setHealth(HealthCheck.newBuilder().setTcpAddress("127.0.0.1:" + listener.getLocalPort()));
            assertThat(fixture.operations.start(task(kind)).finding()).isEqualTo(Finding.RUNNING);
        }
        assertThat(fixture.operations.monitor(task(kind)).finding()).isEqualTo(Finding.RUNNING);
        assertThat(fixture.operations.monitor(task(kind)).finding()).isEqualTo(Finding.RUNNING);
        assertThat(fixture.operations.monitor(task(kind)).finding()).isEqualTo(Finding.FAILED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHealthCommandDecidesAndItsLeftoversAreKilled(boolean cgroups) throws Exception {
        open(cgroups);
        Path healthy = directory.resolve("healthy");
        ProcessKind.Builder kind = processKind("/bin/sh", "-c", "sleep 0.3; touch " + healthy + "; exec sleep 600")
                .setHealth(HealthCheck.newBuilder()
                        .setUnhealthyAfter(1)
                        .setCommand(io.quorate.v1.CommandLine.newBuilder()
                                .addAllArgv(List.of("/bin/sh", "-c", "setsid sleep 600 & test -e " + healthy))));
        assertThat(fixture.operations.start(task(kind)).finding()).isEqualTo(Finding.RUNNING);
        assertThat(healthy).exists();
        assertThat(fixture.cells.ofOperation("web", "www").processes()).isEmpty();
        Files.delete(healthy);
        assertThat(fixture.operations.monitor(task(kind)).finding()).isEqualTo(Finding.FAILED);
    }

    /** As when a start is ended just after it began. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCellIsEmptiedThatAProcessIsJustEntering(boolean cgroups) throws Exception {
        open(cgroups);
        Cell cell = fixture.cells.ofMember("web", "www");
        for (int round = 0; round < 50; round++) {
            List<String> words = new ArrayList<>(
                    List.of("/bin/sh", "-c", "for e; do echo $$ > $e || exit 1; done; exec setsid sleep 600", "sh"));
            cell.entrances().forEach(entrance -> words.add(entrance.toString()));
            ProcessBuilder builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().putAll(cell.marker());
            Process process = builder.start();
            assertThat(cell.killAll(Duration.ofSeconds(30))).isTrue();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true})
    void anEndlessLogIsCutWhileTheCommandGoesOn(boolean cgroups) throws Exception {
        open(cgroups);
        ProcessKind.Builder kind = processKind("/bin/sh", "-c", "yes | head -c 3000000; exec sleep 600");
        assertThat(fixture.operations.start(task(kind)).finding()).isEqualTo(Finding.RUNNING);
        Path log = fixture.files.log("web", "www");
        await().until(() -> Files.size(log) >= 3_000_000);
        fixture.files.trim();
        assertThat(Files.size(log)).isLessThanOrEqualTo(ProcessRunner.TAIL_BYTES);
        assertThat(fixture.operations.monitor(task(kind)).finding()).isEqualTo(Finding.RUNNING);
    }
}
