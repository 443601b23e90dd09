package io.quorate.server.raft;

import io.quorate.server.raft.StartRefusedException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process at a time works on a data directory: a second one would change what the first one relies on. A server holds
 * the lock from before it reads anything there until it has stopped, formatting holds it, too, and tools that only read the
 * identity do without. The operating system releases it with the process; the file stays. Thread-safe.
 */
public final class DirectoryLock implements AutoCloseable {

    static final String FILE = "lock";

    private static final Logger log = LoggerFactory.getLogger(DirectoryLock.class);

    /**
     * Whose locks this process holds. A process loses its lock when it closes any descriptor of the file: it must not open
     * the file a second time.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel channel;

    private DirectoryLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /** Takes the lock of a member's directory; one that is not formatted is refused and left as it is. */
    public static DirectoryLock take(Path directory) throws StartRefusedException {
        if (!DataDirectory.isFormatted(directory)) {
            throw DataDirectory.notInitialized(directory);
        }
        try {
            return tryTake(directory).orElseThrow(() -> inUse(directory));
        } catch (IOException e) {
            throw new StartRefusedException(Reason.IO, DataDirectory.cannotWrite(directory.resolve(FILE), e), e);
        }
    }

    private static StartRefusedException inUse(Path directory) {
        return new StartRefusedException(
                Reason.DIRECTORY_IN_USE,
                "Another process runs on this directory: " + directory + ". It works there alone: end that process"
                        + " first, or give this server its own directory (--data).");
    }

    /** Refuses a directory that a process works on, so that nobody is told to move it away. */
    public static void requireFree(Path directory) throws StartRefusedException {
        boolean free;
        try {
            Optional<DirectoryLock> taken = tryTake(directory);
            taken.ifPresent(DirectoryLock::close);
            free = taken.isPresent();
        } catch (IOException e) {
            log.debug("Whether {} is in use cannot be told", directory, e);
            return;
        }
        if (!free) {
            throw inUse(directory);
        }
    }

    /** Empty when somebody has it. The directory must exist. */
    static Optional<DirectoryLock> tryTake(Path directory) throws IOException {
        Path real = directory.toRealPath();
        if (!HELD.add(real)) {
            return Optional.empty();
        }
        Optional<DirectoryLock> taken = Optional.empty();
        try {
            taken = lock(real);
        } finally {
            if (taken.isEmpty()) {
                HELD.remove(real);
            }
        }
        return taken;
    }

    private static Optional<DirectoryLock> lock(Path real) throws IOException {
        FileChannel channel = FileChannel.open(real.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        return lock == null ? Optional.empty() : Optional.of(new DirectoryLock(real, channel));
    }

    /** Releases it. */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the lock of " + directory + " could not be released", e);
        } finally {
            HELD.remove(directory);
        }
    }
}
