package io.quorate.statemachine.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.SnapshotHeader;
import io.quorate.log.v1.SnapshotTrailer;
import io.quorate.statemachine.apply.Invariants;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.DigestSum;
import io.quorate.statemachine.model.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.util.function.Consumer;

/** A state as an ordered list of changes. Equal states give equal bytes, whoever writes them. */
public final class SnapshotWriter {
    private SnapshotWriter() {}

    /**
     * Writes a snapshot. It neither flushes nor closes the stream beyond its own bytes: making them durable is the
     * caller's part.
     *
     * @param version of the program, for the header
     */
    public static void write(ClusterState state, OutputStream out, String version) throws IOException {
        Invariants.checkAll(state);
        DigestOutputStream digested = new DigestOutputStream(out, DigestSum.sha256());
        digested.write(SnapshotFormat.magic());
        long count = count(state);
        delimited(
                digested,
                SnapshotHeader.newBuilder()
                        .setFormat(SnapshotFormat.VERSION)
                        .setFeatureLevel(state.meta().getFeatureLevel())
                        .setClusterId(state.meta().getClusterId())
                        .setClusterName(state.meta().getClusterName())
                        .setPosition(state.position())
                        .setStamp(state.stamp())
                        .setChanges(count)
                        .setWrittenBy(version)
                        .build());
        try {
            changes(state, change -> {
                try {
                    delimited(digested, change);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
        } catch (java.io.UncheckedIOException e) {
            throw new IOException("a snapshot could not be written", e);
        }
        delimited(
                out,
                SnapshotTrailer.newBuilder()
                        .setChanges(count)
                        .setStateDigest(StateDigest.of(state))
                        .setFileDigest(
                                ByteString.copyFrom(digested.getMessageDigest().digest()))
                        .build());
    }

    /** The state as changes, in the order in which a reader must see them. */
    public static void changes(ClusterState state, Consumer<Change> sink) {
        sink.accept(Change.newBuilder().setMeta(state.meta()).build());
        sink.accept(Change.newBuilder().setSettings(state.settingsRow()).build());
        state.objects()
                .values()
                .forEach(row -> sink.accept(Change.newBuilder().setObject(row).build()));
        state.nodes()
                .values()
                .forEach(row -> sink.accept(Change.newBuilder().setNode(row).build()));
        state.instances()
                .values()
                .forEach(row -> sink.accept(Change.newBuilder().setInstance(row).build()));
        state.attributes()
                .values()
                .forEach(
                        row -> sink.accept(Change.newBuilder().setAttribute(row).build()));
        state.tickets()
                .values()
                .forEach(row -> sink.accept(Change.newBuilder().setTicket(row).build()));
        state.siteTickets()
                .values()
                .forEach(row ->
                        sink.accept(Change.newBuilder().setSiteTicket(row).build()));
        state.operations()
                .values()
                .forEach(
                        row -> sink.accept(Change.newBuilder().setOperation(row).build()));
        state.events()
                .values()
                .forEach(row -> sink.accept(Change.newBuilder().setEvent(row).build()));
        state.voters()
                .values()
                .forEach(row -> sink.accept(Change.newBuilder().setVoter(row).build()));
        state.joinTokens()
                .values()
                .forEach(
                        row -> sink.accept(Change.newBuilder().setJoinToken(row).build()));
        state.ledger()
                .forEach(row -> sink.accept(Change.newBuilder().setLedger(row).build()));
    }

    private static long count(ClusterState state) {
        return 2L
                + state.objects().size()
                + state.nodes().size()
                + state.instances().size()
                + state.attributes().size()
                + state.tickets().size()
                + state.siteTickets().size()
                + state.operations().size()
                + state.events().size()
                + state.voters().size()
                + state.joinTokens().size()
                + state.ledger().size();
    }

    private static void delimited(OutputStream out, MessageLite message) throws IOException {
        byte[] bytes = Wire.bytes(message);
        byte[] length = new byte[CodedOutputStream.computeUInt32SizeNoTag(bytes.length)];
        CodedOutputStream.newInstance(length).writeUInt32NoTag(bytes.length);
        out.write(length);
        out.write(bytes);
    }
}
