package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.statemachine.model.Positions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent remembers over its own death, and what it does not believe. */
class ContactFileTest {

    @TempDir
    private Path directory;

    private ContactFile open(String boot) throws IOException {
        return new ContactFile(directory.resolve("contact"), boot);
    }

    private void flip(int index) throws IOException {
        Path file = directory.resolve("contact");
        byte[] bytes = Files.readAllBytes(file);
        bytes[index] ^= 0x40;
        Files.write(file, bytes);
    }

    @Test
    void theNextProcessKnowsTheLeaseOfThisBootAndThePositionOfAny() throws IOException {
        ContactFile first = open("boot");
        first.saw(Positions.of(1, 70));
        first.leaseEnds(4_000);
        first.saw(Positions.of(1, 69));
        assertThat(open("boot").leaseEndNanos()).isEqualTo(4_000);
        assertThat(open("boot").highestSeen()).isEqualTo(Positions.of(1, 70));
        assertThat(open("later").leaseEndNanos()).isZero();
        assertThat(open("later").highestSeen()).isEqualTo(Positions.of(1, 70));
    }

    /** A bit that turned over must not halt the leader. */
    @Test
    void noDamageRaisesThePosition() throws IOException {
        open("boot").saw(Positions.of(1, 70));
        Path file = directory.resolve("contact");
        byte[] whole = Files.readAllBytes(file);
        for (int index = 0; index < whole.length; index++) {
            flip(index);
            assertThat(open("other").highestSeen().getRevision())
                    .as("with byte %d turned", index)
                    .isIn(0L, 70L);
            Files.write(file, whole);
        }
        assertThat(open("other").highestSeen()).isEqualTo(Positions.of(1, 70));
    }

    @Test
    void aRecordThatWasNotFinishedLeavesTheOneBefore() throws IOException {
        ContactFile first = open("boot");
        first.saw(Positions.of(1, 70));
        first.saw(Positions.of(1, 71));
        // The second record stands first in the file.
        flip(0);
        assertThat(open("boot").highestSeen()).isEqualTo(Positions.of(1, 70));
    }

    @Test
    void aLeaseWhoseEndIsNotKnownIsOver() throws IOException {
        ContactFile first = open("boot");
        first.leaseEnds(Long.MAX_VALUE);
        flip(40 + 8);
        ContactFile next = open("boot");
        assertThat(next.leaseEndNanos()).isBetween(1L, 1_000_000L);
        assertThat(next.highestSeen()).isEqualTo(Positions.of(0, 0));
    }
}
