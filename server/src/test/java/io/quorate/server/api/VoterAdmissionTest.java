package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.RegisterVoter;
import io.quorate.log.v1.RemoveVoter;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.FreePorts;
import io.quorate.server.raft.Leadership;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that joined asks until it votes, and until its predecessor is forgotten. */
class VoterAdmissionTest {
    private static final VoterRow SELF = ServersFixture.voter("n2-cccc", "n2", 9);
    private static final String REPLACED = "replace n2-bbbb by n2-cccc";

    /** Asks again without waiting. */
    private static final class HastyTimer extends ScheduledThreadPoolExecutor {
        HastyTimer() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            return super.schedule(command, 1, TimeUnit.MILLISECONDS);
        }
    }

    private final ServersFixture fixture = new ServersFixture();
    private final HastyTimer timer = new HastyTimer();
    private final PeerClients peers = new PeerClients(
            endpoint -> fixture.plaintext(Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1))));
    private VoterRow first = SELF;
    private VoterRow gone = SELF;
    private LocalRaft leader = LocalRaft.leader(List.of(SELF));
    private LocalRaft newcomer = leader;
    private CompletableFuture<Void> admitted = new CompletableFuture<>();

    @BeforeEach
    void start() throws Exception {
        int port = FreePorts.next();
        first = ServersFixture.voter("n1-aaaa", "n1", port);
        gone = ServersFixture.voter("n2-bbbb", "n2", FreePorts.next());
        leader = LocalRaft.leader(List.of(first, gone));
        fixture.start(leader, leader, new SilentLeader(), port, Optional.empty());
        newcomer = LocalRaft.follower(SELF.getId(), leader);
        newcomer.become(Leadership.Role.LEARNER);
        // The one that is asked first does not answer any more.
        admitted = new VoterAdmission(newcomer, peers, timer, SELF, List.of(gone, first)).start();
    }

    @AfterEach
    void stop() throws Exception {
        timer.shutdownNow();
        peers.close();
        fixture.close();
    }

    private void asked() {
        int before = leader.changes.size();
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> leader.changes.size() > before + 1);
    }

    private void noLongerAsks() throws Exception {
        admitted.get(10, TimeUnit.SECONDS);
    }

    private void register() {
        leader.commit(
                command -> command.setRegisterVoter(RegisterVoter.newBuilder().setVoter(SELF)));
    }

    private void remove() {
        leader.commit(command -> command.setRemoveVoter(RemoveVoter.newBuilder().setId("n2-bbbb")));
    }

    @Test
    void aLearnerAsksOneAfterTheOtherUntilItVotes() throws Exception {
        asked();
        assertThat(leader.changes).containsOnly(REPLACED);
        // Its row comes before its vote: still a learner.
        register();
        remove();
        asked();
        assertThat(admitted).isNotDone();
        newcomer.become(Leadership.Role.FOLLOWER);
        noLongerAsks();
        assertThat(Objects.requireNonNull(leader.applied().voters().get(SELF.getId()))
                        .getRemoved())
                .isFalse();
    }

    /** The leader died between the change of Raft's members and the last command. */
    @Test
    void aVoterWhosePredecessorStillCountsAsksOn() throws Exception {
        register();
        newcomer.become(Leadership.Role.FOLLOWER);
        asked();
        assertThat(leader.changes).containsOnly(REPLACED);
        assertThat(admitted).isNotDone();
        remove();
        noLongerAsks();
    }

    /** Nothing was applied there yet, and the join told of those who were reachable only. */
    @Test
    void aNewcomerThatKnowsOfNoPredecessorTakesItsPlaceAllTheSame() {
        VoterRow third = ServersFixture.voter("n3-cccc", "n3", 10);
        leader.commit(command -> command.setRegisterVoter(
                RegisterVoter.newBuilder().setVoter(ServersFixture.voter("n3-bbbb", "n3", 11))));
        LocalRaft unaware = LocalRaft.follower(third.getId(), LocalRaft.leader(List.of(first)));
        unaware.become(Leadership.Role.LEARNER);
        CompletableFuture<Void> unused = new VoterAdmission(unaware, peers, timer, third, List.of(first)).start();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> leader.changes.stream().anyMatch(change -> change.endsWith("by n3-cccc")));
        assertThat(leader.changes)
                .filteredOn(change -> !change.equals(REPLACED))
                .containsOnly("replace n3-bbbb by n3-cccc");
    }

    /** Whoever it asks answers that it is not the leader. */
    @Test
    void aNewcomerThatLeadsRemovesItsPredecessorItself() throws Exception {
        LocalRaft leads = LocalRaft.leader(List.of(SELF, gone));
        CompletableFuture<Void> done = new VoterAdmission(leads, peers, timer, SELF, List.of(gone)).start();
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !leads.changes.isEmpty());
        assertThat(leads.changes).containsOnly(REPLACED);
        assertThat(done).isNotDone();
        leads.commit(command -> command.setRemoveVoter(RemoveVoter.newBuilder().setId("n2-bbbb")));
        done.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aPredecessorThatNobodyToldOfIsReplacedToo() {
        leader.commit(command -> command.setRegisterVoter(
                RegisterVoter.newBuilder().setVoter(ServersFixture.voter("n2-bcbc", "n2", 8))));
        remove();
        register();
        newcomer.become(Leadership.Role.FOLLOWER);
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> leader.changes.contains("replace n2-bcbc by n2-cccc"));
    }
}
