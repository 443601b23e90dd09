package io.quorate.server.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The power switch of a dev cluster says "off" of nothing that lives, and "off" reaches every node. */
class DevPowerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<Process> started = new ArrayList<>();

    @TempDir
    private Path root;

    private DevLayout layout;
    private DevPower power;
    private Path script;

    @BeforeEach
    void install() throws IOException {
        layout = new DevLayout(root.resolve("cluster"), 20_000, 3);
        power = new DevPower(layout);
        power.install();
        script = layout.fenceDir().resolve("fence_quorate_dev");
    }

    @AfterEach
    void end() throws Exception {
        for (Process process : started) {
            process.destroyForcibly();
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    private Process run(String node, String command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("setsid", "sh", "-c", command);
        builder.environment().put(DevPower.VARIABLE, DevPower.marker(layout, node));
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static void executable(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private record Said(int code, String text) {}

    /** Asks the switch of n1 where a directory stands before the others in PATH. */
    private Said ask(String action, Path before) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(script.toString()).redirectErrorStream(true);
        builder.environment().merge("PATH", before.toString(), (path, first) -> first + ":" + path);
        Process process = builder.start();
        String options = "action=" + action + "\ndir=" + layout.dir() + "\nplug=n1\n";
        process.getOutputStream().write(options.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(process.waitFor(), text);
    }

    /** Of the last two, one can read no environment, and one is killed when it has read a part of the table. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "awk: exit 1",
                "grep: exit 1",
                "grep: case $1 in -lszxF) exit 2;; esac; exec /bin/grep \"$@\"",
                "grep: case $1 in -hsE) /bin/grep -hsE \"$2\" /proc/self/status; kill -KILL $$;; esac; exec /bin/grep \"$@\"",
            })
    void whatCannotLookSaysNothingOfANodeThatLives(String broken) throws Exception {
        Process alive = run("n1", "exec sleep 1000");
        Path tools = root.resolve("tools");
        Files.createDirectories(tools);
        assertThat(ask("status", tools)).isEqualTo(new Said(0, "Status: ON\n"));
        String tool = broken.substring(0, broken.indexOf(':'));
        executable(tools.resolve(tool), broken.substring(broken.indexOf(':') + 1));
        for (String action : List.of("status", "monitor", "off", "processes")) {
            Said said = ask(action, tools);
            assertThat(said.code()).as(action).isEqualTo(1);
            assertThat(said.text()).contains("nothing is known of n1").doesNotContain("OFF");
        }
        assertThat(alive.isAlive()).isTrue();
    }

    /** A child with an environment of its own, whose parent is killed in the moment after it was forked. */
    @Test
    void whatIsForkedWhileItsParentIsKilledIsKilledToo() throws Exception {
        int number = 71_300;
        run(
                "n1",
                "i=0; while [ $i -lt 300 ]; do env -i sleep " + number + " & i=$((i + 1)); done; exec sleep " + number);
        Awaitility.await().atMost(PATIENCE).until(() -> sleepers(number) > 3);
        power.off("n1");
        assertThat(sleepers(number)).isZero();
        assertThat(power.processes("n1")).isEmpty();
    }

    private static long sleepers(int number) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").endsWith("sleep " + number))
                .count();
    }

    @Test
    void aSwitchThatWasDeletedIsPutBackAndUsed() throws Exception {
        Process alive = run("n2", "exec sleep 1000");
        DevSupport.delete(layout.dir());
        power.allOff();
        assertThat(alive.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aNodeThatCannotBeSwitchedOffDoesNotKeepTheOthersOn() throws Exception {
        Process alive = run("n2", "exec sleep 1000");
        Path real = Files.move(script, root.resolve("real"));
        executable(
                script,
                "options=$(cat); case $options in *plug=n1*) echo stuck; exit 1;; esac; echo \"$options\" | " + real);
        assertThatThrownBy(power::allOff)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the power switch of n1 failed at \"off\": stuck");
        assertThat(alive.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
}
