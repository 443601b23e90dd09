package io.quorate.server.raft;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.RegisterVoter;
import io.quorate.log.v1.RemoveVoter;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.ClusterState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftPeer;

/**
 * Changes of the group. Leader only. One replacement at a time, and apart from it one hand-over of leadership: none waits
 * for another one, and who asks again for the one that runs shares its outcome. A replacement is several steps in the log:
 * each is left out when it was done before, so that one that was interrupted is finished by asking for it again.
 */
final class Membership implements AutoCloseable {

    /** A coming member must have caught up by then. */
    static final long CHANGE_SECONDS = 60;

    /** The members as Raft has them. */
    interface Group {
        List<RaftPeer> voters();

        List<RaftPeer> learners();

        /**
         * Compare and set: refused when the members changed meanwhile. New members are brought up to date first.
         *
         * @param what for the message of a failure
         */
        void change(List<RaftPeer> voters, List<RaftPeer> learners, String what) throws Exception;

        /** Refuses when nobody listens where that member takes part in the group. */
        void requireListening(VoterRow member) throws UnavailableException;

        /** Hands leadership over. */
        void lead(String memberId) throws Exception;
    }

    private final String memberId;
    private final Supplier<ClusterState> applied;
    private final Function<Command, CompletableFuture<CommandResult>> proposer;
    private final Group group;
    private final Lane replacements = new Lane("quorate-membership");
    private final Lane transfers = new Lane("quorate-leadership");

    private record Replacement(String goingId, VoterRow coming) {}

    /**
     * @param memberId of this member
     * @param applied the newest state of this replica
     * @param proposer commits a command
     */
    Membership(
            String memberId,
            Supplier<ClusterState> applied,
            Function<Command, CompletableFuture<CommandResult>> proposer,
            Group group) {
        this.memberId = memberId;
        this.applied = applied;
        this.proposer = proposer;
        this.group = group;
    }

    /** The first command of a cluster. */
    static Command initCluster(MemberIdentity identity) {
        return command(identity.memberId())
                .setInitCluster(InitCluster.newBuilder()
                        .setClusterId(identity.clusterId())
                        .setClusterName(identity.clusterName())
                        .setGeneration(identity.generation())
                        .addAllVoters(identity.voters()))
                .build();
    }

    private static Command.Builder command(String memberId) {
        return Command.newBuilder()
                .setActor(Actor.newBuilder()
                        .setKind(Actor.Kind.KIND_SYSTEM)
                        .setName(memberId)
                        .setVia(memberId));
    }

    /** As {@link RaftPort#transferLeadership}. */
    CompletableFuture<Void> transferLeadership(String toMemberId) {
        return transfers.run(toMemberId, "a hand-over of leadership", () -> group.lead(toMemberId));
    }

    /** As {@link RaftPort#replaceVoter}. */
    CompletableFuture<Void> replaceVoter(String goingId, VoterRow coming) {
        return replacements.run(new Replacement(goingId, coming), "a replacement of a member", () -> {
            if (goingId.equals(memberId)) {
                throw new UnavailableException(
                        "the leader cannot replace itself: hand leadership over first (quorate member lead)");
            }
            if (goingId.equals(coming.getId())) {
                throw new UnavailableException(goingId + " cannot be replaced by itself");
            }
            if (!votes(coming.getId())) {
                // Ratis would try for its whole staging time, and refuse to hand leadership over meanwhile
                group.requireListening(coming);
            }
            if (!isRegistered(coming)) {
                propose(command(memberId)
                        .setRegisterVoter(RegisterVoter.newBuilder().setVoter(coming))
                        .build());
            }
            if (!votes(coming.getId())) {
                addLearner(coming);
            }
            if (!votes(coming.getId()) || votes(goingId) || has(group.learners(), goingId)) {
                swap(goingId, coming);
            }
            VoterRow going = applied.get().voters().get(goingId);
            if (!goingId.isEmpty() && (going == null || !going.getRemoved())) {
                propose(command(memberId)
                        .setRemoveVoter(RemoveVoter.newBuilder().setId(goingId))
                        .build());
            }
        });
    }

    private boolean isRegistered(VoterRow coming) {
        VoterRow known = applied.get().voters().get(coming.getId());
        return known != null && known.toBuilder().clearRevision().build().equals(coming);
    }

    private boolean votes(String id) {
        return has(group.voters(), id);
    }

    private static boolean has(List<RaftPeer> peers, String id) {
        return peers.stream().anyMatch(peer -> peer.getId().toString().equals(id));
    }

    /** Completes when the learner has caught up: Ratis stages it before the change of configuration. */
    private void addLearner(VoterRow coming) throws Exception {
        List<RaftPeer> learners = group.learners();
        if (has(learners, coming.getId())) {
            return;
        }
        List<RaftPeer> more = new ArrayList<>(learners);
        more.add(Peers.peer(coming, RaftPeerRole.LISTENER));
        group.change(group.voters(), more, "adding " + coming.getId() + " as a learner");
    }

    private void swap(String goingId, VoterRow coming) throws Exception {
        List<RaftPeer> voters = without(group.voters(), goingId, coming.getId());
        voters.add(Peers.peer(coming, RaftPeerRole.FOLLOWER));
        List<RaftPeer> learners = without(group.learners(), goingId, coming.getId());
        group.change(voters, learners, "replacing voter " + goingId + " by " + coming.getId());
    }

    private static List<RaftPeer> without(List<RaftPeer> peers, String... ids) {
        List<RaftPeer> rest = new ArrayList<>(peers);
        rest.removeIf(peer -> List.of(ids).contains(peer.getId().toString()));
        return rest;
    }

    private void propose(Command command) throws Exception {
        CommandResult result;
        try {
            result = proposer.apply(command).get(CHANGE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
        if (result.getCode() != 0) {
            throw new UnavailableException(result.getMessage());
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    /** Runs changes of one kind, one at a time, on a thread of its own. */
    private static final class Lane {
        private final ExecutorService executor;
        private Object running = "";
        private CompletableFuture<Void> outcome = CompletableFuture.completedFuture(null);

        Lane(String threadName) {
            executor = Executors.newSingleThreadExecutor(task -> {
                Thread thread = new Thread(task, threadName);
                thread.setDaemon(true);
                return thread;
            });
        }

        /**
         * Begins the change, or joins it when the same one is under way; another one is refused until that has ended.
         *
         * @param what for the message of a refusal
         */
        synchronized CompletableFuture<Void> run(Object change, String what, Step step) {
            if (!outcome.isDone()) {
                return running.equals(change)
                        ? outcome.copy()
                        : CompletableFuture.failedFuture(new UnavailableException(what + " is under way"));
            }
            CompletableFuture<Void> done = new CompletableFuture<>();
            executor.execute(() -> complete(done, step));
            running = change;
            outcome = done;
            return done.copy();
        }

        private static void complete(CompletableFuture<Void> done, Step step) {
            try {
                step.run();
                done.complete(null);
            } catch (IOException e) {
                done.completeExceptionally(new UnavailableException(String.valueOf(e.getMessage())));
            } catch (Exception e) {
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                done.completeExceptionally(e);
            }
        }
    }

    @Override
    public void close() {
        replacements.executor.shutdownNow();
        transfers.executor.shutdownNow();
    }
}
