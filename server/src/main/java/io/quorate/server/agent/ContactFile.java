package io.quorate.server.agent;

import io.quorate.v1.Position;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The end of the lease and the highest position seen, in mapped memory: written at every renewal at no cost, and there for the
 * next process after a kill -9. A crash of the machine may lose the last of it, but then the resources are gone too.
 * Thread-safe.
 */
final class ContactFile {
    private static final int LEASE_END = 0;
    private static final int BOOT = 8;
    private static final int HIGHEST_SEEN = 16;
    private static final int SIZE_BYTES = 24;
    private static final int REVISION_BITS = 48;
    private static final long REVISION_MASK = (1L << REVISION_BITS) - 1;

    private final MappedByteBuffer memory;
    private final long boot;

    /** Opens the file of a data directory; the boot id tells whether the recorded lease is of this boot's clock. */
    ContactFile(Path file, String bootId) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            this.memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE_BYTES);
        }
        this.boot = bootId.hashCode();
    }

    /** End of the last lease on the boot clock; 0 when this boot has had none. */
    synchronized long leaseEndNanos() {
        return memory.getLong(BOOT) == boot ? memory.getLong(LEASE_END) : 0;
    }

    synchronized void leaseEnds(long nanos) {
        memory.putLong(LEASE_END, nanos);
        memory.putLong(BOOT, boot);
    }

    synchronized Position highestSeen() {
        long number = memory.getLong(HIGHEST_SEEN);
        return Position.newBuilder()
                .setGeneration((int) (number >>> REVISION_BITS))
                .setRevision(number & REVISION_MASK)
                .build();
    }

    /** Raises the highest position; a lower one changes nothing. */
    synchronized void saw(Position position) {
        long number = ((long) position.getGeneration() << REVISION_BITS) | (position.getRevision() & REVISION_MASK);
        if (number > memory.getLong(HIGHEST_SEEN)) {
            memory.putLong(HIGHEST_SEEN, number);
        }
    }
}
