package io.quorate.server.dev;

import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.server.ServerProcess;
import io.quorate.server.agent.AgentMain;
import io.quorate.server.config.AgentConfigFile;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.raft.StartRefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code quorate dev warm-up}: a server and an agent in this process, until they have met. The launcher runs it once, to
 * archive the classes that a server and an agent load, so that their later starts map them instead of parsing jars.
 */
@Command(description = "Start a server and an agent until they have met, and end; the launcher uses it.")
public final class WarmUpVerb implements Callable<Integer> {
    private static final String NODE = "n1";

    private final CliContext context;
    private Thread agent = new Thread("no agent yet");

    public WarmUpVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        Path dir = null;
        try {
            dir = Files.createTempDirectory("quorate-warm-up-");
            knowNames(dir);
            return run(new DevLayout(dir, freePorts(), 1));
        } catch (IOException | StartRefusedException e) {
            context.err().println("error: " + e.getMessage());
            return ExitCodes.ERROR;
        } finally {
            if (dir != null) {
                DevSupport.deleteAtExit(dir, agent);
            }
        }
    }

    /** Before anything of the network is touched: the JDK looks where its hosts file is once, when it loads addresses. */
    private static void knowNames(Path dir) throws IOException {
        Path hosts = dir.resolve("hosts");
        Files.writeString(hosts, "127.0.0.1 localhost " + DevLinks.name(NODE) + "\n");
        System.setProperty("jdk.net.hosts.file", hosts.toString());
    }

    private int run(DevLayout layout) throws IOException, StartRefusedException, InterruptedException {
        DevNodes nodes = new DevNodes(layout, DevSupport.launcher(context));
        // Before the agent looks: a type that no node has is refused.
        new DevPower(layout).install();
        nodes.format();
        nodes.writeAgentConfig(NODE);
        ServerConfig config = new ServerConfig(
                NODE,
                layout.nodeDir(NODE).resolve("server"),
                ServerConfig.LOOPBACK,
                layout.apiPort(NODE),
                layout.raftPort(NODE),
                layout.nodePort(NODE),
                ServerConfig.LOOPBACK,
                layout.apiPort(NODE) + 1,
                Optional.empty(),
                ServerConfig.DEFAULT_ELECTION_MIN,
                ServerConfig.DEFAULT_ELECTION_MAX);
        try (ServerProcess server =
                ServerProcess.start(config, (words, cause) -> context.err().println(words))) {
            agent = new Thread(() -> runAgent(layout), "warm-up-agent");
            agent.setDaemon(true);
            agent.start();
            context.out().println(server.memberId() + ": " + DevReady.await(layout, Optional::empty));
        }
        return ExitCodes.OK;
    }

    private void runAgent(DevLayout layout) {
        try {
            int unused = AgentMain.run(
                    AgentConfigFile.read(layout.nodeDir(NODE).resolve("agent.yaml"))
                            .toConfig(AgentConfigFile.Flags.none()),
                    Optional::empty);
        } catch (IOException e) {
            context.err().println("error: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The first of four neighbouring ports that are free now. */
    private static int freePorts() throws IOException {
        for (int attempt = 0; attempt < 50; attempt++) {
            List<ServerSocket> held = new ArrayList<>();
            try {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
                int first = held.get(0).getLocalPort();
                for (int i = 1; i < DevLayout.PORTS_PER_NODE && first < 65_000; i++) {
                    held.add(new ServerSocket(first + i, 1, InetAddress.getLoopbackAddress()));
                }
                if (held.size() == DevLayout.PORTS_PER_NODE) {
                    return first;
                }
            } catch (java.net.BindException e) {
                // Somebody has one of them: try others.
            } finally {
                for (ServerSocket socket : held) {
                    socket.close();
                }
            }
        }
        throw new IOException("no " + DevLayout.PORTS_PER_NODE + " neighbouring ports are free on loopback");
    }
}
