package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.log.v1.VoterRow;
import io.quorate.server.FreePorts;
import io.quorate.server.ServerProcess;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.raft.StartRefusedException.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One process at a time works on a data directory; who comes second changes nothing in it. */
@Timeout(60)
class DirectoryLockTest {

    @TempDir
    Path root;

    private final VoterRow voter = TestGroup.voter("n1");
    private Path data;

    @BeforeEach
    void format() throws IOException {
        data = root.resolve("data");
        formatData();
    }

    private void formatData() throws IOException {
        ClusterBootstrap.format(
                data,
                List.of(voter),
                "0123456789abcdef0123456789abcdef",
                "test",
                1,
                voter.getId(),
                Optional.empty(),
                "t");
    }

    private void assertInUse() {
        assertThatThrownBy(() -> DirectoryLock.take(data))
                .isInstanceOfSatisfying(
                        StartRefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.DIRECTORY_IN_USE))
                .hasMessageStartingWith("Another process runs on this directory: " + data);
    }

    private ServerConfig config() throws IOException {
        return new ServerConfig(
                "n1",
                data,
                ServerConfig.LOOPBACK,
                FreePorts.next(),
                FreePorts.next(),
                FreePorts.next(),
                ServerConfig.LOOPBACK,
                FreePorts.next(),
                Optional.empty(),
                ServerConfig.DEFAULT_ELECTION_MIN,
                ServerConfig.DEFAULT_ELECTION_MAX);
    }

    private Map<Path, FileTime> lastWrites() throws IOException {
        Map<Path, FileTime> times = new TreeMap<>();
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.toList()) {
                times.put(file, Files.getLastModifiedTime(file));
            }
        }
        return times;
    }

    @Test
    void aSecondServerOnADirectoryWritesNothingIntoIt() throws Exception {
        Map<Path, FileTime> before;
        try (DirectoryLock first = DirectoryLock.take(data)) {
            before = lastWrites();
            assertThatThrownBy(() -> ServerProcess.start(config(), (words, cause) -> {}))
                    .as("%s", first)
                    .hasMessageStartingWith("Another process runs on this directory");
            assertThat(lastWrites()).isEqualTo(before);
        }
        ServerProcess.start(config(), (words, cause) -> {}).close();
    }

    @Test
    void aServerHasItsDirectoryUntilItHasStopped() throws Exception {
        for (int life = 0; life < 2; life++) {
            try (ServerProcess server = ServerProcess.start(config(), (words, cause) -> {})) {
                assertThat(server.memberId()).isEqualTo(voter.getId());
                assertInUse();
                assertInUse();
            }
        }
        DirectoryLock.take(data).close();
    }

    @Test
    void aServerThatDoesNotStartGivesTheDirectoryBack() throws Exception {
        Files.delete(data.resolve(Watermark.FILE));
        assertThatThrownBy(() -> ServerProcess.start(config(), (words, cause) -> {}))
                .hasMessageContaining("watermark");
        DirectoryLock.take(data).close();
    }

    @Test
    void aLinkToTheDirectoryIsTheSameDirectory() throws Exception {
        try (DirectoryLock taken = DirectoryLock.take(Files.createSymbolicLink(root.resolve("link"), data))) {
            assertThat(taken).isNotNull();
            assertInUse();
        }
    }

    /** Takes the lock, says so, and waits to be killed. */
    public static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            try (DirectoryLock taken =
                    DirectoryLock.tryTake(Path.of(arguments[0])).orElseThrow()) {
                Objects.requireNonNull(taken);
                System.out.println("taken");
                int unused = System.in.read();
            }
        }
    }

    private static Process holder(Path directory) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        while (line != null && !line.equals("taken")) {
            line = output.readLine();
        }
        assertThat(line).isNotNull();
        return process;
    }

    @Test
    void theLockOfAProcessEndsWithIt() throws Exception {
        Process process = holder(data);
        try {
            assertInUse();
            assertInUse();
        } finally {
            process.destroyForcibly().waitFor();
        }
        DirectoryLock.take(data).close();
    }

    @Test
    void aDirectoryThatAnotherProcessFormatsIsRefused() throws Exception {
        data = Files.createDirectory(root.resolve("other"));
        Process process = holder(data);
        try {
            assertThatThrownBy(this::formatData).hasMessageContaining("Another process runs on this directory");
            assertThat(DataDirectory.isFormatted(data)).isFalse();
        } finally {
            process.destroyForcibly().waitFor();
        }
        formatData();
        assertThat(DataDirectory.isFormatted(data)).isTrue();
    }

    @Test
    void lookingForTheLockMakesNoFileWhereNoMemberIs() throws Exception {
        data = Files.createDirectory(root.resolve("empty"));
        assertThatThrownBy(() -> DirectoryLock.take(data))
                .isInstanceOfSatisfying(
                        StartRefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.NOT_INITIALIZED));
        assertThat(data).isEmptyDirectory();
    }
}
