package io.quorate.server.agent.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cells over directories with the files that the kernel shows, so that each of its answers can be had. */
class CgroupCellsTest {
    private static final Duration PATIENCE = Duration.ofMillis(100);

    @TempDir
    private Path base;

    private final MarkerCells markers = new MarkerCells("test-" + UUID.randomUUID());
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private Cell cell(boolean versionTwo) {
        return new CgroupCells(base, versionTwo, markers).ofMember("web", "www");
    }

    private Path cgroup(String below, String processes, String events) throws IOException {
        Path directory = Files.createDirectories(base.resolve("web.www.run").resolve(below));
        Files.writeString(directory.resolve("cgroup.procs"), processes);
        Files.writeString(directory.resolve("cgroup.events"), events);
        Files.writeString(directory.resolve("cgroup.kill"), "");
        return directory;
    }

    private Process sleeper() throws IOException {
        return started(new ProcessBuilder("/bin/sleep", "600"));
    }

    private Process started(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        started.add(process);
        return process;
    }

    @Test
    void aCellThatWasNeverMadeIsEmpty() {
        for (boolean versionTwo : new boolean[] {false, true}) {
            assertThat(cell(versionTwo).isEmpty()).isTrue();
            assertThat(cell(versionTwo).processes()).isEmpty();
            assertThat(cell(versionTwo).killAll(PATIENCE)).isTrue();
        }
    }

    /** A service that delegates: its processes are in cgroups below ours. */
    @Test
    void processesOfCgroupsBelowAreInsideAndAreKilled() throws Exception {
        cgroup("", "", "");
        Process process = sleeper();
        cgroup("worker/inner", process.pid() + "\n", "");
        cgroup("worker", "", "");
        assertThat(cell(false).processes()).extracting(ProcessIdentity::pid).containsExactly(process.pid());
        assertThat(cell(false).isEmpty()).isFalse();
        assertThat(cell(false).killAll(Duration.ofSeconds(10))).isTrue();
        assertThat(process.waitFor()).isEqualTo(128 + 9);
    }

    @Test
    void inVersionTwoTheKernelSaysWhetherAnythingLivesInsideAndKillsIt() throws Exception {
        Path directory = cgroup("", "", "populated 1\nfrozen 0\n");
        assertThat(cell(true).isEmpty()).isFalse();
        assertThat(cell(true).killAll(PATIENCE)).isFalse();
        assertThat(directory.resolve("cgroup.kill")).hasContent("1");
        cgroup("", "", "populated 0\nfrozen 0\n");
        assertThat(cell(true).isEmpty()).isTrue();
        assertThat(cell(true).killAll(PATIENCE)).isTrue();
        assertThat(directory.resolve("cgroup.kill"))
                .as("what enters at this moment is killed too")
                .hasContent("1");
    }

    /** An agent without cgroups started it, and the one of today has them. */
    @Test
    void aMarkedProcessOutsideOfTheCgroupOfItsMemberIsInside() throws Exception {
        cgroup("", "", "populated 0\nfrozen 0\n");
        ProcessBuilder builder = new ProcessBuilder("/bin/sleep", "600");
        builder.environment().putAll(cell(true).marker());
        Process process = started(builder);
        await().until(() -> !cell(true).isEmpty());
        assertThat(cell(true).processes()).extracting(ProcessIdentity::pid).containsExactly(process.pid());
        assertThat(cell(true).killAll(Duration.ofSeconds(10))).isTrue();
        assertThat(process.waitFor()).isEqualTo(128 + 9);
    }

    @Test
    void aCellThatCannotBeReadIsNotTakenForEmpty() throws Exception {
        Path directory = cgroup("", "", "");
        for (String file : List.of("cgroup.procs", "cgroup.events")) {
            Files.delete(directory.resolve(file));
            Files.createDirectory(directory.resolve(file));
        }
        assertThatThrownBy(() -> cell(false).isEmpty()).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(() -> cell(false).killAll(PATIENCE)).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(() -> cell(true).isEmpty()).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(() -> cell(true).killAll(PATIENCE)).isInstanceOf(UncheckedIOException.class);
    }
}
