package io.quorate.server.agent.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
