package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.model.ClusterState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftPeer;
import org.junit.jupiter.api.Test;

/** A replacement that was interrupted anywhere is finished by asking for it again, and never costs a vote. */
class ReplacementStepsTest {

    private static final VoterRow COMING = TestGroup.voter("n3");

    private final List<VoterRow> first = List.of(TestGroup.voter("n1"), TestGroup.voter("n2"), TestGroup.voter("n3"));
    private final VoterRow going = first.get(2);
    private final Log log = new Log();

    /** The log and Raft's own members, and how many steps are left until the leader dies. */
    private final class Log implements Membership.Group {
        private final Applier applier = new Applier(RuleTable.standard());
        private ClusterState state = ClusterState.empty();
        private List<RaftPeer> voters = peers(first);
        private List<RaftPeer> learners = List.of();
        private final List<String> steps = new ArrayList<>();
        private int left = Integer.MAX_VALUE;
        private boolean lostAnswer;
        private boolean listening = true;

        private static List<RaftPeer> peers(List<VoterRow> rows) {
            return rows.stream()
                    .map(row -> Peers.peer(row, RaftPeerRole.FOLLOWER))
                    .toList();
        }

        /** One step; the last one before the leader dies is done or not, and nobody hears of it. */
        private void step(String name, Runnable effect) throws UnavailableException {
            if (left == 0 && !lostAnswer) {
                throw new UnavailableException("the leader died before: " + name);
            }
            effect.run();
            steps.add(name);
            if (left == 0) {
                throw new UnavailableException("the leader died after: " + name);
            }
            left--;
        }

        CompletableFuture<CommandResult> propose(Command command) {
            try {
                List<CommandResult> result = new ArrayList<>();
                step(command.getKindCase().toString(), () -> result.add(commit(command)));
                return CompletableFuture.completedFuture(result.get(0));
            } catch (UnavailableException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        CommandResult commit(Command command) {
            LogEntry entry = LogEntry.newBuilder()
                    .setStamp(Stamp.newBuilder().setLogMillis(state.stamp().getLogMillis() + 1))
                    .addCommands(command)
                    .build();
            Applied applied = applier.apply(state, entry, 1);
            state = applied.state();
            return applied.results().get(0);
        }

        @Override
        public List<RaftPeer> voters() {
            return voters;
        }

        @Override
        public List<RaftPeer> learners() {
            return learners;
        }

        @Override
        public void change(List<RaftPeer> newVoters, List<RaftPeer> newLearners, String what)
                throws UnavailableException {
            step(what, () -> {
                voters = newVoters;
                learners = newLearners;
                assertThat(voters).as("votes after " + what).hasSize(3);
            });
        }

        @Override
        public void requireListening(VoterRow member) throws UnavailableException {
            if (!listening) {
                throw new UnavailableException(member.getId() + " cannot be reached");
            }
        }

        @Override
        public void lead(String memberId) {
            throw new AssertionError("nobody hands leadership over");
        }
    }

    private ReplacementStepsTest() {
        MemberIdentity identity =
                new MemberIdentity(first.get(0).getId(), ClusterBootstrap.newClusterId(), "test", 1, false, first);
        log.commit(Membership.initCluster(identity));
    }

    private void replace(String goingId) throws Exception {
        try (Membership membership = new Membership(first.get(0).getId(), () -> log.state, log::propose, log)) {
            membership.replaceVoter(goingId, COMING).get(10, TimeUnit.SECONDS);
        }
    }

    private void assertReplaced() {
        assertThat(log.voters)
                .extracting(peer -> peer.getId().toString())
                .containsExactlyInAnyOrder(first.get(0).getId(), first.get(1).getId(), COMING.getId());
        assertThat(log.learners).isEmpty();
        assertThat(row(going).getRemoved()).isTrue();
        assertThat(row(COMING).getRemoved()).isFalse();
    }

    private VoterRow row(VoterRow voter) {
        return Objects.requireNonNull(log.state.voters().get(voter.getId()));
    }

    @Test
    void everyInterruptedPrefixIsFinishedByARepetition() throws Exception {
        replace(going.getId());
        assertReplaced();
        int whole = log.steps.size();
        assertThat(whole).as("%s", log.steps).isEqualTo(4);
        for (int done = 0; done < whole; done++) {
            for (boolean lost : List.of(false, true)) {
                ReplacementStepsTest again = new ReplacementStepsTest();
                again.log.left = done;
                again.log.lostAnswer = lost;
                String prefix = "interrupted after " + done + (lost ? " and one that nobody heard of" : "");
                assertThatThrownBy(() -> again.replace(again.going.getId()))
                        .as(prefix)
                        .hasCauseInstanceOf(UnavailableException.class);
                again.log.left = Integer.MAX_VALUE;
                again.replace(again.going.getId());
                again.assertReplaced();
                assertThat(again.log.steps).as(prefix).hasSize(whole).doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void aReplacementThatWasDoneIsDoneAgainWithoutAnyStep() throws Exception {
        replace(going.getId());
        List<String> steps = List.copyOf(log.steps);
        ClusterState state = log.state;
        replace(going.getId());
        assertReplaced();
        assertThat(log.steps).isEqualTo(steps);
        assertThat(log.state).isSameAs(state);
    }

    /** Somebody took the leaving one out of Raft by other means, or the row was left by a version that died there. */
    @Test
    void oneThatIsGoneFromRaftAlreadyIsRemovedFromTheState() throws Exception {
        log.voters = Log.peers(List.of(first.get(0), first.get(1), COMING));
        replace(going.getId());
        assertReplaced();
        assertThat(log.steps).containsExactly("REGISTER_VOTER", "REMOVE_VOTER");
    }

    @Test
    void oneThatOnlyLearnedWhenItDiedIsTakenOut() throws Exception {
        VoterRow dead = TestGroup.voter("n3");
        log.voters = Log.peers(List.of(first.get(0), first.get(1), COMING));
        log.learners = List.of(Peers.peer(dead, RaftPeerRole.LISTENER));
        log.commit(Command.newBuilder()
                .setActor(Membership.initCluster(identityOf(dead)).getActor())
                .setRegisterVoter(io.quorate.log.v1.RegisterVoter.newBuilder().setVoter(dead))
                .build());
        replace(dead.getId());
        assertThat(log.learners).isEmpty();
        assertThat(row(dead).getRemoved()).isTrue();
    }

    private MemberIdentity identityOf(VoterRow voter) {
        return new MemberIdentity(voter.getId(), "0", "test", 1, true, List.of(voter));
    }

    @Test
    void aMemberThatWasRemovedNeverReturns() throws Exception {
        replace(going.getId());
        VoterRow known = row(going);
        try (Membership membership = new Membership(first.get(0).getId(), () -> log.state, log::propose, log)) {
            assertThatThrownBy(
                            () -> membership.replaceVoter(COMING.getId(), going).get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(UnavailableException.class)
                    .hasMessageContaining("never vote again");
        }
        assertReplaced();
        assertThat(row(going)).isEqualTo(known);
    }

    /** Ratis would try to bring it up to date for half a minute, and hands leadership to nobody meanwhile. */
    @Test
    void oneThatCannotBeReachedBeginsNothing() {
        log.listening = false;
        assertThatThrownBy(() -> replace(going.getId()))
                .hasCauseInstanceOf(UnavailableException.class)
                .hasMessageContaining("cannot be reached");
        assertThat(log.steps).isEmpty();
    }

    @Test
    void neitherTheLeaderNorTheComingOneIsTheOneThatGoes() {
        for (String id : List.of(first.get(0).getId(), COMING.getId())) {
            assertThatThrownBy(() -> replace(id))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(UnavailableException.class);
        }
        assertThat(log.steps).isEmpty();
        assertThat(Optional.ofNullable(log.state.voters().get(COMING.getId()))).isEmpty();
    }
}
