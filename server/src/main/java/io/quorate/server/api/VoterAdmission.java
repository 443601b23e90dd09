package io.quorate.server.api;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.Leadership;
import io.quorate.server.raft.RaftPort;
import io.quorate.v1.Member;
import io.quorate.v1.ReplaceMemberRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that joined asks the present voters, one after the other, to let it vote, until its own state says that it
 * does. It takes the place of an earlier member of its name, if there is one: that one's disk is gone, or it would not
 * have joined again.
 */
final class VoterAdmission {
    private static final Logger LOG = LoggerFactory.getLogger(VoterAdmission.class);
    private static final long AGAIN_SECONDS = 2;

    private final RaftPort raft;
    private final PeerClients peers;
    private final ScheduledExecutorService timer;
    private final VoterRow self;
    private final List<VoterRow> others;
    private final CompletableFuture<Void> admitted = new CompletableFuture<>();

    VoterAdmission(
            RaftPort raft, PeerClients peers, ScheduledExecutorService timer, VoterRow self, List<VoterRow> others) {
        this.raft = raft;
        this.peers = peers;
        this.timer = timer;
        this.self = self;
        this.others = List.copyOf(others);
    }

    /** Begins to ask; completes when there is nothing left to ask for. */
    CompletableFuture<Void> start() {
        ask(0);
        return admitted;
    }

    private void ask(int attempt) {
        VoterRow known = raft.applied().voters().get(self.getId());
        Leadership leadership = raft.leadership();
        // The row comes before the change of Raft's own configuration, which may have been interrupted.
        boolean learns = leadership.role() == Leadership.Role.LEARNER;
        boolean votes =
                known != null && !known.getRemoved() && leadership.leaderId().isPresent() && !learns;
        // The removal of the former member is the last step, and may be lacking.
        if (votes && formers().findAny().isEmpty()) {
            LOG.info("{} votes", self.getId());
            admitted.complete(null);
            return;
        }
        if (known != null && votes && leadership.isReadyLeader()) {
            goOnAfter(finishHere(known), self, attempt);
        } else {
            VoterRow other = others.get(attempt % others.size());
            goOnAfter(askOf(other), other, attempt);
        }
    }

    private void goOnAfter(CompletableFuture<?> outcome, VoterRow asked, int attempt) {
        CompletableFuture<?> unused = outcome.whenComplete((answer, failure) -> {
            if (failure == null) {
                LOG.info("{} lets {} vote", asked.getName(), self.getId());
            } else {
                LOG.info("{} does not let {} vote yet: {}", asked.getName(), self.getId(), failure.getMessage());
            }
            later(attempt + 1);
        });
    }

    private CompletableFuture<?> askOf(VoterRow other) {
        return peers.call(
                other.getNodeEndpoint(),
                ClusterServiceImpl.REPLACE.name(),
                request().toByteString(),
                actor());
    }

    /** No other one can do what is left once this member leads. */
    private CompletableFuture<?> finishHere(VoterRow known) {
        // the row as it is: nothing of it is to be registered again
        VoterRow registered = known.toBuilder().clearRevision().build();
        return formers()
                .findFirst()
                .map(former -> raft.replaceVoter(former.getId(), registered))
                .orElseGet(() -> CompletableFuture.completedFuture(null));
    }

    /** Members of this name whom the state still counts. */
    private Stream<VoterRow> formers() {
        return raft.applied().voters().values().stream()
                .filter(row -> row.getName().equals(self.getName()))
                .filter(row -> !row.getId().equals(self.getId()) && !row.getRemoved());
    }

    private void later(int attempt) {
        ScheduledFuture<?> unused = timer.schedule(() -> ask(attempt), AGAIN_SECONDS, TimeUnit.SECONDS);
    }

    private Actor actor() {
        return Actor.newBuilder()
                .setKind(Actor.Kind.KIND_NODE)
                .setName(self.getName())
                .setVia(self.getId())
                .build();
    }

    private ReplaceMemberRequest request() {
        ReplaceMemberRequest.Builder request = ReplaceMemberRequest.newBuilder()
                .setWith(Member.newBuilder()
                        .setId(self.getId())
                        .setName(self.getName())
                        .setApiEndpoint(self.getApiEndpoint())
                        .setRaftEndpoint(self.getRaftEndpoint())
                        .setNodeEndpoint(self.getNodeEndpoint())
                        .setVersion(self.getVersion()));
        // Before anything was applied here there are only those whom the join told of.
        Stream<VoterRow> known = others.stream().filter(voter -> voter.getName().equals(self.getName()));
        Stream.concat(formers(), known).findFirst().ifPresent(former -> request.setMember(former.getId()));
        return request.build();
    }
}
