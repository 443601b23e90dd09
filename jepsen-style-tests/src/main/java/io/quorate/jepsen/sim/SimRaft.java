package io.quorate.jepsen.sim;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.AppliedListener;
import io.quorate.server.raft.IndeterminateException;
import io.quorate.server.raft.Leadership;
import io.quorate.server.raft.LogClock;
import io.quorate.server.raft.MemberProgress;
import io.quorate.server.raft.RaftPort;
import io.quorate.server.raft.Subscription;
import io.quorate.server.raft.UnavailableException;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.Position;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What Raft promises, and no more: terms with one leader each, entries that a majority has are never lost, others may be or not,
 * whoever is deposed learns of it late and answers until then, members apply late, and skip what a snapshot brings.
 */
final class SimRaft {
    private static final long ELECTION_NANOS = Timeline.SECOND;
    private static final long LOOK_NANOS = 50 * Timeline.MILLI;
    private static final int BATCH = 256;
    private static final int KEPT = 1_000;
    /** A process that starts again has applied less than it had. */
    private static final int REPEATED = 8;

    /** A committed entry, with the state after it while any member may still want it. */
    private record Entry(long term, LogEntry entry, ClusterState state, List<Commit> commits) {}

    /** An entry that one member or more have, and no majority has confirmed. */
    private record Tail(long term, LogEntry entry) {}

    /** Hears of every commit: the checks. */
    interface Witness {
        void committed(LogEntry entry, ClusterState before, Applied applied);
    }

    private static final int REMEMBERED = 400;

    private final Timeline timeline;
    private final Network network;
    private final SplittableRandom random;
    private final Witness witness;
    private final Mutation mutation;
    private final Applier applier;
    private final Map<String, Member> members = new TreeMap<>();
    /** The newest of what anybody had a leader decide. */
    private final Deque<Command> asked = new ArrayDeque<>();
    /** The newest part of the committed log, from the entry after {@link #firstIndex}. */
    private final List<Entry> log = new ArrayList<>();

    private long firstIndex;
    private long lastIndex;
    private long lastTerm;
    private long newestNanos;
    private ClusterState committed = ClusterState.empty();
    private long term;
    private @Nullable Member leader;
    private long leaderlessSinceNanos = -1;
    private long electAfterNanos;
    private int elections;
    private long again;

    SimRaft(Timeline timeline, Network network, SplittableRandom random, Witness witness, Mutation mutation) {
        this.timeline = timeline;
        this.network = network;
        this.random = random;
        this.witness = witness;
        this.mutation = mutation;
        this.applier = new Applier(mutation.rules());
    }

    Member add(String name, SimClock clock) {
        Member member = new Member(name, clock);
        members.put(name, member);
        return member;
    }

    /** Begins with an entry that every member has, and to look for leaders. */
    void start(Command first) {
        commit(0, LogEntry.newBuilder().addCommands(first).build());
        members.values().forEach(member -> member.index = lastIndex);
        look();
    }

    ClusterState committed() {
        return committed;
    }

    long lastIndex() {
        return lastIndex;
    }

    long term() {
        return term;
    }

    int elections() {
        return elections;
    }

    /** The one that would win against any other, if it is still there. */
    @Nullable
    Member leader() {
        return leader;
    }

    /** The newest of what anybody had a leader decide, the oldest first. */
    List<Command> asked() {
        return List.copyOf(asked);
    }

    private void remember(@Nullable Command command) {
        if (command != null) {
            asked.add(command);
            if (asked.size() > REMEMBERED) {
                asked.remove();
            }
        }
    }

    private int majority() {
        return members.size() / 2 + 1;
    }

    private void look() {
        Member now = leader;
        boolean works =
                now != null && now.isAwake() && now.leads() && hears(now).size() >= majority();
        if (works) {
            leaderlessSinceNanos = -1;
        } else if (leaderlessSinceNanos < 0) {
            leaderlessSinceNanos = timeline.nowNanos();
            electAfterNanos = ELECTION_NANOS + random.nextLong(ELECTION_NANOS);
        } else if (timeline.nowNanos() - leaderlessSinceNanos > electAfterNanos) {
            electAny();
        }
        members.values().forEach(Member::look);
        timeline.after(LOOK_NANOS, this::look);
    }

    /** Those that a member hears and that hear it, itself among them. */
    private List<Member> hears(Member member) {
        return members.values().stream()
                .filter(other -> other.isAwake() && network.passesBothWays(member.name, other.name))
                .toList();
    }

    private void electAny() {
        List<Member> candidates = members.values().stream().filter(this::mayWin).toList();
        if (!candidates.isEmpty()) {
            elect(candidates.get(random.nextInt(candidates.size())));
        }
    }

    private boolean mayWin(Member candidate) {
        return candidate.isAwake()
                && hears(candidate).stream()
                                .filter(voter -> candidate.isNoOlderThan(voter))
                                .count()
                        >= majority();
    }

    /** True when it leads from now on. */
    boolean elect(Member next) {
        if (!mayWin(next)) {
            return false;
        }
        elections++;
        term++;
        leaderlessSinceNanos = -1;
        leader = next;
        next.formerLeaderNanos = next.clock.at(newestNanos);
        if (next.tail != null) {
            // What it has of an earlier term is committed with the first entry of its own.
            commit(next.tail.term(), next.tail.entry());
        }
        for (Member member : hears(next)) {
            member.sync(next);
        }
        next.becomeLeader(term);
        return true;
    }

    private Applied commit(long ofTerm, LogEntry entry) {
        ClusterState before = committed;
        Applied applied = applier.apply(before, entry, ofTerm);
        committed = applied.state();
        lastIndex++;
        lastTerm = ofTerm;
        log.add(new Entry(ofTerm, entry, applied.state(), applied.commits()));
        trim();
        witness.committed(entry, before, applied);
        return applied;
    }

    /** A member that lags this far behind gets a snapshot. */
    private void trim() {
        if (log.size() > 2 * KEPT) {
            log.subList(0, KEPT).clear();
            firstIndex += KEPT;
        }
    }

    private @Nullable Entry entry(long index) {
        return index <= firstIndex || index > lastIndex ? null : log.get((int) (index - firstIndex - 1));
    }

    private record Pending(@Nullable Command command, CompletableFuture<CommandResult> result) {}

    /** One entry on its way to the others; there is at most one. */
    private static final class Flight {
        private final Tail tail;
        private final List<Pending> pending;
        private final Set<String> acknowledged = new HashSet<>();

        Flight(Tail tail, List<Pending> pending) {
            this.tail = tail;
            this.pending = pending;
        }
    }

    /** One member, as its process sees the log. */
    final class Member implements RaftPort {
        private final String name;
        private final SimClock clock;
        private final List<AppliedListener> appliedListeners = new ArrayList<>();
        private final List<Consumer<Leadership>> leadershipListeners = new ArrayList<>();
        private final Deque<Pending> waiting = new ArrayDeque<>();
        private Leadership leadership = new Leadership(Leadership.Role.FOLLOWER, 0, Optional.empty(), false);
        /** Committed entries that are on its disk. */
        private long index;

        private @Nullable Tail tail;
        private @Nullable Flight flight;
        private long votedTerm;
        private long applied;
        private ClusterState state = ClusterState.empty();
        private boolean running;
        private boolean paused;
        private long run;
        private long aloneSinceNanos = -1;
        private long patienceNanos;
        private long formerLeaderNanos;
        private @Nullable Position wentBack;
        private long stampSeenNanos;
        private @Nullable LogClock stamps;

        private Member(String name, SimClock clock) {
            this.name = name;
            this.clock = clock;
        }

        /** Its process begins with what is on its disk; how much of it was applied before is in its snapshot. */
        void startProcess() {
            running = true;
            run++;
            long snapshot = Math.max(0, applied - random.nextLong(REPEATED));
            Entry last = entry(snapshot);
            if (last != null) {
                applied = snapshot;
                take(last.state());
            }
            long present = run;
            timeline.after(random.nextLong(20 * Timeline.MILLI), () -> {
                if (run == present && running) {
                    applyTo(index);
                }
            });
        }

        /** Its process is gone: of what it was about to do only what is on disks may still be done. */
        void endProcess() {
            running = false;
            run++;
            flight = null;
            waiting.clear();
            appliedListeners.clear();
            leadershipListeners.clear();
            leadership = new Leadership(Leadership.Role.FOLLOWER, votedTerm, Optional.empty(), false);
            if (leader == this) {
                leader = null;
            }
        }

        void pause(boolean pause) {
            paused = pause;
        }

        boolean isAwake() {
            return running && !paused;
        }

        /** What its leader was shown by an agent and never had. */
        @Nullable
        Position wentBack() {
            return wentBack;
        }

        /** Whether it believes to lead, in the newest term. */
        private boolean leads() {
            return leadership.role() == Leadership.Role.LEADER && leadership.term() == term;
        }

        private boolean isNoOlderThan(Member other) {
            long own = lastTerm();
            long others = other.lastTerm();
            return own > others || (own == others && lastIndex() >= other.lastIndex());
        }

        private long lastTerm() {
            if (tail != null) {
                return tail.term();
            }
            Entry last = entry(index);
            return last == null ? (index == SimRaft.this.lastIndex ? SimRaft.this.lastTerm : 0) : last.term();
        }

        private long lastIndex() {
            return index + (tail == null ? 0 : 1);
        }

        /** Hears the leader: what is committed, and that what else it has is void. */
        private void sync(Member from) {
            votedTerm = Math.max(votedTerm, term);
            index = SimRaft.this.lastIndex;
            tail = from == this || from.flight == null || !from.flight.acknowledged.contains(name)
                    ? null
                    : from.flight.tail;
            if (this != from
                    && (leadership.term() != term || leadership.leaderId().isEmpty())) {
                lead(new Leadership(Leadership.Role.FOLLOWER, term, Optional.of(from.name), false));
            }
            if (applied < index) {
                long to = index;
                long present = run;
                timeline.after(random.nextLong(5 * Timeline.MILLI), () -> {
                    if (run == present) {
                        applyTo(to);
                    }
                });
            }
        }

        private void becomeLeader(long ofTerm) {
            failAll();
            lead(new Leadership(Leadership.Role.LEADER, ofTerm, Optional.of(name), false));
            long present = run;
            timeline.after(2 * Timeline.MILLI + random.nextLong(20 * Timeline.MILLI), () -> {
                if (run == present && leadership.role() == Leadership.Role.LEADER && leadership.term() == ofTerm) {
                    applyTo(index);
                    stamps = new LogClock(clock, state.stamp(), stampSeenNanos);
                    lead(new Leadership(Leadership.Role.LEADER, ofTerm, Optional.of(name), true));
                    takeOff();
                }
            });
        }

        /** From time to time: whether anybody is heard. */
        private void look() {
            if (!isAwake()) {
                return;
            }
            boolean leads = leadership.role() == Leadership.Role.LEADER;
            Member real = leader;
            boolean knowsAll = index == SimRaft.this.lastIndex
                    && leadership.term() == term
                    && leadership.leaderId().isPresent();
            if (real != null && real != this && real.isAwake() && network.passes(real.name, name) && !knowsAll) {
                sync(real);
            }
            if (!leads) {
                return;
            }
            if (hears(this).size() >= majority()) {
                aloneSinceNanos = -1;
            } else if (aloneSinceNanos < 0) {
                aloneSinceNanos = timeline.nowNanos();
                patienceNanos = Timeline.SECOND + random.nextLong(8 * Timeline.SECOND);
            } else if (timeline.nowNanos() - aloneSinceNanos > patienceNanos) {
                lead(new Leadership(Leadership.Role.FOLLOWER, leadership.term(), Optional.empty(), false));
            }
        }

        private void lead(Leadership next) {
            leadership = next;
            if (next.role() != Leadership.Role.LEADER) {
                aloneSinceNanos = -1;
                failAll();
            }
            List.copyOf(leadershipListeners).forEach(listener -> listener.accept(next));
        }

        private void failAll() {
            Flight lost = flight;
            flight = null;
            List<Pending> never = mutation.is(Mutation.Fake.TermBound) ? List.of() : List.copyOf(waiting);
            waiting.removeAll(never);
            if (lost != null) {
                lost.pending.forEach(each -> each.result.completeExceptionally(
                        new IndeterminateException("no longer the leader, with the entry on its way")));
            }
            never.forEach(each -> each.result.completeExceptionally(new UnavailableException("no longer the leader")));
        }

        private void applyTo(long to) {
            if (applied >= to) {
                return;
            }
            boolean snapshot = applied < firstIndex || (to - applied > 3 && random.nextInt(4) == 0);
            if (snapshot) {
                hear(to, List.of());
                return;
            }
            while (applied < to) {
                Entry next = entry(applied + 1);
                if (next == null) {
                    return;
                }
                hear(applied + 1, next.commits());
            }
        }

        private void hear(long at, List<Commit> commits) {
            Entry entry = entry(at);
            if (entry == null) {
                return;
            }
            boolean snapshot = at != applied + 1;
            applied = at;
            take(entry.state());
            if (snapshot || !commits.isEmpty()) {
                List.copyOf(appliedListeners).forEach(listener -> listener.applied(entry.state(), commits));
            }
        }

        private void take(ClusterState next) {
            if (!next.stamp().equals(state.stamp())) {
                stampSeenNanos = clock.monotonicNanos();
            }
            state = next;
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
            } else {
                remember(command);
                waiting.add(new Pending(command, result));
                takeOff();
            }
            return result;
        }

        /** TermBound: what waits is of this term, or was failed with it. */
        private void takeOff() {
            if (flight != null || waiting.isEmpty()) {
                return;
            }
            List<Pending> batch = new ArrayList<>();
            while (!waiting.isEmpty() && batch.size() < BATCH) {
                batch.add(waiting.remove());
            }
            LogEntry.Builder entry = LogEntry.newBuilder()
                    .setStamp(Objects.requireNonNull(stamps).next());
            batch.stream().map(Pending::command).forEach(command -> {
                if (command != null) {
                    entry.addCommands(
                            mutation.is(Mutation.Fake.Ledger)
                                    ? command.toBuilder()
                                            .setRequestId(Mutation.again(command.getRequestId(), ++again))
                                            .build()
                                    : command);
                }
            });
            Flight next = new Flight(new Tail(leadership.term(), entry.build()), batch);
            flight = next;
            long present = run;
            timeline.after(diskNanos(), () -> {
                if (run == present && flight == next) {
                    tail = next.tail;
                    acknowledge(next, this);
                }
            });
            members.values().forEach(member -> send(next, member));
        }

        private long diskNanos() {
            return 300_000 + random.nextLong(1_500_000);
        }

        /** Sends the entry to a member, again and again until it has it or the flight is over. */
        private void send(Flight next, Member member) {
            if (member == this) {
                return;
            }
            long present = run;
            timeline.after(network.delayNanos(name, member.name) + diskNanos(), () -> {
                if (run != present || flight != next) {
                    return;
                }
                boolean arrives = isAwake() && member.isAwake() && network.passes(name, member.name);
                if (!arrives || member.votedTerm > next.tail.term()) {
                    timeline.after(LOOK_NANOS, () -> {
                        if (run == present && flight == next) {
                            send(next, member);
                        }
                    });
                    return;
                }
                member.votedTerm = next.tail.term();
                member.index = index;
                member.tail = next.tail;
                timeline.after(network.delayNanos(member.name, name), () -> {
                    if (run == present && flight == next) {
                        if (isAwake() && network.passes(member.name, name)) {
                            acknowledge(next, member);
                        } else {
                            send(next, member);
                        }
                    }
                });
            });
        }

        private void acknowledge(Flight arrived, Member by) {
            arrived.acknowledged.add(by.name);
            if (arrived.acknowledged.size() < majority() || leader != this || leadership.term() != term) {
                return;
            }
            Applied outcome = SimRaft.this.commit(arrived.tail.term(), arrived.tail.entry());
            newestNanos = timeline.nowNanos();
            flight = null;
            tail = null;
            index = SimRaft.this.lastIndex;
            applyTo(index);
            for (Member member : members.values()) {
                if (member != this && arrived.acknowledged.contains(member.name)) {
                    member.tail = null;
                    member.index = index;
                    if (network.passes(name, member.name) && member.isAwake()) {
                        member.sync(this);
                    }
                }
            }
            int next = 0;
            for (Pending each : arrived.pending) {
                each.result.complete(
                        each.command == null
                                ? CommandResult.getDefaultInstance()
                                : outcome.results().get(next++));
            }
            takeOff();
        }

        @Override
        public CompletableFuture<ClusterState> readLinearizable() {
            return mutation.is(Mutation.Fake.Confirmed) && leadership.isReadyLeader()
                    ? CompletableFuture.completedFuture(state)
                    : decide(null).thenApply(unused -> state);
        }

        @Override
        public ClusterState applied() {
            return state;
        }

        @Override
        public CompletableFuture<ClusterState> whenApplied(Position atLeast) {
            return CompletableFuture.completedFuture(state);
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
            Member next = members.get(memberId);
            return next != null && elect(next)
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(new UnavailableException("it cannot lead now"));
        }

        @Override
        public CompletableFuture<Void> replaceVoter(String goingId, VoterRow coming) {
            return CompletableFuture.failedFuture(new UnavailableException("the voters of a simulation stay"));
        }

        @Override
        public List<MemberProgress> members() {
            return List.of();
        }

        @Override
        public String memberId() {
            return name;
        }

        @Override
        public void historyWentBack(Position shown, String node) {
            wentBack = shown;
        }
    }
}
