package io.quorate.server.agent.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.SystemdKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Units as a systemctl of the test shows them: the files shown.1, shown.2 and so on, the last one for ever. */
class SystemdExecutorTest {
    private static final Task TASK = Task.of(
            "web",
            "www",
            ResourceSpec.newBuilder()
                    .setSystemd(SystemdKind.newBuilder().setUnit("www.service"))
                    .build(),
            42);

    @TempDir
    private Path directory;

    private ExecFixture fixture;
    private int looks;

    @BeforeEach
    void open() throws IOException {
        fixture = new ExecFixture(directory, false);
        ExecFixture.script(directory.resolve("systemctl"), """
                cd DIR
                echo $2 >> calls
                [ $2 = show ] || exit 0
                n=$(($(cat looks) + 1))
                [ -e shown.$n ] || n=$(cat looks)
                echo $n > looks
                cat shown.$n
                """.replace("DIR", directory.toString()));
        Files.writeString(directory.resolve("looks"), "0");
    }

    private void shows(String state, String... properties) throws IOException {
        looks++;
        Files.writeString(
                directory.resolve("shown." + looks),
                "ActiveState=" + state + "\n" + String.join("\n", properties) + "\n");
    }

    private Finding probe() throws InterruptedException {
        return fixture.operations.probe(TASK).finding();
    }

    @Test
    void aUnitThatIsDownWithoutAJobOrACgroupIsNotRunning() throws Exception {
        shows("inactive");
        assertThat(probe()).isEqualTo(Finding.NOT_RUNNING);
        shows("failed", "ControlGroup=", "Job=0");
        assertThat(probe()).isEqualTo(Finding.NOT_RUNNING);
        shows("active", "ControlGroup=/system.slice/www.service");
        assertThat(probe()).isEqualTo(Finding.RUNNING);
    }

    /** KillMode=process, or what a failed unit could not kill. */
    @Test
    void aUnitThatIsDownWhileItsCgroupIsPopulatedMayRun() throws Exception {
        for (String hierarchy : new String[] {".", "unified"}) {
            Path cgroup = Files.createDirectories(
                    directory.resolve("cgroups").resolve(hierarchy).resolve("system.slice/www.service"));
            Files.writeString(cgroup.resolve("cgroup.events"), "populated 1\nfrozen 0\n");
            for (String state : new String[] {"inactive", "failed"}) {
                shows(state, "ControlGroup=/system.slice/www.service");
                assertThat(probe()).isEqualTo(Finding.FAILED);
            }
            Files.writeString(cgroup.resolve("cgroup.events"), "populated 0\nfrozen 0\n");
            assertThat(probe()).isEqualTo(Finding.NOT_RUNNING);
        }
    }

    /** A start that is queued would finish after "not running" was reported, and another node had started it. */
    @Test
    void aUnitWithAQueuedJobIsLookedAtAgainUntilTheJobIsDone() throws Exception {
        shows("inactive", "Job=4711");
        shows("activating", "Job=4711");
        shows("active");
        assertThat(probe()).isEqualTo(Finding.RUNNING);
        assertThat(Files.readAllLines(directory.resolve("calls"))).containsExactly("show", "show", "show");
    }
}
