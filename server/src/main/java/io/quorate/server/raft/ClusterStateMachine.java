package io.quorate.server.raft;

import io.quorate.log.v1.LogEntry;
import io.quorate.server.time.Clock;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.command.CommandCodec;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import io.quorate.v1.Position;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state machine as Ratis drives it: holds the newest state, applies entries with the {@link Applier}, tells listeners,
 * and halts the process on anything that it cannot apply. All applying happens on one thread of Ratis.
 */
final class ClusterStateMachine extends BaseStateMachine implements Replica {

    private static final Logger log = LoggerFactory.getLogger(ClusterStateMachine.class);

    /** What happens in Raft, for {@link RaftNode}. Called with locks of Ratis held: must not wait. */
    interface Events {
        /** An entry that this process proposed, or null; asked before it is applied. */
        DryRun.@Nullable Plan predicted(String clientId, long callId, long term, ClusterState base);

        /** The entry of this index was applied and published. */
        void applied(
                String clientId, long callId, long index, LogEntry entry, Replica.Snapshot before, Applied applied);

        /** The entry's size counts towards the next snapshot. */
        void logged(long bytes);

        /** Ratis shall ask for a snapshot, to hear of the one that is complete now. */
        void snapshotWritten();

        /** This member leads {@code term} and has applied everything before it. */
        void leaderReady(long term);

        void notLeader();

        void leaderChanged();

        /** The updater of Ratis stopped. */
        void stopped();

        /** May an entry that another member sent through Ratis' client protocol be logged? */
        boolean mayLog(String clientId, byte[] entry);
    }

    private final Applier applier;
    private final Clock clock;
    private final Halt halt;
    private final Events events;
    private final SnapshotStorage storage;
    private final Optional<SnapshotFiles.Loaded> initial;
    private final AppliedWaiters waiters = new AppliedWaiters();
    private final List<AppliedListener> listeners = new CopyOnWriteArrayList<>();
    private volatile Replica.Snapshot newest;
    private volatile long configurationTerm;

    ClusterStateMachine(
            Applier applier,
            Clock clock,
            Halt halt,
            Events events,
            Optional<SnapshotFiles.Loaded> initial,
            long snapshotEntries,
            String version) {
        this.applier = applier;
        this.clock = clock;
        this.halt = halt;
        this.events = events;
        this.initial = initial;
        this.storage = new SnapshotStorage(version, snapshotEntries, events::snapshotWritten, halt);
        this.newest = Replica.Snapshot.first(ClusterState.empty(), -1, clock.monotonicNanos());
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage raftStorage) throws IOException {
        getLifeCycle().startAndTransition(() -> {
            super.initialize(server, groupId, raftStorage);
            storage.init(raftStorage);
            initial.ifPresent(this::begin);
        });
    }

    private void begin(SnapshotFiles.Loaded loaded) {
        storage.updateLatestSnapshot(loaded.info());
        storage.isAt(loaded.info().getIndex());
        setLastAppliedTermIndex(loaded.termIndex());
        newest = Replica.Snapshot.first(loaded.state(), loaded.info().getIndex(), clock.monotonicNanos());
    }

    /** Called just before a snapshot of the leader's is put in place. */
    @Override
    public void pause() {
        storage.pause();
        try {
            storage.syncReceived();
        } catch (IOException | UncheckedIOException e) {
            halt.halt("The leader's snapshot cannot be made durable: " + e.getMessage(), e);
        }
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    /** A snapshot of the leader was put in place of what this member had. */
    @Override
    public void reinitialize() throws IOException {
        try {
            Path directory = storage.directory();
            SnapshotFiles.Loaded loaded = SnapshotFiles.loadLatest(directory)
                    .orElseThrow(() -> new IOException("no snapshot in " + directory + " after one was installed"));
            DurableFiles.sync(loaded.info().getFile().getPath());
            DurableFiles.sync(directory);
            DurableFiles.syncParent(directory);
            begin(loaded);
            getLifeCycle().transition(LifeCycle.State.STARTING);
            getLifeCycle().transition(LifeCycle.State.RUNNING);
            publish(loaded.state(), List.of());
            log.info(
                    "Installed the leader's snapshot at {}",
                    Positions.format(loaded.state().position()));
        } catch (Exception | Error failure) {
            halt.halt("Installing the leader's snapshot failed: " + failure.getMessage(), failure);
            throw new IOException(failure);
        }
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return storage;
    }

    /** So much was logged that a snapshot is due, though the number of entries does not say so. */
    void demandSnapshot() {
        storage.demand();
    }

    @Override
    public long takeSnapshot() {
        return storage.snapshot(newest.state(), getLastAppliedTermIndex());
    }

    @Override
    public TransactionContext startTransaction(RaftClientRequest request) throws IOException {
        byte[] entry = request.getMessage().getContent().toByteArray();
        if (!events.mayLog(request.getClientId().toString(), entry)) {
            throw new IOException("entries are proposed by the leader itself only");
        }
        return super.startTransaction(request);
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto raw = Objects.requireNonNull(transaction.getLogEntry());
        try {
            apply(raw);
            return CompletableFuture.completedFuture(Message.EMPTY);
        } catch (Throwable defect) {
            halt.halt(
                    "Log entry " + raw.getIndex() + " of term " + raw.getTerm() + " cannot be applied to the state at "
                            + Positions.format(newest.state().position()) + ": " + defect.getMessage()
                            + ". This replica stops rather than diverge. If this version is older than others of the "
                            + "cluster, upgrade it; else report a bug.",
                    defect);
            throw defect;
        }
    }

    private void apply(LogEntryProto raw) {
        StateMachineLogEntryProto data = raw.getStateMachineLogEntry();
        Replica.Snapshot before = newest;
        String clientId = clientId(data);
        DryRun.Plan plan = events.predicted(clientId, data.getCallId(), raw.getTerm(), before.state());
        LogEntry entry = plan != null
                ? plan.entry()
                : CommandCodec.decode(data.getLogData().toByteArray());
        Applied applied = plan != null ? plan.predicted() : applier.apply(before.state(), entry, raw.getTerm());
        updateLastAppliedTermIndex(raw.getTerm(), raw.getIndex());
        newest = before.next(applied.state(), raw.getIndex(), clock.monotonicNanos());
        if (!applied.commits().isEmpty()) {
            publish(applied.state(), applied.commits());
        }
        events.logged(data.getLogData().size());
        events.applied(clientId, data.getCallId(), raw.getIndex(), entry, before, applied);
    }

    private static String clientId(StateMachineLogEntryProto data) {
        return data.getClientId().isEmpty()
                ? ""
                : ClientId.valueOf(data.getClientId()).toString();
    }

    private void publish(ClusterState state, List<Commit> commits) {
        for (AppliedListener listener : listeners) {
            listener.applied(state, commits);
        }
        waiters.reached(state);
    }

    @Override
    public Replica.Snapshot newest() {
        return newest;
    }

    @Override
    public Applied apply(ClusterState state, LogEntry entry, long term) {
        return applier.apply(state, entry, term);
    }

    CompletableFuture<ClusterState> whenApplied(Position atLeast) {
        CompletableFuture<ClusterState> waiter = waiters.await(atLeast, newest.state());
        // Whatever was applied between reading the state and registering.
        waiters.reached(newest.state());
        return waiter;
    }

    Subscription onApplied(AppliedListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto configuration) {
        configurationTerm = term;
    }

    @Override
    public void notifyLeaderReady() {
        // Called for the configuration entry that a leader writes first in its term, just after the call above.
        events.leaderReady(configurationTerm);
    }

    @Override
    public void notifyNotLeader(Collection<TransactionContext> pending) {
        events.notLeader();
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
        events.leaderChanged();
    }

    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto entry) {
        Path log = storage.directory().resolveSibling("current");
        halt.halt(
                DataDirectory.cannotWrite(log, cause)
                        + (entry == null ? "" : " Entry " + entry.getIndex() + " of the log is not on this disk."),
                cause);
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto role, boolean allServer) {
        events.stopped();
    }

    @Override
    public void close() {
        waiters.close();
        storage.close();
        events.stopped();
    }
}
