package io.quorate.server.dev;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.quorate.client.Endpoint;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quorate dev}: a whole cluster on loopback, each node its own processes, no root. */
@Command(
        description = "Start a cluster of nodes on loopback, with a fence device; Ctrl-C stops it.",
        footer = {"", "Examples:", "  quorate dev", "  quorate dev --nodes 5 --port-base 8400 --keep"})
public final class DevVerb implements Callable<Integer> {
    private static final String SUPERVISOR = "supervisor";
    /** There when the directory was left on purpose. */
    private static final String KEPT = "kept";

    private final CliContext context;
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean started; // guarded by this
    private boolean stopping; // guarded by this

    @Option(names = "--nodes", defaultValue = "3", description = "1, 3, 5 or 7 (default: ${DEFAULT-VALUE})")
    private int nodes = 3;

    @Option(
            names = "--port-base",
            defaultValue = "7400",
            description = "API port of n1; ten ports for each node (default: ${DEFAULT-VALUE})")
    private int portBase = 7400;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where it lives (default: below the temporary directory)")
    private @Nullable Path dir;

    @Option(
            names = "--keep",
            description = "Leave data and logs when it ends; the next dev in the same directory goes on with them")
    private boolean keep;

    public DevVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            return run();
        } catch (IOException e) {
            // Who stops it while it starts knows why it did not.
            return isStopping() ? ExitCodes.OK : fail(String.valueOf(e.getMessage()), ExitCodes.ERROR);
        }
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    private int run() throws IOException, InterruptedException {
        String launcher = DevSupport.launcher(context);
        if (nodes < 1 || nodes > 7 || nodes % 2 == 0) {
            return fail("--nodes: 1, 3, 5 or 7", ExitCodes.USAGE);
        }
        if (portBase < 1024 || portBase + nodes * DevLayout.PORTS_PER_NODE > 65_535) {
            return fail(
                    "--port-base: between 1024 and " + (65_535 - nodes * DevLayout.PORTS_PER_NODE), ExitCodes.USAGE);
        }
        DevLayout layout = new DevLayout(DevLayout.home(dir, portBase), portBase, nodes);
        if (!DevLayout.isUsable(layout.dir())) {
            return fail(
                    "a dev cluster cannot live in '" + layout.dir()
                            + "': choose a --dir without blanks, quotes, \\, *, ? and [",
                    ExitCodes.USAGE);
        }
        boolean kept = clearLeftOver(layout);
        keep |= kept;
        Integer taken = DevSupport.takenPort(layout);
        if (taken != null) {
            return fail("port " + taken + " is taken: choose others with --port-base", ExitCodes.ERROR);
        }
        live(layout, launcher, kept);
        return ExitCodes.OK;
    }

    /** From the first file to the last process, until it is interrupted. A cluster that cannot start leaves its logs. */
    private void live(DevLayout layout, String launcher, boolean kept) throws IOException, InterruptedException {
        DevPower power = new DevPower(layout);
        DevNodes processes = new DevNodes(layout, launcher);
        Files.createDirectories(layout.dir());
        try (FileChannel held = FileChannel.open(supervisor(layout.dir()), CREATE, WRITE);
                DevLinks links = new DevLinks(layout)) {
            if (!lock(held)) {
                throw runsAlready(layout.dir());
            }
            // First of all, so that what is left of a start that fails is known for a dev cluster's.
            layout.write();
            CliContext.Registration onInterrupt = context.interrupts().onInterrupt(() -> stop(layout, power));
            try {
                if (begin(layout, links, power, processes, kept)) {
                    announce(layout, DevReady.await(layout, processes::ended));
                    ended.await();
                }
            } finally {
                onInterrupt.close();
                end(power);
            }
        }
    }

    /** Whole, or not at all and false: who stops it meanwhile waits until it is known what there is to stop. */
    private synchronized boolean begin(
            DevLayout layout, DevLinks links, DevPower power, DevNodes processes, boolean kept) throws IOException {
        if (stopping) {
            return false;
        }
        power.install();
        links.open();
        if (!kept) {
            processes.format();
        }
        started = true;
        for (String node : layout.nodeNames()) {
            processes.start(node);
        }
        return true;
    }

    private void announce(DevLayout layout, String summary) {
        context.out().println(summary);
        if (portBase != Endpoint.DEFAULT_PORT) {
            context.out().println("elsewhere: export QUORATE_ENDPOINTS=" + layout.endpoints());
        }
        context.out().println("logs: " + layout.dir() + "/n*/*.log");
        context.out().flush();
    }

    private int fail(String message, int code) {
        context.err().println("error: " + message);
        return code;
    }

    /**
     * A cluster whose supervisor was killed leaves processes and files: they go before a new one comes. What was kept on purpose
     * stays.
     *
     * @return whether the directory holds such a cluster that was kept, to go on with
     */
    private static boolean clearLeftOver(DevLayout layout) throws IOException, InterruptedException {
        Path home = layout.dir();
        if (!DevLayout.isIn(home)) {
            if (Files.exists(home) && !DevSupport.isEmptyBut(home, SUPERVISOR)) {
                throw new IOException(home + " is not empty and holds no dev cluster: choose another --dir");
            }
            return false;
        }
        DevLayout old = DevLayout.read(home);
        try (FileChannel held = FileChannel.open(supervisor(home), CREATE, WRITE)) {
            if (!lock(held)) {
                throw runsAlready(home);
            }
            boolean kept = Files.exists(home.resolve(KEPT));
            if (kept && !old.equals(layout)) {
                throw new IOException(home
                        + " keeps the cluster of another start: go on with it by quorate dev --nodes " + old.nodes()
                        + " --port-base " + old.portBase() + " --dir " + old.dir() + ", or delete it");
            }
            endProcesses(home, old);
            if (!kept) {
                DevSupport.delete(home);
            }
            return kept;
        }
    }

    /**
     * Those of the directory that the cluster was started in. A copy of it names the same one, and that may run: whoever
     * cleared the copy would kill it.
     */
    private static void endProcesses(Path home, DevLayout old) throws IOException, InterruptedException {
        DevPower power = new DevPower(old, home.resolve("fence"));
        power.install();
        if (!DevLayout.isIn(old.dir()) || Files.isSameFile(home, old.dir())) {
            power.allOff();
            return;
        }
        try (FileChannel original = FileChannel.open(supervisor(old.dir()), CREATE, WRITE)) {
            if (!lock(original)) {
                throw new IOException(home + " is a copy of " + old.dir()
                        + ", where a dev cluster runs: choose another --dir, or delete the copy");
            }
            power.allOff();
        }
    }

    /** Locked while a supervisor lives: a lock ends with its process, and unlike a number it is nobody else's later. */
    private static Path supervisor(Path home) {
        return home.resolve(SUPERVISOR);
    }

    private static boolean lock(FileChannel supervisor) throws IOException {
        try {
            return supervisor.tryLock() != null;
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
    }

    private static IOException runsAlready(Path home) {
        return new IOException("a dev cluster runs in " + home + " already: choose another --port-base");
    }

    /** On Ctrl-C. */
    private synchronized void stop(DevLayout layout, DevPower power) {
        stopping = true;
        try {
            if (started) {
                power.allOff();
            }
            if (keep) {
                if (started) {
                    Files.write(layout.dir().resolve(KEPT), new byte[0]);
                }
                context.err().println("stopped; kept: " + layout.dir());
            } else {
                DevSupport.delete(layout.dir());
                context.err().println("stopped; " + layout.dir() + " deleted (--keep keeps it)");
            }
        } catch (IOException e) {
            context.err().println("error: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    /** Nodes do not go on without the supervisor, which is their cables too. */
    private synchronized void end(DevPower power) throws InterruptedException {
        try {
            if (started && !stopping) {
                power.allOff();
            }
        } catch (IOException e) {
            context.err().println("error: " + e.getMessage());
        }
    }
}
