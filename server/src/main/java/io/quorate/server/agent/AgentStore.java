package io.quorate.server.agent;

import io.quorate.agent.v1.StoredAgent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the agent keeps on disk, whole, in one checksummed file that is replaced atomically. A file that cannot be read is a
 * refusal: starting over would forget what runs here. One process at a time holds the directory. Not thread-safe.
 */
final class AgentStore implements AutoCloseable {
    private static final int MAGIC = 0x51414731;
    private static final int HEADER_BYTES = 16;

    private final Path directory;
    private final Path file;
    private final FileChannel lockFile;
    private final FileLock lock;

    private AgentStore(Path directory, FileChannel lockFile, FileLock lock) {
        this.directory = directory;
        this.file = directory.resolve("agent.state");
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /** Opens the directory, made with mode 0700 if it is missing. */
    static AgentStore open(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        FileChannel lockFile =
                FileChannel.open(directory.resolve("agent.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        @Nullable FileLock lock = tryLock(lockFile);
        if (lock == null) {
            lockFile.close();
            throw new IOException("another agent uses " + directory + "; stop it, or give this one its own --data");
        }
        return new AgentStore(directory, lockFile, lock);
    }

    private static @Nullable FileLock tryLock(FileChannel lockFile) throws IOException {
        try {
            return lockFile.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    /** What was saved last; empty in a new directory. */
    Optional<StoredAgent> load() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        if (bytes.remaining() < HEADER_BYTES || bytes.getInt() != MAGIC) {
            throw corrupted("it does not begin like one");
        }
        int length = bytes.getInt();
        long checksum = bytes.getLong();
        if (length != bytes.remaining()) {
            throw corrupted("it is " + bytes.remaining() + " bytes long instead of " + length);
        }
        byte[] content = new byte[length];
        bytes.get(content);
        if (checksum(content) != checksum) {
            throw corrupted("its checksum is wrong");
        }
        return Optional.of(StoredAgent.parseFrom(content));
    }

    private IOException corrupted(String what) {
        return new IOException(file + " is not a usable agent state: " + what
                + ". It says what this agent started; do not start without it while resources may run here. "
                + "When nothing of this node runs any more (or after a reboot), move the file away and start again.");
    }

    /** Durable when it returns. */
    void save(StoredAgent state) throws IOException {
        byte[] content = state.toByteArray();
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + content.length)
                .putInt(MAGIC)
                .putInt(content.length)
                .putLong(checksum(content))
                .put(content)
                .flip();
        Path temporary = directory.resolve("agent.state.new");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel parent = FileChannel.open(directory, StandardOpenOption.READ)) {
            parent.force(true);
        }
    }

    private static long checksum(byte[] content) {
        CRC32C checksum = new CRC32C();
        checksum.update(content);
        return checksum.getValue();
    }

    @Override
    public void close() throws IOException {
        lock.release();
        lockFile.close();
    }
}
