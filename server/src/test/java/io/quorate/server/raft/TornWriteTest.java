package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is taken for an interrupted write when a sector ends within the checksum of an entry, its last four bytes. */
class TornWriteTest {
    private static final int SECTOR = 512;
    private static final int PAYLOAD = 100;
    private static final int ENTRY = 1 + PAYLOAD + Integer.BYTES;

    @TempDir
    private Path root;

    /** An entry whose last bytes, so many, are those of its checksum and lie in the next sector. */
    private static byte[] segment(int behindTheSector, int choice) {
        byte[] entry = new byte[ENTRY];
        Arrays.fill(entry, (byte) 'x');
        entry[0] = PAYLOAD;
        ByteBuffer.wrap(entry).putInt(1, choice);
        CRC32C sum = new CRC32C();
        sum.update(entry, 0, 1 + PAYLOAD);
        ByteBuffer.wrap(entry).putInt(1 + PAYLOAD, (int) sum.getValue());
        byte[] segment = new byte[3 * SECTOR];
        System.arraycopy(entry, 0, segment, offset(behindTheSector), ENTRY);
        return segment;
    }

    private static int offset(int behindTheSector) {
        return SECTOR + behindTheSector - ENTRY;
    }

    private boolean isTorn(byte[] segment, int behindTheSector) throws IOException {
        return TornWrite.isAt(Files.write(root.resolve("segment"), segment), offset(behindTheSector));
    }

    private static boolean isZero(byte[] bytes, int from, int to) {
        for (int index = from; index < to; index++) {
            if (bytes[index] != 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void anEntryThatRottedIsNotTornThoughItsChecksumHappensToEndInZeros() throws IOException {
        for (int behind = 1; behind <= 2; behind++) {
            int choice = 0;
            byte[] segment = segment(behind, choice);
            while (!isZero(segment, SECTOR, SECTOR + behind)) {
                choice++;
                segment = segment(behind, choice);
            }
            segment[offset(behind) + 50] ^= (byte) 4;
            assertThat(isTorn(segment, behind)).as("%s bytes", behind).isFalse();
        }
    }

    @Test
    void anEntryOfWhichOnlyTheRestOfItsChecksumIsMissingIsTorn() throws IOException {
        for (int behind = 1; behind <= 4; behind++) {
            byte[] segment = segment(behind, 7);
            assertThat(isZero(segment, SECTOR, SECTOR + behind)).isFalse();
            Arrays.fill(segment, SECTOR, SECTOR + behind, (byte) 0);
            assertThat(isTorn(segment, behind)).as("%s bytes", behind).isTrue();
        }
    }

    @Test
    void anEntryOfWhichMoreThanItsChecksumIsMissingIsTorn() throws IOException {
        byte[] segment = segment(20, 7);
        Arrays.fill(segment, SECTOR, SECTOR + 20, (byte) 0);
        assertThat(isTorn(segment, 20)).isTrue();
    }
}
