package io.quorate.server.dev;

import io.quorate.client.cli.CliContext;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the verbs of dev share. */
final class DevSupport {
    private static final Duration WRITER_ENDS_WITHIN = Duration.ofSeconds(5);

    private DevSupport() {}

    /** The launcher script, which tells its own path to what it starts. */
    static String launcher(CliContext context) throws IOException {
        String launcher = context.environment().get("QUORATE_LAUNCHER");
        if (launcher == null || !Files.isExecutable(Path.of(launcher))) {
            throw new IOException("dev is started by the launcher script: ./quorate dev");
        }
        return launcher;
    }

    /** Whether nothing is in a directory, or only a file of that name. */
    static boolean isEmptyBut(Path dir, String name) throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.allMatch(file -> file.endsWith(name));
        }
    }

    static void delete(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Deletes at the end of this process, after threads that write there and end then too. */
    static void deleteAtExit(Path root, List<Thread> writers) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                for (Thread writer : writers) {
                    writer.join(WRITER_ENDS_WITHIN.toMillis());
                }
                delete(root);
            } catch (IOException left) {
                // A temporary directory: what is left is the system's to clear.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    /** A port of the layout that somebody listens on; null when all are free. */
    static @Nullable Integer takenPort(DevLayout layout) throws IOException {
        for (int port : layout.ports()) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            } catch (BindException e) {
                return port;
            }
        }
        return null;
    }
}
