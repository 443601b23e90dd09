package io.quorate.server.dev;

import io.quorate.client.BuildVersion;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.ClusterBootstrap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Formats the nodes of a dev cluster and starts their processes: a server and an agent each. Not safe for use by several
 * threads.
 */
final class DevNodes {
    private static final String LOOPBACK = "127.0.0.1";

    private final DevLayout layout;
    private final String launcher;
    private final List<Started> started = new ArrayList<>();

    private record Started(String node, String role, Path log, Process process) {}

    /**
     * @param launcher the {@code quorate} script that started this process
     */
    DevNodes(DevLayout layout, String launcher) {
        this.layout = layout;
        this.launcher = launcher;
    }

    /** Fresh data directories for all voters of one new cluster. */
    void format() throws IOException {
        String clusterId = ClusterBootstrap.newClusterId();
        List<VoterRow> voters = new ArrayList<>();
        for (String node : layout.nodeNames()) {
            voters.add(VoterRow.newBuilder()
                    .setId(node + "-dev" + node.substring(1))
                    .setName(node)
                    .setApiEndpoint(LOOPBACK + ":" + layout.apiPort(node))
                    .setRaftEndpoint(DevLinks.name(node) + ":" + layout.raftPort(node))
                    .setNodeEndpoint(DevLinks.name(node) + ":" + layout.nodePort(node))
                    .setLevelMin(1)
                    .setLevelMax(1)
                    .setVersion(BuildVersion.current())
                    .build());
        }
        for (VoterRow voter : voters) {
            Path dir = layout.nodeDir(voter.getName());
            Files.createDirectories(dir);
            ClusterBootstrap.format(
                    dir.resolve("server"),
                    voters,
                    clusterId,
                    "dev",
                    1,
                    voter.getId(),
                    Optional.empty(),
                    BuildVersion.current());
        }
    }

    /** Switches a node on: a boot of its own, a server and an agent. */
    void start(String node) throws IOException {
        writeAgentConfig(node);
        spawn(
                node,
                "server",
                List.of(
                        "--node",
                        node,
                        "--data",
                        layout.nodeDir(node).resolve("server").toString(),
                        "--listen",
                        LOOPBACK,
                        "--api-port",
                        Integer.toString(layout.apiPort(node))));
        spawn(
                node,
                "agent",
                List.of("--config", layout.nodeDir(node).resolve("agent.yaml").toString()));
    }

    /** The agent's configuration, with a boot of its own: dev nodes share a kernel. Gives the file. */
    Path writeAgentConfig(String node) throws IOException {
        List<String> yaml = new ArrayList<>(List.of(
                "node: " + node,
                "data: \"" + layout.agentData(node) + "\"",
                "machine: {id: \"dev-" + node + "\", bootId: \"" + UUID.randomUUID() + "\"}",
                "fenceAgents: \"" + layout.fenceDir() + "\"",
                "cgroups: false",
                "path: [\"" + Path.of(launcher).toAbsolutePath().getParent() + "\"]",
                "environment: {" + DevPower.VARIABLE + ": \"" + DevPower.marker(layout, node) + "\"}",
                "servers:"));
        layout.nodeNames()
                .forEach(name -> yaml.add("  - \"" + DevLinks.name(name) + ":" + layout.nodePort(name) + "\""));
        return Files.write(layout.nodeDir(node).resolve("agent.yaml"), yaml);
    }

    /** What has ended by itself of all that was started here, and where it tells why; for a cluster that is to come up. */
    Optional<String> ended() {
        return started.stream()
                .filter(one -> !one.process().isAlive())
                .map(one -> "the " + one.role() + " of " + one.node() + " ended with exit code "
                        + one.process().exitValue() + lastWords(one.log()) + " · see " + one.log())
                .findFirst();
    }

    private static String lastWords(Path log) {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> !line.isBlank())
                    .reduce((before, last) -> last)
                    .map(last -> ": " + last.strip())
                    .orElse("");
        } catch (IOException | UncheckedIOException unreadable) {
            return "";
        }
    }

    /** In a session of its own, so that Ctrl-C at the terminal reaches the supervisor alone. */
    private void spawn(String node, String role, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid", launcher, role));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put(DevPower.VARIABLE, DevPower.marker(layout, node));
        // Six processes on a person's machine: what starts fast matters more than what runs fastest.
        String options = "-XX:TieredStopAtLevel=1 -Djdk.net.hosts.file=" + DevLinks.hosts(layout, node);
        builder.environment().merge("QUORATE_JAVA_OPTS", options, (own, quick) -> quick + " " + own);
        builder.redirectErrorStream(true);
        Path log = layout.nodeDir(node).resolve(role + ".log");
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        started.add(new Started(node, role, log, builder.start()));
    }
}
