package io.quorate.server.raft;

import com.google.protobuf.ByteString;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.DigestSum;
import java.nio.ByteBuffer;

/** The digest of a state as the log carries it. */
final class Digests {

    private Digests() {}

    static ByteString bytes(ClusterState state) {
        DigestSum digest = state.digest();
        ByteBuffer buffer = ByteBuffer.allocate(4 * Long.BYTES)
                .putLong(digest.lane0())
                .putLong(digest.lane1())
                .putLong(digest.lane2())
                .putLong(digest.lane3())
                .flip();
        return ByteString.copyFrom(buffer);
    }
}
