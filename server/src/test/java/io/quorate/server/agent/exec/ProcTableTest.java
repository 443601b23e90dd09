package io.quorate.server.agent.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What counts as a living process, over files as the kernel shows them. */
class ProcTableTest {
    @TempDir
    private Path proc;

    private void thread(long pid, long thread, char state) throws IOException {
        String stat = thread + " (a (b) c) " + state + " 1 20 30" + " 0".repeat(15) + " 777 0\n";
        Path task = Files.createDirectories(proc.resolve(pid + "/task/" + thread));
        Files.writeString(task.resolve("stat"), stat);
        if (thread == pid) {
            Files.writeString(proc.resolve(pid + "/stat"), stat);
        }
    }

    @Test
    void aProcessIsReadWhateverItsNameIs() throws Exception {
        thread(10, 10, 'S');
        assertThat(ProcTable.read(proc, 10)).contains(new ProcTable.Entry(10, 10, 1, 20, 30, 777));
        assertThat(ProcTable.read(proc, 11)).isEmpty();
    }

    @Test
    void aZombieIsGone() throws Exception {
        thread(10, 10, 'Z');
        thread(10, 12, 'X');
        assertThat(ProcTable.read(proc, 10)).isEmpty();
    }

    /** The first thread of a server ended, its others serve on. */
    @Test
    void aZombieWhoseOtherThreadsLiveIsAlive() throws Exception {
        thread(10, 10, 'Z');
        thread(10, 12, 'S');
        assertThat(ProcTable.read(proc, 10)).contains(new ProcTable.Entry(10, 12, 1, 20, 30, 777));
    }

    /** The kernel shows no environment while a program is being loaded; a process must not be missed because of it. */
    @Test
    void aProcessThatIsJustLoadingItsProgramIsFoundByItsMark() throws Exception {
        for (int round = 0; round < 200; round++) {
            String value = ProcessHandle.current().pid() + "-" + round;
            ProcessBuilder shell = new ProcessBuilder("/bin/sh", "-c", "setsid sleep 60 &");
            shell.environment().put("QUORATE_TEST_MARK", value);
            Process started = shell.redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertThat(started.waitFor()).isZero();
            List<ProcTable.Entry> found = ProcTable.marked("QUORATE_TEST_MARK=" + value);
            found.forEach(entry -> ProcessHandle.of(entry.pid()).ifPresent(ProcessHandle::destroyForcibly));
            String about = "round " + round;
            assertThat(found)
                    .as(() -> about + ", a second look finds " + ProcTable.marked("QUORATE_TEST_MARK=" + value) + " of "
                            + ProcTable.all())
                    .hasSize(1);
        }
    }
}
