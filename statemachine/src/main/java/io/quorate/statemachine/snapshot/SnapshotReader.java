package io.quorate.statemachine.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.SnapshotHeader;
import io.quorate.log.v1.SnapshotTrailer;
import io.quorate.statemachine.apply.Invariants;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.Check;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.DigestSum;
import io.quorate.statemachine.model.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.util.Arrays;

/** Reads snapshots and backups; whatever is not exactly as it was written is refused. */
public final class SnapshotReader {
    /** The highest cluster feature level that this version can read. */
    public static final int MAX_FEATURE_LEVEL = 1;

    private final DigestInputStream in;

    private SnapshotReader(InputStream in) {
        this.in = new DigestInputStream(in, DigestSum.sha256());
    }

    /** Only the header, without a check of the rest: for "what is this file?". */
    public static SnapshotHeader header(InputStream in) throws SnapshotException, IOException {
        return new SnapshotReader(in).header();
    }

    /**
     * The state that was written.
     *
     * @throws SnapshotException when the bytes are truncated, damaged, foreign or of a later version
     */
    public static ClusterState read(InputStream in) throws SnapshotException, IOException {
        return new SnapshotReader(in).state();
    }

    private SnapshotHeader header() throws SnapshotException, IOException {
        SnapshotHeader header = anyHeader();
        if (isOfLaterLevel(header)) {
            throw laterLevel(header);
        }
        return header;
    }

    private static boolean isOfLaterLevel(SnapshotHeader header) {
        return header.getFeatureLevel() > MAX_FEATURE_LEVEL;
    }

    private static SnapshotException laterLevel(SnapshotHeader header) {
        return new SnapshotException("the snapshot is of feature level " + header.getFeatureLevel()
                + ", this version reads up to level " + MAX_FEATURE_LEVEL);
    }

    private SnapshotHeader anyHeader() throws SnapshotException, IOException {
        byte[] magic = in.readNBytes(SnapshotFormat.magic().length);
        if (!Arrays.equals(magic, SnapshotFormat.magic())) {
            throw new SnapshotException("this is not a snapshot of Quorate");
        }
        SnapshotHeader header = message(SnapshotHeader.parser(), "header");
        if (header.getFormat() != SnapshotFormat.VERSION) {
            throw new SnapshotException("the snapshot has format " + header.getFormat() + ", this version reads format "
                    + SnapshotFormat.VERSION);
        }
        return header;
    }

    private ClusterState state() throws SnapshotException, IOException {
        SnapshotHeader header = anyHeader();
        if (isOfLaterLevel(header)) {
            requireIntact(header.getChanges(), "header");
            throw laterLevel(header);
        }
        ClusterState state = ClusterState.empty();
        for (long i = 0; i < header.getChanges(); i++) {
            Change change = message(Change.parser(), "change " + i);
            if (change.getRowCase() == Change.RowCase.ROW_NOT_SET
                    || change.getDeleted()
                    || Wire.typeWithUnknownFields(change) != null) {
                requireIntact(header.getChanges() - i - 1, "change " + i);
                throw new SnapshotException(
                        "change " + i + " of the snapshot is of a kind that this version does not know");
            }
            state = reduce(state, change, i);
        }
        byte[] digest = in.getMessageDigest().digest();
        SnapshotTrailer trailer = message(SnapshotTrailer.parser(), "trailer");
        if (in.read() != -1) {
            throw new SnapshotException("the snapshot is damaged: there is something behind its end");
        }
        state = state.advanced(header.getPosition().getRevision(), header.getStamp());
        SnapshotTrailer expected = SnapshotTrailer.newBuilder()
                .setChanges(header.getChanges())
                .setStateDigest(StateDigest.of(state))
                .setFileDigest(ByteString.copyFrom(digest))
                .build();
        if (!trailer.equals(expected)) {
            throw new SnapshotException("the snapshot is damaged: its checksums do not match its content");
        }
        try {
            Invariants.checkAll(state);
        } catch (Check.InvariantViolation e) {
            throw new SnapshotException("the snapshot describes a state that must not be: " + e.getMessage(), e);
        }
        return state;
    }

    /** Reads on to the end: only what is as it was written is of a later version, where a flipped byte looks like that. */
    private void requireIntact(long changesLeft, String what) throws SnapshotException, IOException {
        for (long i = 0; i < changesLeft; i++) {
            bytes("changes");
        }
        byte[] digest = in.getMessageDigest().digest();
        SnapshotTrailer trailer = message(SnapshotTrailer.parser(), "trailer");
        if (!trailer.getFileDigest().equals(ByteString.copyFrom(digest))) {
            throw new SnapshotException("the snapshot is damaged: its " + what
                    + " cannot be understood, and its checksums do not match its content");
        }
    }

    /** The sums are at the end: what is reduced here may be damaged, so that it is no defect when it makes no sense. */
    private static ClusterState reduce(ClusterState state, Change change, long number) throws SnapshotException {
        try {
            return Reducer.reduce(state, change);
        } catch (RuntimeException e) {
            throw new SnapshotException(
                    "the snapshot is damaged: its change " + number + " cannot follow those before it: "
                            + e.getMessage(),
                    e);
        }
    }

    private <M extends MessageLite> M message(Parser<M> parser, String what) throws SnapshotException, IOException {
        byte[] bytes = bytes(what);
        try {
            return parser.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw unreadable(what, e);
        }
    }

    /** The next message, not looked into. */
    private byte[] bytes(String what) throws SnapshotException, IOException {
        int first = in.read();
        if (first == -1) {
            throw new SnapshotException("the snapshot is truncated: it ends before its " + what);
        }
        int length;
        try {
            length = CodedInputStream.readRawVarint32(first, in);
        } catch (InvalidProtocolBufferException | EOFException e) {
            throw unreadable(what, e);
        }
        if (length < 0 || length > SnapshotFormat.MAX_CHANGE_BYTES) {
            throw new SnapshotException("the snapshot is damaged: the length of its " + what + " cannot be");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new SnapshotException("the snapshot is truncated: it ends within its " + what);
        }
        return bytes;
    }

    private static SnapshotException unreadable(String what, IOException cause) {
        return new SnapshotException("the snapshot is damaged: its " + what + " cannot be read", cause);
    }
}
