package io.quorate.jepsen.real;

import io.quorate.e2e.CheckFailedException;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Keeps what explains a failure. */
final class Evidence {
    private final Cluster cluster;
    private final Path root;

    Evidence(Cluster cluster, Path root) {
        this.cluster = cluster;
        this.root = root;
    }

    Cluster cluster() {
        return cluster;
    }

    /**
     * Copies logs, and what was seen.
     *
     * @param seen directory of what was seen in the run
     */
    void keep(String name, List<String> reasons, Path seen) throws IOException {
        Path folder = Files.createDirectories(root.resolve(name));
        Files.write(folder.resolve("reasons.txt"), reasons);
        Files.writeString(folder.resolve("status.txt"), ask("status"));
        Files.writeString(folder.resolve("events.txt"), ask("events", "--limit", "400"));
        copyAll(seen, folder);
        Lab lab = cluster.lab();
        for (Host host : lab.hosts()) {
            for (String service : List.of("init", "server", "agent", "watcher")) {
                copy(host.log(service), folder.resolve(host.name() + "-" + service + ".log"));
            }
            for (String sight : lab.sights()) {
                copy(lab.file(sight).resolve(host.name() + ".log"), folder.resolve(host.name() + "-" + sight + ".log"));
            }
        }
        copy(LoadProcess.log(lab), folder.resolve("load-errors.log"));
        copy(lab.file("client.log"), folder.resolve("client.log"));
        System.out.println("  logs: " + folder);
    }

    private String ask(String... words) {
        try {
            return cluster.quorate(words).describe() + "\n";
        } catch (LabException | CheckFailedException e) {
            return e.getMessage() + "\n";
        }
    }

    private static void copyAll(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(from)) {
            for (Path file : files) {
                copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        if (Files.exists(from)) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
