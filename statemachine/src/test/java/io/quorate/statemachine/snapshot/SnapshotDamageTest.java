package io.quorate.statemachine.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.MetaRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.ClusterState;
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
