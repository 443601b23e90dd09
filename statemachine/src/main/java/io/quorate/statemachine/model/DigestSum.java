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

    /** With one more row. */
    public DigestSum plus(Change row) {
        ByteBuffer hash = hash(row);
        return new DigestSum(
                lane0 + hash.getLong(), lane1 + hash.getLong(), lane2 + hash.getLong(), lane3 + hash.getLong());
    }

    /** With one row less: it must have been added before. */
    public DigestSum minus(Change row) {
        ByteBuffer hash = hash(row);
        return new DigestSum(
                lane0 - hash.getLong(), lane1 - hash.getLong(), lane2 - hash.getLong(), lane3 - hash.getLong());
    }

    private static ByteBuffer hash(Change row) {
        return ByteBuffer.wrap(sha256().digest(Wire.bytes(row)));
    }

    /** A fresh SHA-256; every Java platform must have it. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
