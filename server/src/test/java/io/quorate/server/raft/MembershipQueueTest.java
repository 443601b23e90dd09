package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.ClusterState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftPeer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A change of the members that takes long holds up nothing, however often it is asked for. */
class MembershipQueueTest {

    private static final VoterRow COMING = TestGroup.voter("n4");

    /** Raft brings the coming member up to date until it gives up. */
    private static final class StagingGroup implements Membership.Group {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch givenUp = new CountDownLatch(1);
        private final List<String> done = new CopyOnWriteArrayList<>();

        @Override
        public List<RaftPeer> voters() {
            return List.of();
        }

        @Override
        public List<RaftPeer> learners() {
            return List.of();
        }

        @Override
        public void requireListening(VoterRow member) {}

        @Override
        public void change(List<RaftPeer> voters, List<RaftPeer> learners, String what) throws Exception {
            done.add(what);
            begun.countDown();
            givenUp.await();
            throw new UnavailableException("no progress");
        }

        @Override
        public void lead(String memberId) {
            done.add("lead " + memberId);
        }
    }

    private final StagingGroup group = new StagingGroup();
    private final Membership membership = new Membership(
            "n1-0001",
            ClusterState::empty,
            command -> CompletableFuture.completedFuture(CommandResult.getDefaultInstance()),
            group);

    @AfterEach
    void close() {
        membership.close();
    }

    @Test
    void whoAsksAgainSharesTheOutcomeOfTheReplacementThatRuns() throws Exception {
        List<CompletableFuture<Void>> asked = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            asked.add(membership.replaceVoter("n3-0003", COMING));
        }
        assertThat(group.begun.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(asked).noneMatch(CompletableFuture::isDone);
        group.givenUp.countDown();
        for (CompletableFuture<Void> outcome : asked) {
            assertThatThrownBy(() -> outcome.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(UnavailableException.class)
                    .hasMessageContaining("no progress");
        }
        assertThat(group.done).hasSize(1);
        // It may be begun anew once it has ended.
        assertThatThrownBy(() -> membership.replaceVoter("n3-0003", COMING).get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class);
        assertThat(group.done).hasSize(2);
    }

    @Test
    void leadershipIsHandedOverWhileAReplacementRuns() throws Exception {
        CompletableFuture<Void> replaced = membership.replaceVoter("n3-0003", COMING);
        assertThat(group.begun.await(10, TimeUnit.SECONDS)).isTrue();
        membership.transferLeadership("n2-0002").get(10, TimeUnit.SECONDS);
        assertThat(group.done).contains("lead n2-0002");
        assertThat(replaced).isNotDone();
    }

    @Test
    void anotherReplacementIsRefusedAtOnceAndNotQueued() throws Exception {
        CompletableFuture<Void> replaced = membership.replaceVoter("n3-0003", COMING);
        assertThat(group.begun.await(10, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> membership
                        .replaceVoter("n2-0002", TestGroup.voter("n5"))
                        .get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(UnavailableException.class)
                .hasMessageContaining("under way");
        assertThat(replaced).isNotDone();
    }
}
