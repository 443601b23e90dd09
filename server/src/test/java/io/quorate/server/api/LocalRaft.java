package io.quorate.server.api;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.AppliedListener;
import io.quorate.server.raft.Leadership;
import io.quorate.server.raft.MemberProgress;
import io.quorate.server.raft.RaftPort;
import io.quorate.server.raft.Subscription;
import io.quorate.server.raft.UnavailableException;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import io.quorate.v1.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A replica that applies at once what is proposed to it; a follower applies what its leader applied. */
final class LocalRaft implements RaftPort {
    static final String CLUSTER_ID = "0123456789abcdef0123456789abcdef";

    final Applier applier = new Applier(RuleTable.standard());

    /** Changes of leadership and members that were asked for, as in {@code lead n2-bbbb}. */
    final List<String> changes = new CopyOnWriteArrayList<>();

    /** What such a change ends with. */
    volatile CompletableFuture<Void> change = CompletableFuture.completedFuture(null);

    /** How often a command was proposed here; for tests of one thread. */
    int proposals;

    private final String memberId;
    private final List<AppliedListener> listeners = new CopyOnWriteArrayList<>();
    private final List<LocalRaft> followers = new CopyOnWriteArrayList<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private volatile Leadership leadership;
    private volatile Duration silence = Duration.ZERO;
    private volatile boolean quorum = true;
    private ClusterState state = ClusterState.empty();
    private long logMillis;

    private record Waiter(Position position, CompletableFuture<ClusterState> future) {}

    private LocalRaft(String memberId, Leadership leadership) {
        this.memberId = memberId;
        this.leadership = leadership;
    }

    /** A leader of a new cluster with these voters, itself first. */
    static LocalRaft leader(List<VoterRow> voters) {
        String id = voters.get(0).getId();
        LocalRaft raft = new LocalRaft(id, new Leadership(Leadership.Role.LEADER, 1, Optional.of(id), true));
        raft.apply(Command.newBuilder()
                .setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_SYSTEM).setName("init"))
                .setInitCluster(InitCluster.newBuilder()
                        .setClusterId(CLUSTER_ID)
                        .setClusterName("test")
                        .setGeneration(1)
                        .addAllVoters(voters))
                .build());
        return raft;
    }

    /** A follower of {@code leader} that has applied what it has. */
    static LocalRaft follower(String memberId, LocalRaft leader) {
        LocalRaft raft = new LocalRaft(
                memberId, new Leadership(Leadership.Role.FOLLOWER, 1, Optional.of(leader.memberId), false));
        raft.state = leader.applied();
        leader.followers.add(raft);
        return raft;
    }

    /** As if it had been proposed by this member itself; it must not be refused. */
    void commit(Consumer<Command.Builder> kind) {
        Command.Builder command = Command.newBuilder()
                .setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_SYSTEM).setName("test"));
        kind.accept(command);
        CommandResult result = apply(command.build());
        if (result.getCode() != 0) {
            throw new AssertionError(result.getMessage());
        }
    }

    void become(Leadership.Role role) {
        leadership = new Leadership(role, 1, leadership.leaderId(), false);
    }

    void loseQuorum() {
        quorum = false;
    }

    void loseLeader(Duration since) {
        leadership = new Leadership(Leadership.Role.FOLLOWER, 1, Optional.empty(), false);
        silence = since;
    }

    private synchronized CommandResult apply(Command command) {
        logMillis += 10;
        LogEntry entry = LogEntry.newBuilder()
                .setStamp(Stamp.newBuilder().setLogMillis(logMillis).setWallMillis(1_800_000_000_000L + logMillis))
                .addCommands(command)
                .build();
        Applied applied = applier.apply(state, entry, 1);
        take(applied);
        followers.forEach(follower -> follower.take(applied));
        return applied.results().get(0);
    }

    private synchronized void take(Applied applied) {
        state = applied.state();
        if (!applied.commits().isEmpty()) {
            listeners.forEach(listener -> listener.applied(state, applied.commits()));
        }
        waiters.removeIf(waiter -> {
            boolean reached = Positions.ORDER.compare(state.position(), waiter.position()) >= 0;
            if (reached) {
                waiter.future().complete(state);
            }
            return reached;
        });
    }

    @Override
    public CompletableFuture<CommandResult> propose(Command command) {
        proposals++;
        if (leadership.role() != Leadership.Role.LEADER) {
            return CompletableFuture.failedFuture(new UnavailableException("not the leader"));
        }
        return quorum ? CompletableFuture.completedFuture(apply(command)) : new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<ClusterState> readLinearizable() {
        if (leadership.role() != Leadership.Role.LEADER) {
            return CompletableFuture.failedFuture(new UnavailableException("not the leader"));
        }
        return quorum ? CompletableFuture.completedFuture(applied()) : new CompletableFuture<>();
    }

    @Override
    public synchronized ClusterState applied() {
        return state;
    }

    @Override
    public synchronized CompletableFuture<ClusterState> whenApplied(Position atLeast) {
        if (Positions.ORDER.compare(state.position(), atLeast) >= 0) {
            return CompletableFuture.completedFuture(state);
        }
        Waiter waiter = new Waiter(atLeast, new CompletableFuture<>());
        waiters.add(waiter);
        return waiter.future();
    }

    @Override
    public Leadership leadership() {
        return leadership;
    }

    @Override
    public Subscription onApplied(AppliedListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public Subscription onLeadership(Consumer<Leadership> listener) {
        listener.accept(leadership);
        return () -> {};
    }

    @Override
    public Duration sinceLeaderContact() {
        return silence;
    }

    @Override
    public long formerLeaderNanos() {
        return 0;
    }

    @Override
    public CompletableFuture<Void> transferLeadership(String toMemberId) {
        changes.add("lead " + toMemberId);
        return change;
    }

    @Override
    public CompletableFuture<Void> replaceVoter(String goingId, VoterRow coming) {
        changes.add("replace " + goingId + " by " + coming.getId());
        return change;
    }

    @Override
    public List<MemberProgress> members() {
        return leadership.role() == Leadership.Role.LEADER
                ? List.of(new MemberProgress(memberId, true, 7, 0, Duration.ZERO))
                : List.of();
    }

    @Override
    public String memberId() {
        return memberId;
    }

    @Override
    public void historyWentBack(Position shown, String node) {
        throw new AssertionError("no test shows a later history: " + shown);
    }
}
