package io.quorate.statemachine.model;

import io.quorate.log.v1.Change;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Incremental digest of a set of rows: the lane-wise sum (mod 2^64) of the SHA-256 of each row. Adding and removing a
 * row costs one hash, whatever the size of the state; the order of the rows does not matter.
 */
public record DigestSum(long lane0, long lane1, long lane2, long lane3) {
    public static final DigestSum ZERO = new DigestSum(0, 0, 0, 0);

    private static final MessageDigest SHA_256 = newSha256();

    /** For hashes that are wanted at once: a copy for each of them is more to collect than the rest of it. */
    private static final MessageDigest SHARED = newSha256();

    /** With one more row. */
    public DigestSum plus(Change row) {
        return plus(ofBytes(Wire.bytes(row)));
    }

    /** With one row less: it must have been added before. */
    public DigestSum minus(Change row) {
        DigestSum gone = ofBytes(Wire.bytes(row));
        return new DigestSum(lane0 - gone.lane0, lane1 - gone.lane1, lane2 - gone.lane2, lane3 - gone.lane3);
    }

    /** With the rows of another set, which has none of this one. */
    public DigestSum plus(DigestSum other) {
        return new DigestSum(lane0 + other.lane0, lane1 + other.lane1, lane2 + other.lane2, lane3 + other.lane3);
    }

    /** The sum of one element: these bytes. */
    static DigestSum ofBytes(byte[] bytes) {
        ByteBuffer hash = ByteBuffer.wrap(sha256(bytes));
        return new DigestSum(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
    }

    /** The SHA-256 of these bytes, one part after the other. */
    public static byte[] sha256(byte[]... parts) {
        synchronized (SHARED) {
            for (byte[] part : parts) {
                SHARED.update(part);
            }
            return SHARED.digest();
        }
    }

    /** A fresh SHA-256; every Java platform must have it. A copy of one: looking for it anew each time costs more. */
    public static MessageDigest sha256() {
        try {
            return (MessageDigest) SHA_256.clone();
        } catch (CloneNotSupportedException e) {
            return newSha256();
        }
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
