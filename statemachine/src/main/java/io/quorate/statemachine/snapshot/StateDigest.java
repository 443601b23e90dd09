package io.quorate.statemachine.snapshot;

import com.google.protobuf.ByteString;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.DigestSum;
import java.nio.ByteBuffer;

/** I6: the digest that replicas compare. Equal states have equal digests; it costs the same whatever their size. */
public final class StateDigest {
    private StateDigest() {}

    /** SHA-256 over the sum of all rows, the revision and the log's clock. */
    public static ByteString of(ClusterState state) {
        DigestSum sum = state.digest();
        ByteBuffer buffer = ByteBuffer.allocate(6 * Long.BYTES)
                .putLong(sum.lane0())
                .putLong(sum.lane1())
                .putLong(sum.lane2())
                .putLong(sum.lane3())
                .putLong(state.revision())
                .putLong(state.stamp().getLogMillis());
        return ByteString.copyFrom(DigestSum.sha256(buffer.array()));
    }
}
