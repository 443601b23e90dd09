package io.quorate.server.dev;

import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
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
    private final CliContext context;
    private final CountDownLatch ended = new CountDownLatch(1);

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

    @Option(names = "--keep", description = "Leave data and logs when it ends")
    private boolean keep;

    public DevVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            return run();
        } catch (IOException e) {
            return fail(String.valueOf(e.getMessage()), ExitCodes.ERROR);
        }
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
        Path home = dir == null ? DevLayout.defaultDir(portBase) : dir.toAbsolutePath();
        DevLayout layout = new DevLayout(home, portBase, nodes);
        DevPower power = new DevPower(layout);
        clearLeftOver(home);
        Integer taken = takenPort(layout);
        if (taken != null) {
            return fail("port " + taken + " is taken: choose others with --port-base", ExitCodes.ERROR);
        }
        Files.createDirectories(home);
        CliContext.Registration onInterrupt = context.interrupts().onInterrupt(() -> stop(layout, power));
        DevLinks links = DevLinks.open(layout);
        try {
            layout.write();
            Files.writeString(
                    home.resolve("supervisor"),
                    Long.toString(ProcessHandle.current().pid()));
            power.install();
            DevNodes processes = new DevNodes(layout, launcher);
            processes.format();
            for (String node : layout.nodeNames()) {
                processes.start(node);
            }
            String summary = DevReady.await(layout);
            context.out().println(summary);
            context.out().println("logs: " + home + "/n*/*.log");
            context.out().flush();
            ended.await();
        } finally {
            links.close();
            onInterrupt.close();
        }
        return ExitCodes.OK;
    }

    private int fail(String message, int code) {
        context.err().println("error: " + message);
        return code;
    }

    /** A cluster whose supervisor was killed leaves processes and files: they go before a new one comes. */
    private static void clearLeftOver(Path home) throws IOException, InterruptedException {
        if (!Files.exists(home.resolve("cluster"))) {
            if (Files.exists(home) && !DevSupport.isEmpty(home)) {
                throw new IOException(home + " is not empty and holds no dev cluster: choose another --dir");
            }
            return;
        }
        Path supervisor = home.resolve("supervisor");
        boolean alive = Files.exists(supervisor)
                && ProcessHandle.of(Long.parseLong(Files.readString(supervisor).strip()))
                        .filter(ProcessHandle::isAlive)
                        .isPresent();
        if (alive) {
            throw new IOException("a dev cluster runs in " + home + " already: choose another --port-base");
        }
        DevLayout old = DevLayout.read(home);
        DevPower power = new DevPower(old);
        power.install();
        for (String node : old.nodeNames()) {
            power.off(node);
        }
        DevSupport.delete(home);
    }

    private static @Nullable Integer takenPort(DevLayout layout) throws IOException {
        for (int port : layout.ports()) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            } catch (java.net.BindException e) {
                return port;
            }
        }
        return null;
    }

    private void stop(DevLayout layout, DevPower power) {
        try {
            for (String node : layout.nodeNames()) {
                power.off(node);
            }
            Files.deleteIfExists(layout.dir().resolve("supervisor"));
            if (keep) {
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
}
