package io.quorate.e2e.dev;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Commands.Result;
import io.quorate.e2e.lab.LabException;
import io.quorate.v1.Event;
import io.quorate.v1.GetOwnerResponse;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.ListEventsResponse;
import io.quorate.v1.NodePhase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A cluster of {@code quorate dev}, used as its help and its own words say. */
final class Dev implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final String ENDPOINTS = "QUORATE_ENDPOINTS=";
    private static final int PORTS = 100;

    private final Product product;
    private final Path dir;
    private final int portBase;
    private final int nodes;
    private final Path output;
    private final Process process;

    private Dev(Product product, Path dir, int portBase, int nodes, Path output, Process process) {
        this.product = product;
        this.dir = dir;
        this.portBase = portBase;
        this.nodes = nodes;
        this.output = output;
        this.process = process;
    }

    /** Starts one; it is not ready yet. */
    static Dev start(Product product, Path dir, int portBase, int nodes, String... more) throws IOException {
        Path output = Files.createTempFile(dir.getParent(), "dev-", ".out");
        List<String> words = new ArrayList<>(List.of(
                "dev",
                "--nodes",
                Integer.toString(nodes),
                "--port-base",
                Integer.toString(portBase),
                "--dir",
                dir.toString()));
        words.addAll(List.of(more));
        Process process = product.start(output, words.toArray(String[]::new));
        return new Dev(product, dir, portBase, nodes, output, process);
    }

    /** The first of a hundred ports that nobody has now, below those that the system gives out by itself. */
    static int freePorts() throws IOException {
        for (int base = 13_000; base < 30_000; base += PORTS) {
            if (areFree(base)) {
                return base;
            }
        }
        throw new IOException("no range of " + PORTS + " free ports");
    }

    private static boolean areFree(int base) {
        for (int port = base; port < base + PORTS; port++) {
            try {
                new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
            } catch (IOException taken) {
                return false;
            }
        }
        return true;
    }

    /** Waits until it says that it is ready, which ends with where its logs are. */
    Dev awaitReady() {
        Await.until(
                () -> "dev is ready, it says: " + output(),
                PATIENCE,
                () -> output().contains("logs: " + dir + "/n*/*.log") || !process.isAlive());
        if (!process.isAlive()) {
            throw new LabException("dev ended with " + process.exitValue() + ": " + output());
        }
        return this;
    }

    /** All that it has said so far. */
    String output() {
        return read(output);
    }

    static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException gone) {
            return "";
        }
    }

    /** {@code quorate WORDS…} with the endpoints that it told; the command must end with 0. */
    Result must(String... words) {
        Result result = product.run(List.of(endpoints()), words);
        if (!result.ok()) {
            throw new LabException(result.describe());
        }
        return result;
    }

    private String endpoints() {
        String said = output();
        int from = said.indexOf(ENDPOINTS);
        return said.substring(from, said.indexOf('\n', from));
    }

    /** {@code quorate dev VERB NODE}; gives what it said. */
    String does(String verb, String node) {
        Result result = product.run(
                List.of(), "dev", verb, node, "--port-base", Integer.toString(portBase), "--dir", dir.toString());
        if (!result.ok()) {
            throw new LabException(result.describe());
        }
        return result.output();
    }

    void apply(String manifest) throws IOException {
        Path file = Files.writeString(output.resolveSibling("applied.yaml"), manifest);
        must("apply", "-f", file.toString(), "--reason", "a test of dev");
    }

    /** Waits until every node is up. */
    void awaitAllUp() {
        String[] last = {""};
        Await.until(() -> "all nodes are up: " + last[0], PATIENCE, () -> {
            Result result = product.run(List.of(endpoints()), "status", "-o", "json");
            last[0] = result.ok() ? result.output().replaceAll("\\s+", " ") : result.describe();
            return result.ok()
                    && parse(result, GetStatusResponse.newBuilder()).getNodesList().stream()
                                    .filter(node -> node.getPhase() == NodePhase.NODE_PHASE_UP)
                                    .count()
                            == nodes;
        });
    }

    String owner(String service) {
        Result result = must("owner", service, "-o", "json");
        return parse(result, GetOwnerResponse.newBuilder()).getOwner().getNode();
    }

    List<Event> history(String object) {
        Result result = must("history", object, "-o", "json");
        return parse(result, ListEventsResponse.newBuilder()).getEventsList();
    }

    private static <B extends Message.Builder> B parse(Result result, B builder) {
        try {
            JsonFormat.parser().ignoringUnknownFields().merge(result.output(), builder);
            return builder;
        } catch (InvalidProtocolBufferException e) {
            throw new LabException("not the JSON of the API: " + result.describe(), e);
        }
    }

    /** Sends it a signal, as in INT, and waits for its end. */
    void signal(String name) {
        Commands.must("kill", "-" + name, Long.toString(process.pid()));
        Await.until(() -> "dev ended: " + output(), PATIENCE, () -> !process.isAlive());
    }

    /** Whatever lives and carries its directory in its environment or on its command line: nodes, services, itself. */
    List<String> processes() {
        return processes(dir.toString());
    }

    /** Living processes with this text in their environment or on their command line, as in "812: sleep 1000". */
    static List<String> processes(String text) {
        List<String> found = new ArrayList<>();
        try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path one : all) {
                String command = read(one.resolve("cmdline")).replace('\0', ' ');
                if (command.contains(text) || read(one.resolve("environ")).contains(text)) {
                    found.add(one.getFileName() + ": " + command);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /** Ends it, whatever became of it. */
    @Override
    public void close() {
        if (process.isAlive()) {
            signal("INT");
        }
    }
}
