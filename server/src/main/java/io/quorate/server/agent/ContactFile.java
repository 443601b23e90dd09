package io.quorate.server.agent;

import io.quorate.v1.Position;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the lease and the highest position seen, in mapped memory: written at every renewal at no cost, and there for the
 * next process after a kill -9. A crash of the machine may lose the last of it, but then the resources are gone too.
 *
 * <p>A wrong position would halt the leader that is shown it (HistoryBack), so only what is whole is believed. Two records,
 * written in turn, each with its checksum: a process that is killed in the middle of one leaves the other. Thread-safe.
 */
final class ContactFile {
    private static final Logger LOG = LoggerFactory.getLogger(ContactFile.class);
    private static final int RECORD_BYTES = 40;
    private static final int CHECKED_BYTES = 32;
    private static final int SIZE_BYTES = 2 * RECORD_BYTES;
    private static final int REVISION_BITS = 48;
    private static final long REVISION_MASK = (1L << REVISION_BITS) - 1;
    /** No checksum of content that is all zero: a new file is no damaged one. */
    private static final long CHECK_FLAG = 1L << 32;

    /** @param number rises with each writing; 0 = never written */
    private record Contact(long number, long leaseEnd, long boot, long highestSeen) {
        private static final Contact NONE = new Contact(0, 0, 0, 0);
    }

    private final MappedByteBuffer memory;
    private final long boot;
    private Contact newest;

    /** Opens the file of a data directory; the boot id tells whether the recorded lease is of this boot's clock. */
    ContactFile(Path file, String bootId) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            this.memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE_BYTES);
        }
        this.boot = bootId.hashCode();
        Contact first = read(0);
        Contact second = read(1);
        this.newest = first.number() > second.number() ? first : second;
        if (newest.number() == 0 && !isEmpty()) {
            LOG.error(
                    "{} is damaged: what it said of the lease and of the highest position seen is not believed", file);
            // Of a lease that nobody knows the end of nothing is left.
            write(1, 0);
        }
    }

    private boolean isEmpty() {
        for (int index = 0; index < SIZE_BYTES; index++) {
            if (memory.get(index) != 0) {
                return false;
            }
        }
        return true;
    }

    private Contact read(int slot) {
        int at = slot * RECORD_BYTES;
        return memory.getLong(at + CHECKED_BYTES) == checksum(at)
                ? new Contact(
                        memory.getLong(at), memory.getLong(at + 8), memory.getLong(at + 16), memory.getLong(at + 24))
                : Contact.NONE;
    }

    private void write(long leaseEnd, long highestSeen) {
        Contact next = new Contact(newest.number() + 1, leaseEnd, boot, highestSeen);
        int at = (int) (next.number() % 2) * RECORD_BYTES;
        memory.putLong(at, next.number());
        memory.putLong(at + 8, next.leaseEnd());
        memory.putLong(at + 16, next.boot());
        memory.putLong(at + 24, next.highestSeen());
        memory.putLong(at + CHECKED_BYTES, checksum(at));
        newest = next;
    }

    private long checksum(int at) {
        ByteBuffer record = memory.duplicate();
        record.limit(at + CHECKED_BYTES).position(at);
        CRC32C checksum = new CRC32C();
        checksum.update(record);
        return CHECK_FLAG | checksum.getValue();
    }

    /** End of the last lease on the boot clock; 0 when this boot has had none. */
    synchronized long leaseEndNanos() {
        return newest.boot() == boot ? newest.leaseEnd() : 0;
    }

    synchronized void leaseEnds(long nanos) {
        write(nanos, newest.highestSeen());
    }

    synchronized Position highestSeen() {
        return Position.newBuilder()
                .setGeneration((int) (newest.highestSeen() >>> REVISION_BITS))
                .setRevision(newest.highestSeen() & REVISION_MASK)
                .build();
    }

    /** Raises the highest position; a lower one changes nothing. */
    synchronized void saw(Position position) {
        long number = ((long) position.getGeneration() << REVISION_BITS) | (position.getRevision() & REVISION_MASK);
        if (number > newest.highestSeen()) {
            write(leaseEndNanos(), number);
        }
    }
}
