package io.quorate.server.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writing files that survive a power loss. */
final class DurableFiles {

    private DurableFiles() {}

    /** Replaces {@code file} as one step: after a crash it has the old or the new content, never a mixture. */
    static void replace(Path file, byte[] content) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        publish(temporary, file);
    }

    /** Gives the finished and synced {@code temporary} its final name. */
    static void publish(Path temporary, Path file) throws IOException {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        syncParent(file);
    }

    /** Makes the content of a file, or the names in a directory, durable. */
    static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Creates a directory and its parents, durably. */
    static void createDirectories(Path directory) throws IOException {
        Files.createDirectories(directory);
        sync(directory);
        syncParent(directory);
    }

    /** Makes the name of {@code path} durable. */
    static void syncParent(Path path) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) {
            sync(parent);
        }
    }
}
