package io.quorate.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.ClientContexts;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.Terminal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A dev cluster that does not start says why and leaves no process; servers and agents are scripts of the test. */
class DevVerbTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final StringWriter err = new StringWriter();
    private String nodes = "1";
    private CompletableFuture<Runnable> interrupt = new CompletableFuture<>();

    @TempDir
    private Path root;

    private Path home;
    private int portBase;

    @BeforeEach
    void place() throws IOException {
        home = root.resolve("cluster");
        portBase = freePortBase();
    }

    /** Ports of one node, below those that the system gives out by itself. */
    private static int freePortBase() throws IOException {
        for (int base = 20_000; base < 30_000; base += DevLayout.PORTS_PER_NODE) {
            if (areFree(new DevLayout(Path.of("/"), base, 1).ports())) {
                return base;
            }
        }
        throw new IOException("no free ports");
    }

    private static boolean areFree(List<Integer> ports) {
        for (int port : ports) {
            try {
                new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
            } catch (IOException taken) {
                return false;
            }
        }
        return true;
    }

    /** Starts a cluster of one node, unless the test wants more; the script stands for the launcher, $1 is the role. */
    private int dev(String script, String... options) throws IOException {
        Path launcher = Files.writeString(root.resolve("quorate"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        Map<String, String> environment = Map.of("QUORATE_LAUNCHER", launcher.toString());
        CliContext context = new CliContext(
                new PrintWriter(new StringWriter()),
                new PrintWriter(err, true),
                new ByteArrayInputStream(new byte[0]),
                Terminal.ofSystem(),
                environment,
                new ClientContexts(environment, List.of()),
                root,
                System::currentTimeMillis,
                ZoneOffset.UTC,
                action -> {
                    interrupt.complete(action);
                    return () -> {};
                });
        List<String> arguments = new ArrayList<>(
                List.of("--nodes", nodes, "--port-base", Integer.toString(portBase), "--dir", home.toString()));
        arguments.addAll(List.of(options));
        return new CommandLine(new DevVerb(context)).execute(arguments.toArray(String[]::new));
    }

    private List<String> processesOfTheCluster() throws IOException {
        List<String> found = new ArrayList<>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (read(process.resolve("environ")).contains(DevPower.VARIABLE + "=" + home)) {
                    found.add(process.getFileName() + ": " + read(process.resolve("cmdline")));
                }
            }
        }
        return found;
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException goneOrForeign) {
            return "";
        }
    }

    @Test
    void aServerThatEndsIsToldWithItsLastWordsAndTheRestIsEndedToo() throws Exception {
        int code = dev("[ $1 = agent ] && exec sleep 1000; echo starting; echo no room for it; exit 3");
        assertThat(code).isEqualTo(ExitCodes.ERROR);
        assertThat(err.toString())
                .isEqualTo("error: the server of n1 ended with exit code 3: no room for it · see "
                        + home.resolve("n1/server.log") + "\n");
        assertThat(home.resolve("n1/server.log")).exists();
        assertThat(processesOfTheCluster()).isEmpty();
    }

    @Test
    void theNextStartTakesTheDirectoryOfOneThatFailed() throws Exception {
        assertThat(dev("exit 3")).isEqualTo(ExitCodes.ERROR);
        assertThat(dev("exit 4")).isEqualTo(ExitCodes.ERROR);
        assertThat(err.toString()).contains("exit code 3", "exit code 4");
    }

    @Test
    void anInterruptWhileItStartsLeavesNeitherProcessNorFile() throws Exception {
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> {
            try {
                return dev("exec sleep 1000");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        interrupt.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).run();
        assertThat(processesOfTheCluster()).isEmpty();
        assertThat(home).doesNotExist();
        assertThat(code.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(ExitCodes.OK);
        assertThat(processesOfTheCluster()).isEmpty();
        assertThat(err.toString()).isEqualTo("stopped; " + home + " deleted (--keep keeps it)\n");
    }

    @Test
    void whatWasKeptIsGoneOnWithByTheSameClusterOnly() throws Exception {
        assertThat(startAndInterrupt("--keep")).isEqualTo(ExitCodes.OK);
        Path data = home.resolve("n1/server");
        Path mine = Files.writeString(data.resolve("mine"), "x");
        nodes = "3";
        assertThat(dev("exec sleep 1000")).isEqualTo(ExitCodes.ERROR);
        nodes = "1";
        assertThat(err.toString())
                .endsWith(
                        "error: " + home + " keeps the cluster of another start: go on with it by quorate dev --nodes 1"
                                + " --port-base " + portBase + " --dir " + home + ", or delete it\n");
        assertThat(startAndInterrupt()).isEqualTo(ExitCodes.OK);
        assertThat(mine).exists();
        assertThat(err.toString()).endsWith("stopped; kept: " + home + "\n");
        assertThat(processesOfTheCluster()).isEmpty();
    }

    private int startAndInterrupt(String... options) throws Exception {
        interrupt = new CompletableFuture<>();
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> {
            try {
                return dev("exec sleep 1000", options);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        Runnable end = interrupt.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        while (processesOfTheCluster().isEmpty() && !code.isDone()) {
            Thread.sleep(10);
        }
        end.run();
        return code.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void aPortThatIsTakenIsNamedAndNothingIsMade() throws Exception {
        int taken = portBase + 2;
        try (ServerSocket socket = new ServerSocket(taken, 1, InetAddress.getLoopbackAddress())) {
            assertThat(socket.isBound()).isTrue();
            assertThat(dev("exit 1")).isEqualTo(ExitCodes.ERROR);
        }
        assertThat(err.toString()).isEqualTo("error: port " + taken + " is taken: choose others with --port-base\n");
        assertThat(home).doesNotExist();
    }

    @Test
    void aDirectoryOfSomethingElseIsLeftAlone() throws Exception {
        Path file = Files.writeString(Files.createDirectories(home).resolve("thesis.tex"), "x");
        assertThat(dev("exit 1")).isEqualTo(ExitCodes.ERROR);
        assertThat(err.toString()).contains("is not empty and holds no dev cluster");
        assertThat(file).exists();
    }

    /** A kept directory that was copied names the one it was copied from. */
    @Test
    void aCopyOfARunningClustersDirectoryDoesNotEndIt() throws Exception {
        DevLayout running = new DevLayout(Files.createDirectories(root.resolve("running")), portBase, 1);
        running.write();
        ProcessBuilder builder = new ProcessBuilder("sleep", "1000");
        builder.environment().put(DevPower.VARIABLE, DevPower.marker(running, "n1"));
        Process node = builder.start();
        try (FileChannel supervisor = supervisor(running.dir())) {
            assertThat(supervisor.lock().isValid()).isTrue();
            Files.createDirectories(home);
            Files.copy(running.dir().resolve("cluster"), home.resolve("cluster"));
            assertThat(dev("exit 1")).isEqualTo(ExitCodes.ERROR);
            assertThat(err.toString()).contains(home + " is a copy of " + running.dir() + ", where a dev cluster runs");
            assertThat(node.isAlive()).isTrue();
        } finally {
            node.destroyForcibly();
        }
    }

    private static FileChannel supervisor(Path dir) throws IOException {
        return FileChannel.open(dir.resolve("supervisor"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** Not before the lock is held: the second of two that start at once must not change what the first has written. */
    @Test
    void aStartWithoutTheLockWritesNothing() throws Exception {
        Files.createDirectories(home);
        try (FileChannel supervisor = supervisor(home)) {
            assertThat(supervisor.lock().isValid()).isTrue();
            assertThat(dev("exit 1")).isEqualTo(ExitCodes.ERROR);
            assertThat(err.toString()).contains("a dev cluster runs in " + home + " already");
            assertThat(DevLayout.isIn(home)).isFalse();
        }
    }

    /** The launcher gives its name to the JVM as a word among others. */
    @Test
    void aDirectoryWithABlankIsRefusedAtOnce() throws Exception {
        home = root.resolve("my cluster");
        assertThat(dev("exit 1")).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString()).contains("cannot live in '" + home + "'", "without blanks");
        assertThat(home).doesNotExist();
    }

    @Test
    void aNodeIsFoundUnderTheNameItWasStartedWithWhateverPathLeadsThere() throws Exception {
        DevLayout layout = new DevLayout(Files.createDirectories(home), portBase, 3);
        layout.write();
        Path link = Files.createSymbolicLink(root.resolve("link"), home);
        assertThat(DevLayout.read(DevLayout.home(link, 7400))).isEqualTo(layout);
        assertThat(DevLayout.home(home.resolve("n1/.."), 7400)).isEqualTo(home);
    }

    @Test
    void aServiceIsPartOfItsNodeWhateverItDidToItsEnvironmentOrItsParents() throws Exception {
        DevLayout layout = new DevLayout(Files.createDirectories(home), portBase, 1);
        DevPower power = new DevPower(layout);
        power.install();
        String service = "env -i sleep 1001 & (setsid -f sleep 1002); exec sleep 1003";
        ProcessBuilder builder = new ProcessBuilder("setsid", "sh", "-c", service);
        builder.environment().put(DevPower.VARIABLE, DevPower.marker(layout, "n1"));
        Process process = builder.start();
        ProcessHandle wiped = Awaitility.await()
                .atMost(PATIENCE)
                .until(
                        () -> process.children()
                                .filter(child ->
                                        child.info().commandLine().orElse("").endsWith("sleep 1001"))
                                .findFirst(),
                        java.util.Optional::isPresent)
                .orElseThrow();
        Awaitility.await().atMost(PATIENCE).until(() -> power.processes("n1").size() == 3);
        assertThat(power.processes("n1")).contains(wiped.pid());
        power.off("n1");
        assertThat(read(Path.of("/proc/" + wiped.pid() + "/cmdline"))).isEmpty();
        assertThat(power.processes("n1")).isEmpty();
        assertThat(processesOfTheCluster()).isEmpty();
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
}
