package io.quorate.server.agent;

import io.quorate.v1.OperationResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The last outcomes of each resource's operations, with the tail of their output, for {@code quorate logs}. Outcomes that
 * say the same as the one before are left out. Thread-safe.
 */
final class LogRing {
    private static final int KEPT = 20;

    private final Path directory;

    LogRing(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
    }

    /** Adds one outcome; a monitor that repeats the last one is not kept. */
    synchronized void add(String resource, OperationResult result) throws IOException {
        Path file = directory.resolve(resource + "." + result.getOperation());
        Deque<OperationResult> kept = new ArrayDeque<>(read(file));
        OperationResult last = kept.peekLast();
        if (result.getOperation().equals("monitor")
                && last != null
                && last.getExitCode() == result.getExitCode()
                && last.getExitReason().equals(result.getExitReason())) {
            return;
        }
        kept.addLast(result);
        while (kept.size() > KEPT) {
            kept.removeFirst();
        }
        Path temporary = directory.resolve(file.getFileName() + ".new");
        try (OutputStream output = Files.newOutputStream(temporary)) {
            for (OperationResult each : kept) {
                each.writeDelimitedTo(output);
            }
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Outcomes of one operation, or of all when it is empty, oldest first for each operation. */
    synchronized List<OperationResult> of(String resource, String operation) throws IOException {
        List<OperationResult> results = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                int dot = name.lastIndexOf('.');
                if (dot > 0
                        && name.substring(0, dot).equals(resource)
                        && (operation.isEmpty() || name.substring(dot + 1).equals(operation))) {
                    results.addAll(read(file));
                }
            }
        }
        return results;
    }

    private static List<OperationResult> read(Path file) throws IOException {
        List<OperationResult> results = new ArrayList<>();
        if (Files.exists(file)) {
            try (InputStream input = Files.newInputStream(file)) {
                for (OperationResult each = OperationResult.parseDelimitedFrom(input);
                        each != null;
                        each = OperationResult.parseDelimitedFrom(input)) {
                    results.add(each);
                }
            }
        }
        return results;
    }
}
