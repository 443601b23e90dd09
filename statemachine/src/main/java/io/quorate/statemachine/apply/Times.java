package io.quorate.statemachine.apply;

import com.google.protobuf.Timestamp;
import io.quorate.log.v1.Stamp;

/** Wall time of a stamp as a protobuf timestamp: for display only. */
final class Times {
    private Times() {}

    static Timestamp timestamp(Stamp stamp) {
        return Timestamp.newBuilder()
                .setSeconds(Math.floorDiv(stamp.getWallMillis(), 1_000L))
                .setNanos((int) Math.floorMod(stamp.getWallMillis(), 1_000L) * 1_000_000)
                .build();
    }
}
