package io.quorate.server.dev;

import io.quorate.client.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a dev cluster lives: its directory, its nodes and their ports. Each node has ten ports from the base on: API,
 * HTTP, Raft, node plane.
 *
 * @param dir holds everything, logs too; named after the port base, so that two clusters do not meet
 * @param portBase API port of n1
 * @param nodes how many, n1 first
 */
record DevLayout(Path dir, int portBase, int nodes) {
    static final int PORTS_PER_NODE = 10;
    private static final int PORTS_USED = 4;
    private static final Pattern NO_WORD = Pattern.compile("[\\s*?\\[\"\\\\]");

    /** The directory of the cluster with this port base, when nobody chose another one. */
    private static Path defaultDir(int portBase) {
        return Path.of(System.getProperty("java.io.tmpdir"))
                .resolve("quorate-dev-" + System.getProperty("user.name") + "-" + portBase);
    }

    /** Where the cluster lives that is meant by {@code --dir}, or by {@code --port-base} when that was not given. */
    static Path home(@Nullable Path dir, int portBase) {
        return dir == null ? defaultDir(portBase) : dir.toAbsolutePath().normalize();
    }

    /** Whether nodes can live there: its name is a word among others in what the launcher gives to the JVM. */
    static boolean isUsable(Path dir) {
        return !NO_WORD.matcher(dir.toString()).find();
    }

    static boolean isIn(Path dir) {
        return Files.exists(file(dir));
    }

    /**
     * The layout of a running cluster, or of one that was left over. Its directory is the one that it was started with:
     * the nodes' processes carry that name, whatever path leads there now.
     */
    static DevLayout read(Path dir) throws IOException {
        if (!isIn(dir)) {
            throw new IOException(
                    "no dev cluster in " + dir + ": name the one that is meant with --dir DIR or --port-base PORT,"
                            + " or start one with: quorate dev");
        }
        List<String> lines = Files.readAllLines(file(dir));
        try {
            return new DevLayout(Path.of(lines.get(2)), Integer.parseInt(lines.get(0)), Integer.parseInt(lines.get(1)));
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IOException(file(dir) + " is damaged: delete " + dir + " if no dev cluster runs there", e);
        }
    }

    void write() throws IOException {
        Files.write(file(dir), List.of(Integer.toString(portBase), Integer.toString(nodes), dir.toString()));
    }

    private static Path file(Path dir) {
        return dir.resolve("cluster");
    }

    List<String> nodeNames() {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= nodes; i++) {
            names.add("n" + i);
        }
        return names;
    }

    /** Throws when the cluster has no node of that name. */
    String checkNode(String name) throws IOException {
        if (!nodeNames().contains(name)) {
            throw new IOException("no node " + name + " in this dev cluster: it has " + String.join(", ", nodeNames()));
        }
        return name;
    }

    /** 1 of n1. */
    static int number(String node) {
        return Integer.parseInt(node.substring(1));
    }

    int apiPort(String node) {
        return portBase + (number(node) - 1) * PORTS_PER_NODE;
    }

    String apiEndpoint(String node) {
        return "127.0.0.1:" + apiPort(node);
    }

    /** For hints: the command that shows this cluster, wherever it is. */
    String statusCommand() {
        return portBase == Endpoint.DEFAULT_PORT ? "quorate status" : "quorate status --endpoints " + endpoints();
    }

    String endpoints() {
        return nodeNames().stream().map(this::apiEndpoint).collect(Collectors.joining(","));
    }

    int nodePort(String node) {
        return apiPort(node) + 3;
    }

    int raftPort(String node) {
        return apiPort(node) + 2;
    }

    /** Every port that the cluster listens on. */
    List<Integer> ports() {
        List<Integer> ports = new ArrayList<>();
        for (String node : nodeNames()) {
            for (int i = 0; i < PORTS_USED; i++) {
                ports.add(apiPort(node) + i);
            }
        }
        return ports;
    }

    Path nodeDir(String node) {
        return dir.resolve(node);
    }

    Path agentData(String node) {
        return nodeDir(node).resolve("agent");
    }

    Path fenceDir() {
        return dir.resolve("fence");
    }
}
