package io.quorate.server.dev;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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

    /** The directory of the cluster with this port base, when nobody chose another one. */
    static Path defaultDir(int portBase) {
        return Path.of(System.getProperty("java.io.tmpdir"))
                .resolve("quorate-dev-" + System.getProperty("user.name") + "-" + portBase);
    }

    /** The layout of a running cluster, or of one that was left over. */
    static DevLayout read(Path dir) throws IOException {
        Path file = dir.resolve("cluster");
        if (!Files.exists(file)) {
            throw new IOException(
                    "no dev cluster in " + dir + ": start one with: quorate dev (--port-base chooses it)");
        }
        List<String> lines = Files.readAllLines(file);
        return new DevLayout(dir, Integer.parseInt(lines.get(0)), Integer.parseInt(lines.get(1)));
    }

    void write() throws IOException {
        Files.write(dir.resolve("cluster"), List.of(Integer.toString(portBase), Integer.toString(nodes)));
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

    Path fenceDir() {
        return dir.resolve("fence");
    }
}
