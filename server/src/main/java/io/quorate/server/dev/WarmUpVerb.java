package io.quorate.server.dev;

import io.quorate.client.QuorateClient;
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
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code quorate dev warm-up}: two servers and two agents in this process, until they have met and a service has failed over.
 * The launcher runs it once, to archive the classes that a server and an agent load, so that their later starts and the
 * first failover map them instead of parsing jars. Two, because a server alone never talks to another one.
 */
@Command(description = "Start servers and agents, let a service fail over, and end; the launcher uses it.")
public final class WarmUpVerb implements Callable<Integer> {
    private static final List<String> NODES = List.of("n1", "n2");
    private static final int LAST_BASE = 65_535 - NODES.size() * DevLayout.PORTS_PER_NODE;
    private static final Duration STARTED_WITHIN = Duration.ofSeconds(30);

    @Option(names = "--verb", description = "What a verb needs instead")
    private boolean verb;

    private final CliContext context;
    private final List<Thread> agents = new ArrayList<>();

    public WarmUpVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws InterruptedException {
        Path dir = null;
        try {
            if (verb) {
                return VerbWarmUp.run(context);
            }
            dir = Files.createTempDirectory("quorate-warm-up-");
            knowNames(dir);
            return run(onFreePorts(dir));
        } catch (IOException e) {
            context.err().println("error: " + e.getMessage());
            return ExitCodes.ERROR;
        } finally {
            if (dir != null) {
                DevSupport.deleteAtExit(dir, agents);
            }
        }
    }

    /** Before anything of the network is touched: the JDK looks where its hosts file is once, when it loads addresses. */
    private static void knowNames(Path dir) throws IOException {
        Path hosts = dir.resolve("hosts");
        List<String> lines = new ArrayList<>(List.of("127.0.0.1 localhost"));
        for (String node : NODES) {
            lines.add("127.0.0.1 " + DevLinks.name(node));
        }
        Files.write(hosts, lines);
        System.setProperty("jdk.net.hosts.file", hosts.toString());
    }

    private int run(DevLayout layout) throws IOException, InterruptedException {
        DevNodes nodes = new DevNodes(layout, DevSupport.launcher(context));
        // Before the agents look: a type that no node has is refused.
        DevPower power = new DevPower(layout);
        power.install();
        Path resourceAgents = Rehearsal.installAgent(layout.dir());
        nodes.format();
        // At once: each waits until it has met the other.
        List<CompletableFuture<ServerProcess>> starting =
                NODES.stream().map(node -> starting(layout, node)).toList();
        try (ServerProcess one = started(starting.get(0));
                ServerProcess two = started(starting.get(1))) {
            for (String node : NODES) {
                Files.writeString(
                        nodes.writeAgentConfig(node),
                        "ocfRoot: \"" + resourceAgents + "\"\n",
                        StandardOpenOption.APPEND);
                Thread agent = new Thread(() -> runAgent(layout, node), "warm-up-agent-" + node);
                agent.setDaemon(true);
                agent.start();
                agents.add(agent);
            }
            context.out()
                    .println(
                            one.memberId() + " and " + two.memberId() + ": " + DevReady.await(layout, Optional::empty));
            try (QuorateClient client = DevReady.client(layout)) {
                new Rehearsal(layout, client).run(agents.get(0));
            } finally {
                power.allOff();
            }
        }
        return ExitCodes.OK;
    }

    private CompletableFuture<ServerProcess> starting(DevLayout layout, String node) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return server(layout, node);
            } catch (IOException | StartRefusedException e) {
                throw new CompletionException(e);
            }
        });
    }

    private static ServerProcess started(CompletableFuture<ServerProcess> starting)
            throws IOException, InterruptedException {
        try {
            return starting.get(STARTED_WITHIN.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("a server does not start: " + e, e);
        }
    }

    private ServerProcess server(DevLayout layout, String node) throws IOException, StartRefusedException {
        ServerConfig config = new ServerConfig(
                node,
                layout.nodeDir(node).resolve("server"),
                ServerConfig.LOOPBACK,
                layout.apiPort(node),
                layout.raftPort(node),
                layout.nodePort(node),
                ServerConfig.LOOPBACK,
                layout.apiPort(node) + 1,
                Optional.empty(),
                ServerConfig.DEFAULT_ELECTION_MIN,
                ServerConfig.DEFAULT_ELECTION_MAX);
        return ServerProcess.start(config, (words, cause) -> context.err().println(words));
    }

    private void runAgent(DevLayout layout, String node) {
        try {
            int unused = AgentMain.run(
                    AgentConfigFile.read(layout.nodeDir(node).resolve("agent.yaml"))
                            .toConfig(AgentConfigFile.Flags.none()),
                    Optional::empty);
        } catch (IOException e) {
            context.err().println("error: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A layout whose ports are free now. */
    private static DevLayout onFreePorts(Path dir) throws IOException {
        for (int attempt = 0; attempt < 50; attempt++) {
            DevLayout layout;
            try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                layout = new DevLayout(dir, Math.min(any.getLocalPort(), LAST_BASE), NODES.size());
            }
            if (DevSupport.takenPort(layout) == null) {
                return layout;
            }
        }
        throw new IOException("no ports for " + NODES.size() + " nodes are free on loopback");
    }
}
