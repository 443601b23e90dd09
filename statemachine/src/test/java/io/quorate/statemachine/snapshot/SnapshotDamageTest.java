package io.quorate.statemachine.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.MetaRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.SnapshotHeader;
import io.quorate.log.v1.SnapshotTrailer;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.DigestSum;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A snapshot that is not exactly as it was written is refused, with words that say what is wrong. */
class SnapshotDamageTest {
    private final byte[] good = snapshot();

    private static byte[] snapshot() {
        ClusterState state = ClusterState.empty();
        state = Reducer.reduce(
                state,
                Change.newBuilder()
                        .setMeta(MetaRow.newBuilder()
                                .setClusterId("c1")
                                .setClusterName("test")
                                .setGeneration(1)
                                .setFeatureLevel(1))
                        .build());
        for (int i = 0; i < 5; i++) {
            state = Reducer.reduce(
                    state,
                    Change.newBuilder()
                            .setNode(NodeRow.newBuilder().setName("n" + i).setIncarnation(i + 1))
                            .build());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            SnapshotWriter.write(state, out, "0.1.0");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    private static ClusterState read(byte[] bytes) throws SnapshotException, IOException {
        return SnapshotReader.read(new ByteArrayInputStream(bytes));
    }

    @Test
    void whatWasWrittenIsRead() throws Exception {
        assertThat(read(good).nodes()).hasSize(5);
    }

    @Test
    void everyTruncationIsRefused() {
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> read(cut)).as("cut to " + length).isInstanceOf(SnapshotException.class);
        }
    }

    @Test
    void everyFlippedBitIsRefused() {
        for (int i = 0; i < good.length * 8; i++) {
            byte[] flipped = good.clone();
            flipped[i / 8] ^= (byte) (1 << (i % 8));
            assertThatThrownBy(() -> read(flipped)).as("bit " + i).isInstanceOf(SnapshotException.class);
        }
    }

    /** A flipped byte must not send anybody to look for a newer version. The format's number comes before all else. */
    @Test
    void aFlippedBitInAChangeIsNotTakenForALaterVersion() {
        int header = SnapshotFormat.magic().length + 1;
        int beyondFormat = header + 2;
        for (int i = beyondFormat * 8; i < good.length * 8; i++) {
            byte[] flipped = good.clone();
            flipped[i / 8] ^= (byte) (1 << (i % 8));
            assertThatThrownBy(() -> read(flipped))
                    .as("bit " + i)
                    .hasMessageMatching("the snapshot (is damaged|is truncated|describes a state).*");
        }
    }

    @Test
    void aWholeSnapshotOfALaterVersionIsSaidToBeOne() throws Exception {
        assertThatThrownBy(() -> read(oneChange(1, Change.getDefaultInstance())))
                .hasMessageContaining("of a kind that this version does not know");
        assertThatThrownBy(() -> read(oneChange(2, Change.getDefaultInstance())))
                .hasMessageContaining("of feature level 2");
    }

    private static byte[] oneChange(int level, Change change) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(SnapshotFormat.magic());
        SnapshotHeader.newBuilder()
                .setFormat(SnapshotFormat.VERSION)
                .setFeatureLevel(level)
                .setChanges(1)
                .build()
                .writeDelimitedTo(out);
        change.writeDelimitedTo(out);
        byte[] digest = DigestSum.sha256().digest(out.toByteArray());
        SnapshotTrailer.newBuilder()
                .setChanges(1)
                .setFileDigest(ByteString.copyFrom(digest))
                .build()
                .writeDelimitedTo(out);
        return out.toByteArray();
    }

    @Test
    void somethingBehindTheEndIsRefused() {
        byte[] longer = Arrays.copyOf(good, good.length + 1);
        assertThatThrownBy(() -> read(longer)).hasMessageContaining("behind its end");
    }

    @Test
    void anotherFileIsNotASnapshot() {
        assertThatThrownBy(() -> read("kind: Resource\nname: web\n".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("not a snapshot");
    }
}
