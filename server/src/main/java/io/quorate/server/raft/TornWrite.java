package io.quorate.server.raft;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Tells a write that a power loss or a kill cut off from a damaged one. The open segment of the log is filled with zeros
 * before entries are written into it, and disks write whole sectors: an entry that was being written when it happened may
 * lack some of its sectors, and these are zero. Such an entry was never synced, so that neither it nor anything behind it
 * was acknowledged by this member. An entry that was complete and rotted afterwards has all of its sectors.
 *
 * <p>An entry is its length as a varint, its bytes, and the CRC-32C of both.
 */
final class TornWrite {

    private static final int SECTOR = 512;
    private static final int MAX_VARINT = 5;
    private static final int CHECKSUM = Integer.BYTES;

    private final byte[] bytes;
    private final long offset;

    private TornWrite(byte[] bytes, long offset) {
        this.bytes = bytes;
        this.offset = offset;
    }

    /** Whether the unreadable entry at {@code offset} of a segment is the rest of an interrupted write. */
    static boolean isAt(Path segment, long offset) throws IOException {
        return read(segment, offset).isTorn();
    }

    /**
     * Whether the entry at {@code offset}, which seems to reach beyond the end of the segment, is whole but for a flipped
     * bit in its length.
     */
    static boolean isRottenAt(Path segment, long offset) throws IOException {
        return read(segment, offset).isCompleteButForOneBitOfItsLength();
    }

    private static TornWrite read(Path segment, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ)) {
            int limit = MAX_VARINT + RaftSettings.MAX_ENTRY_BYTES + CHECKSUM;
            int size = (int) Math.min(limit, Math.max(0, channel.size() - offset));
            ByteBuffer buffer = ByteBuffer.allocate(size);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, offset + buffer.position()) < 0) {
                    throw new EOFException(segment + " shrinks while it is read");
                }
            }
            return new TornWrite(buffer.array(), offset);
        }
    }

    private boolean isTorn() {
        // A flipped bit in the length makes a complete entry look like a longer one that ends in zeros.
        if (bytes.length == 0 || sumIsRight() || isCompleteButForOneBitOfItsLength()) {
            return false;
        }
        long end = offset + extent();
        for (long from = offset; from < end; from = nextSector(from)) {
            if (isZero(from, Math.min(end, nextSector(from))) && !isChanceOfTheSum(from)) {
                return true;
            }
        }
        return false;
    }

    /**
     * A last fragment of less than the checksum may well be zero in a complete entry. It is missing only if what is before
     * it, the rest of the checksum included, is right.
     */
    private boolean isChanceOfTheSum(long from) {
        int before = (int) (from - offset);
        int summed = (int) total() - CHECKSUM;
        if (before <= summed) {
            return false;
        }
        byte[] sum = ByteBuffer.allocate(CHECKSUM).putInt(sumOf(summed)).array();
        return !Arrays.equals(sum, 0, before - summed, bytes, summed, before);
    }

    private static long nextSector(long position) {
        return (position / SECTOR + 1) * SECTOR;
    }

    private boolean isZero(long from, long to) {
        for (long position = from; position < to; position++) {
            if (bytes[(int) (position - offset)] != 0) {
                return false;
            }
        }
        return true;
    }

    /** How far the entry reaches; where even its length is missing, to the end of that sector. */
    private long extent() {
        if (bytes[0] == 0) {
            return Math.min(bytes.length, nextSector(offset) - offset);
        }
        long total = total();
        return total < 0 ? 0 : Math.min(bytes.length, total);
    }

    /** Bytes of the entry with its length and its sum as its first bytes say, or -1 when they make no sense. */
    private long total() {
        long length = 0;
        for (int index = 0; index < Math.min(MAX_VARINT, bytes.length); index++) {
            length |= (bytes[index] & 0x7fL) << (7 * index);
            if (bytes[index] >= 0) {
                return length > RaftSettings.MAX_ENTRY_BYTES ? -1 : index + 1 + length + CHECKSUM;
            }
        }
        return -1;
    }

    private boolean isCompleteButForOneBitOfItsLength() {
        for (int bit = 0; bit < Byte.SIZE * Math.min(MAX_VARINT, bytes.length); bit++) {
            flip(bit);
            boolean complete = sumIsRight();
            flip(bit);
            if (complete) {
                return true;
            }
        }
        return false;
    }

    private void flip(int bit) {
        bytes[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
    }

    private boolean sumIsRight() {
        long total = total();
        if (total <= CHECKSUM + 1 || total > bytes.length) {
            return false;
        }
        int summed = (int) total - CHECKSUM;
        return ByteBuffer.wrap(bytes).getInt(summed) == sumOf(summed);
    }

    private int sumOf(int length) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, length);
        return (int) sum.getValue();
    }
}
