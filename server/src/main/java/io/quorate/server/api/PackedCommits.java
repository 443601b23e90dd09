package io.quorate.server.api;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.model.Positions;
import io.quorate.v1.Position;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Successive commits as bytes, for the window of those that watches may ask for. As objects each would be twenty for the
 * garbage collector to carry until it leaves the window. What readers take out they share, while somebody holds it.
 * Thread-safe.
 */
final class PackedCommits {
    private final Position first;
    private final byte[] bytes;
    /** Where each commit begins, and where the last one ends. */
    private final int[] offsets;

    private volatile WeakReference<List<Commit>> unpacked;

    /** @param commits of successive revisions of one generation, at least one */
    PackedCommits(List<Commit> commits) {
        first = commits.get(0).position();
        offsets = new int[commits.size() + 1];
        for (int index = 0; index < commits.size(); index++) {
            offsets[index + 1] = offsets[index] + size(commits.get(index));
        }
        bytes = new byte[offsets[commits.size()]];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            for (Commit commit : commits) {
                out.writeMessageNoTag(commit.stamp());
                out.writeMessageNoTag(commit.actor());
                for (Change change : commit.changes()) {
                    out.writeMessageNoTag(change);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("of an array that was measured for it", e);
        }
        unpacked = new WeakReference<>(List.copyOf(commits));
    }

    private static int size(Commit commit) {
        int size = size(commit.stamp()) + size(commit.actor());
        for (Change change : commit.changes()) {
            size += size(change);
        }
        return size;
    }

    private static int size(MessageLite message) {
        return CodedOutputStream.computeMessageSizeNoTag(message);
    }

    /** How many there are. */
    int count() {
        return offsets.length - 1;
    }

    /** The revision of the first one. */
    long first() {
        return first.getRevision();
    }

    /** Bytes of all of them. */
    int size() {
        return bytes.length;
    }

    /** Bytes of one of them. */
    int size(int index) {
        return offsets[index + 1] - offsets[index];
    }

    /** All of them. */
    List<Commit> commits() {
        @Nullable List<Commit> shared = unpacked.get();
        if (shared == null) {
            shared = unpack();
            unpacked = new WeakReference<>(shared);
        }
        return shared;
    }

    /** All of them, anew. */
    List<Commit> unpack() {
        List<Commit> commits = new ArrayList<>(count());
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        try {
            for (int index = 0; index < count(); index++) {
                Position position = Positions.of(first.getGeneration(), first.getRevision() + index);
                Stamp stamp = Stamp.parseFrom(in.readByteBuffer());
                Actor actor = Actor.parseFrom(in.readByteBuffer());
                List<Change> changes = new ArrayList<>();
                while (in.getTotalBytesRead() < offsets[index + 1]) {
                    changes.add(Change.parseFrom(in.readByteBuffer()));
                }
                commits.add(new Commit(position, stamp, changes, actor));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("of an array that was written here", e);
        }
        return List.copyOf(commits);
    }
}
