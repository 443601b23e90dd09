package io.quorate.statemachine.snapshot;

import java.nio.charset.StandardCharsets;

/**
 * The file format of snapshots and backups: eight bytes of magic, a delimited header, as many delimited changes as the
 * header says, a delimited trailer, the end.
 */
final class SnapshotFormat {
    static final int VERSION = 1;

    /** One change is at most an object of 64 KiB with its envelope; this bound only keeps garbage from filling memory. */
    static final int MAX_CHANGE_BYTES = 16 * 1024 * 1024;

    private static final String MAGIC = "QUORSNP1";

    private SnapshotFormat() {}

    static byte[] magic() {
        return MAGIC.getBytes(StandardCharsets.US_ASCII);
    }
}
