package io.quorate.server.leader;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.AppliedListener;
import io.quorate.server.raft.Leadership;
import io.quorate.server.raft.MemberProgress;
import io.quorate.server.raft.RaftPort;
import io.quorate.server.raft.Subscription;
import io.quorate.server.raft.UnavailableException;
import io.quorate.server.time.FakeClock;
import io.quorate.server.time.WallTime;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.Position;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One member of an in-memory group that applies with the real rules. Leadership is given by the test; a member that is
 * cut off goes on believing that it leads, and nothing that it proposes is ever decided. One thread.
 */
final class FakeRaft implements RaftPort {

    /** What the members share: the log, reduced to its state. */
    static final class Group {
        private final FakeClock clock;
        private final Applier applier = new Applier(RuleTable.standard());
        private final List<FakeRaft> members = new ArrayList<>();
        private ClusterState state = ClusterState.empty();
        private long term;
        private long newestNanos;
        private @Nullable FakeRaft leader;
        private final List<Commit> history = new ArrayList<>();

        Group(FakeClock clock) {
            this.clock = clock;
        }

        FakeRaft member(String id) {
            FakeRaft member = new FakeRaft(this, id);
            members.add(member);
            return member;
        }

        /** What the members' disks hold when they start. */
        void restore(ClusterState before) {
            state = before;
            newestNanos = clock.monotonicNanos();
        }

        ClusterState state() {
            return state;
        }

        List<Commit> history() {
            return history;
        }

        @Nullable
        FakeRaft leader() {
            return leader;
        }

        /** A new term: this member leads, those that are not cut off follow it. */
        void elect(FakeRaft next) {
            if (next.cut) {
                throw new IllegalArgumentException(next.id + " is cut off");
            }
            term++;
            leader = next;
            next.formerLeaderNanos = newestNanos;
            for (FakeRaft member : members) {
                if (!member.cut) {
                    member.catchUp();
                    boolean leads = member == next;
                    member.lead(new Leadership(
                            leads ? Leadership.Role.LEADER : Leadership.Role.FOLLOWER,
                            term,
                            Optional.of(next.id),
                            leads));
                }
            }
        }

        /** Commits a command before whatever the leader holds. */
        CommandResult commitAhead(Command command) {
            return commit(List.of(command));
        }

        private CommandResult commit(List<Command> commands) {
            LogEntry entry = LogEntry.newBuilder()
                    .setStamp(Stamp.newBuilder()
                            .setLogMillis(clock.monotonicNanos() / 1_000_000)
                            .setWallMillis(WallTime.steady(state.stamp().getWallMillis(), clock.wallMillis())))
                    .addAllCommands(commands)
                    .build();
            Applied applied = applier.apply(state, entry, term);
            state = applied.state();
            newestNanos = clock.monotonicNanos();
            history.addAll(applied.commits());
            for (FakeRaft member : members) {
                member.hear(applied);
            }
            return commands.isEmpty()
                    ? CommandResult.getDefaultInstance()
                    : applied.results().get(0);
        }
    }

    private record Pending(@Nullable Command command, CompletableFuture<CommandResult> result) {}

    private final Group group;
    private final String id;
    private final List<AppliedListener> appliedListeners = new ArrayList<>();
    private final List<Consumer<Leadership>> leadershipListeners = new ArrayList<>();
    private final Deque<Pending> held = new ArrayDeque<>();
    private Leadership leadership = new Leadership(Leadership.Role.FOLLOWER, 0, Optional.empty(), false);
    private ClusterState applied = ClusterState.empty();
    private boolean cut;
    private boolean holding;
    private int barriers;
    private boolean halted;
    private long formerLeaderNanos;

    private FakeRaft(Group group, String id) {
        this.group = group;
        this.id = id;
    }

    /** The others no longer hear this member, nor it them. */
    void cutOff() {
        cut = true;
    }

    /** The leader loses what it knew beside the log, and goes on in the same term. */
    void rebuild() {
        Leadership leads = leadership;
        lead(new Leadership(Leadership.Role.FOLLOWER, leads.term(), leads.leaderId(), false));
        lead(leads);
    }

    /** The others hear this member again: it learns who leads, and what was decided meanwhile. */
    void heal() {
        if (!cut) {
            return;
        }
        cut = false;
        catchUp();
        lead(new Leadership(
                Leadership.Role.FOLLOWER,
                group.term,
                Optional.ofNullable(group.leader).map(leader -> leader.id),
                false));
    }

    boolean isCut() {
        return cut;
    }

    /** Nothing is decided until {@link #release}: a slow disk. */
    void hold() {
        holding = true;
    }

    void release() {
        holding = false;
        while (!held.isEmpty()) {
            Pending next = held.remove();
            next.result.complete(group.commit(next.command == null ? List.of() : List.of(next.command)));
        }
    }

    int barriers() {
        return barriers;
    }

    boolean isHalted() {
        return halted;
    }

    private void lead(Leadership next) {
        leadership = next;
        if (!next.isReadyLeader()) {
            failHeld();
        }
        leadershipListeners.forEach(listener -> listener.accept(next));
    }

    private void failHeld() {
        while (!held.isEmpty()) {
            held.remove().result.completeExceptionally(new UnavailableException("no longer the leader"));
        }
    }

    private void hear(Applied entry) {
        if (!cut) {
            applied = entry.state();
            if (!entry.commits().isEmpty()) {
                appliedListeners.forEach(listener -> listener.applied(entry.state(), entry.commits()));
            }
        }
    }

    private void catchUp() {
        if (applied.revision() < group.state.revision()) {
            applied = group.state;
            appliedListeners.forEach(listener -> listener.applied(applied, List.of()));
        }
    }

    @Override
    public CompletableFuture<CommandResult> propose(Command command) {
        return decide(command);
    }

    private CompletableFuture<CommandResult> decide(@Nullable Command command) {
        CompletableFuture<CommandResult> result = new CompletableFuture<>();
        if (!leadership.isReadyLeader()) {
            result.completeExceptionally(new UnavailableException(
                    "not the leader", leadership.leaderId().orElse(null)));
        } else if (cut || holding || group.leader != this) {
            held.add(new Pending(command, result));
        } else {
            result.complete(group.commit(command == null ? List.of() : List.of(command)));
        }
        return result;
    }

    @Override
    public CompletableFuture<ClusterState> readLinearizable() {
        barriers++;
        return decide(null).thenApply(unused -> applied);
    }

    @Override
    public ClusterState applied() {
        return applied;
    }

    @Override
    public CompletableFuture<ClusterState> whenApplied(Position atLeast) {
        return CompletableFuture.completedFuture(applied);
    }

    @Override
    public Leadership leadership() {
        return leadership;
    }

    @Override
    public Subscription onApplied(AppliedListener listener) {
        appliedListeners.add(listener);
        return () -> appliedListeners.remove(listener);
    }

    @Override
    public Subscription onLeadership(Consumer<Leadership> listener) {
        leadershipListeners.add(listener);
        listener.accept(leadership);
        return () -> leadershipListeners.remove(listener);
    }

    @Override
    public Duration sinceLeaderContact() {
        return Duration.ZERO;
    }

    @Override
    public long formerLeaderNanos() {
        return formerLeaderNanos;
    }

    @Override
    public CompletableFuture<Void> transferLeadership(String memberId) {
        return CompletableFuture.failedFuture(new UnavailableException("tests elect"));
    }

    @Override
    public CompletableFuture<Void> replaceVoter(String goingId, VoterRow coming) {
        return CompletableFuture.failedFuture(new UnavailableException("the voters of a test stay"));
    }

    @Override
    public List<MemberProgress> members() {
        return List.of();
    }

    @Override
    public String memberId() {
        return id;
    }

    @Override
    public void historyWentBack(Position shown, String node) {
        halted = true;
    }
}
