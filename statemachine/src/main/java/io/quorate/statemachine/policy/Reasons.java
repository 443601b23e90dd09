package io.quorate.statemachine.policy;

import com.google.protobuf.Timestamp;
import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.model.Limits;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;

/** Builds reasons in the product's one form, and keeps those of a decision within their limit. */
public final class Reasons {
    /** Encoded size of all reasons of one decision. */
    public static final int MAX_BYTES = Limits.REASON_BYTES;

    private static final int MIN_MESSAGE_CHARS = 40;

    private Reasons() {}

    static Reason of(ReasonCode code, String message, List<String> objects, String nextStep) {
        return Reason.newBuilder()
                .setCode(code.name())
                .setMessage(message)
                .addAllObjects(objects)
                .setNextStep(nextStep)
                .build();
    }

    static Reason since(Reason reason, Stamp stamp) {
        return stamp.getWallMillis() == 0
                ? reason
                : reason.toBuilder().setSince(timestamp(stamp)).build();
    }

    static Timestamp timestamp(Stamp stamp) {
        long millis = stamp.getWallMillis();
        return Timestamp.newBuilder()
                .setSeconds(Math.floorDiv(millis, 1_000L))
                .setNanos((int) Math.floorMod(millis, 1_000L) * 1_000_000)
                .build();
    }

    /** The most important reasons first; later ones are dropped and messages cut until all fit. */
    static List<Reason> limited(List<Reason> reasons) {
        List<Reason> kept = new ArrayList<>(reasons);
        while (size(kept) > MAX_BYTES) {
            if (kept.size() > 1) {
                kept.remove(kept.size() - 1);
                continue;
            }
            Reason only = kept.get(0);
            if (only.getMessage().length() > MIN_MESSAGE_CHARS + 1) {
                kept.set(0, shorter(only, size(kept) - MAX_BYTES));
            } else {
                kept.set(0, only.toBuilder().clearObjects().clearNextStep().build());
            }
        }
        return List.copyOf(kept);
    }

    private static Reason shorter(Reason reason, int excessBytes) {
        String message = reason.getMessage();
        int keep = Math.max(MIN_MESSAGE_CHARS, message.length() - excessBytes - 1);
        if (keep >= message.length()) {
            keep = MIN_MESSAGE_CHARS;
        }
        if (Character.isHighSurrogate(message.charAt(keep - 1))) {
            keep--;
        }
        return reason.toBuilder().setMessage(message.substring(0, keep) + "…").build();
    }

    private static int size(List<Reason> reasons) {
        int size = 0;
        for (Reason reason : reasons) {
            size += reason.getSerializedSize() + 3;
        }
        return size;
    }
}
