package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.RegisterVoter;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leadership moves on request, voters are replaced, and a group that lost acknowledged history stops. */
class MembershipTest {

    @TempDir
    Path root;

    @Test
    void leadershipIsHandedOver() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format().startAll()) {
            group.accepted(Commands.registerNode());
            String next = group.withLeader(leader -> {
                String other = group.voters.stream()
                        .map(VoterRow::getId)
                        .filter(id -> !id.equals(leader.memberId()))
                        .findFirst()
                        .orElseThrow();
                leader.transferLeadership(other).get(20, TimeUnit.SECONDS);
                return other;
            });
            assertThat(group.leader().memberId()).isEqualTo(next);
            assertThat(group.lastWords).isEmpty();
        }
    }

    @Test
    void aVoterIsReplacedByOneThatCaughtUpFirstAndVotesAfterwards() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format().startAll()) {
            RaftNode leader = group.leader();
            group.accepted(Commands.registerNode());
            group.accepted(Commands.set("a", "before"));
            VoterRow going = group.voters.stream()
                    .filter(voter -> !voter.getId().equals(leader.memberId()))
                    .findFirst()
                    .orElseThrow();
            group.stop(going.getId());

            VoterRow coming = TestGroup.voter("n4");
            ClusterBootstrap.formatLearner(
                    group.directory(coming.getId()), coming, group.voters, group.clusterId, "test", 1, "test");
            RaftNode newcomer = group.start(coming);
            replaceVoter(group, going.getId(), coming);

            RaftNode present = group.leader();
            assertThat(voters(present))
                    .contains(coming.getId())
                    .doesNotContain(going.getId())
                    .hasSize(3);
            assertThat(Objects.requireNonNull(present.applied().voters().get(going.getId()))
                            .getRemoved())
                    .isTrue();

            // With the old leader gone too, only the newcomer's vote makes a majority.
            group.stop(leader.memberId());
            CommandResult result = group.accepted(Commands.set("a", "after"));
            ClusterState state = newcomer.whenApplied(result.getPosition()).get(10, TimeUnit.SECONDS);
            assertThat(Commands.get(state, "a")).isEqualTo("after");

            // It is a voter after a restart as well.
            group.stop(coming.getId());
            group.start(coming);
            group.accepted(Commands.set("a", "again"));
            assertThat(group.lastWords).isEmpty();
        }
    }

    /** The first leader dies when it has only registered the coming member; the next is asked, and asked again. */
    @Test
    void aReplacementIsFinishedByTheNextLeaderAndDoneOnlyOnce() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format().startAll()) {
            VoterRow coming = TestGroup.voter("n4");
            ClusterBootstrap.formatLearner(
                    group.directory(coming.getId()), coming, group.voters, group.clusterId, "test", 1, "test");
            RaftNode newcomer = group.start(coming);
            group.accepted(Command.newBuilder()
                    .setActor(Actor.newBuilder()
                            .setKind(Actor.Kind.KIND_SYSTEM)
                            .setName(group.leader().memberId()))
                    .setRegisterVoter(RegisterVoter.newBuilder().setVoter(coming))
                    .build());
            assertThat(newcomer.leadership().role()).isNotEqualTo(Leadership.Role.LEADER);
            String dead = group.leader().memberId();
            group.stop(dead);

            replaceVoter(group, dead, coming);
            RaftNode second = group.leader();
            ClusterState done = second.applied();
            assertThat(voters(second))
                    .contains(coming.getId())
                    .doesNotContain(dead)
                    .hasSize(3);
            assertThat(Objects.requireNonNull(done.voters().get(dead)).getRemoved())
                    .isTrue();
            newcomer.whenApplied(done.position()).get(10, TimeUnit.SECONDS);
            Awaitility.await()
                    .atMost(TestGroup.PATIENCE)
                    .until(() -> newcomer.leadership().role() == Leadership.Role.FOLLOWER);

            replaceVoter(group, dead, coming);
            RaftNode third = group.leader();
            assertThat(third.applied().position()).isEqualTo(done.position());
            assertThat(voters(third))
                    .contains(coming.getId())
                    .doesNotContain(dead)
                    .hasSize(3);

            // The one that was replaced does not come back into a group that goes on without it.
            group.start(group.row(dead));
            group.accepted(Commands.registerNode());
            assertThat(voters(group.leader())).doesNotContain(dead);
            assertThat(group.lastWords).doesNotContainKeys(second.memberId(), coming.getId());
        }
    }

    /** Asked again when leadership is lost meanwhile, as whoever replaces a member does. */
    private static void replaceVoter(TestGroup group, String going, VoterRow coming) throws Exception {
        var unused =
                group.withLeader(leader -> leader.replaceVoter(going, coming).get(60, TimeUnit.SECONDS));
    }

    private static Set<String> voters(RaftNode leader) {
        return leader.members().stream()
                .filter(MemberProgress::voter)
                .map(MemberProgress::id)
                .collect(Collectors.toSet());
    }

    /** A learner reads the configurations of the group before its time; a restart then must not look like a removal. */
    @Test
    void aLearnerThatStopsWhileItCatchesUpStartsAgain() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format().startAll()) {
            RaftNode leader = group.leader();
            group.accepted(Commands.registerNode());
            VoterRow coming = TestGroup.voter("n4");
            ClusterBootstrap.formatLearner(
                    group.directory(coming.getId()), coming, group.voters, group.clusterId, "test", 1, "test");
            // What it has when it stops before the entry that makes it a learner: the log of another member.
            String other = group.voters.stream()
                    .map(VoterRow::getId)
                    .filter(id -> !id.equals(leader.memberId()))
                    .findFirst()
                    .orElseThrow();
            group.stop(other);
            DataDirectoryTest.delete(group.directory(coming.getId()).resolve("raft"));
            DataDirectoryTest.copy(
                    group.directory(other).resolve("raft"),
                    group.directory(coming.getId()).resolve("raft"));
            group.start(group.row(other));

            RaftNode newcomer = group.start(coming);
            replaceVoter(group, "", coming);
            assertThat(voters(group.leader())).contains(coming.getId()).hasSize(4);
            CommandResult result = group.accepted(Commands.set("a", "b"));
            newcomer.whenApplied(result.getPosition()).get(10, TimeUnit.SECONDS);
            assertThat(group.lastWords).isEmpty();
        }
    }

    /** Ratis writes old configurations down again while it applies the log after a start. */
    @Test
    void aMemberThatIsKilledWhileItAppliesConfigurationsFromBeforeItsTimeStartsAgain() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format().startAll()) {
            RaftNode leader = group.leader();
            RaftNodeTest.accepted(leader.propose(Commands.registerNode()));
            Path former = root.resolve("former.conf");
            Files.copy(writtenConfiguration(group, leader.memberId()), former);
            VoterRow coming = TestGroup.voter("n4");
            ClusterBootstrap.formatLearner(
                    group.directory(coming.getId()), coming, group.voters, group.clusterId, "test", 1, "test");
            RaftNode newcomer = group.start(coming);
            group.leader().replaceVoter("", coming).get(60, TimeUnit.SECONDS);
            CommandResult result = RaftNodeTest.accepted(group.leader().propose(Commands.set("a", "b")));
            newcomer.whenApplied(result.getPosition()).get(10, TimeUnit.SECONDS);
            group.stop(coming.getId());

            Files.copy(former, writtenConfiguration(group, coming.getId()), StandardCopyOption.REPLACE_EXISTING);
            RaftNode again = group.start(coming);
            again.whenApplied(result.getPosition()).get(10, TimeUnit.SECONDS);
            assertThat(group.lastWords).isEmpty();
        }
    }

    private static Path writtenConfiguration(TestGroup group, String memberId) throws IOException {
        try (Stream<Path> files = Files.walk(group.directory(memberId))) {
            return files.filter(file -> file.endsWith("raft-meta.conf"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aRemovedMemberIsRefusedThoughItsLogListsIt() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format().startAll()) {
            RaftNode leader = group.leader();
            RaftNodeTest.accepted(leader.propose(Commands.registerNode()));
            VoterRow going = group.voters.stream()
                    .filter(voter -> !voter.getId().equals(leader.memberId()))
                    .findFirst()
                    .orElseThrow();
            VoterRow coming = TestGroup.voter("n4");
            ClusterBootstrap.formatLearner(
                    group.directory(coming.getId()), coming, group.voters, group.clusterId, "test", 1, "test");
            group.stop(going.getId());
            var unused = group.start(coming);
            group.leader().replaceVoter(going.getId(), coming).get(60, TimeUnit.SECONDS);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> !Files.readString(
                                    writtenConfiguration(group, leader.memberId()), StandardCharsets.ISO_8859_1)
                            .contains(going.getId()));
            Files.copy(
                    writtenConfiguration(group, leader.memberId()),
                    writtenConfiguration(group, going.getId()),
                    StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(() -> group.start(going)).hasMessageContaining("not, or no longer, a member of");
        }
    }

    @Test
    void aLeaderThatIsShownAHistoryItNeverHadStops() throws Exception {
        try (TestGroup group = new TestGroup(root, 1).format().startAll()) {
            RaftNode leader = group.leader();
            leader.historyWentBack(leader.applied().position(), "n2");
            leader.historyWentBack(Positions.of(9, 1_000_000), "n2");
            group.read();
            assertThat(group.lastWords)
                    .as("own or another generation's history")
                    .isEmpty();
            leader.historyWentBack(Positions.of(1, leader.applied().revision() + 1), "n2");
            Awaitility.await().atMost(TestGroup.PATIENCE).until(() -> !group.lastWords.isEmpty());
            assertThat(List.copyOf(group.lastWords.values()).get(0))
                    .startsWith("HISTORY_WENT_BACK: the agent of node n2 was shown ")
                    .endsWith("n2 remembers wrongly: quorate help history-went-back");
        }
    }
}
