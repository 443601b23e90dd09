package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.ClusterState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three members in one process, with real logs on disk. */
class RaftNodeTest {

    @TempDir
    Path root;

    @Test
    void theFirstLeaderInitializesTheClusterAndCommandsReachEveryMember() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format().startAll()) {
            RaftNode leader = group.leader();
            assertThat(leader.applied().meta().getClusterId()).isEqualTo(group.clusterId);
            assertThat(leader.applied().voters()).hasSize(3);

            accepted(leader.propose(Commands.registerNode()));
            CommandResult result = accepted(leader.propose(Commands.set("color", "red")));

            for (RaftNode node : group.running.values()) {
                ClusterState state = node.whenApplied(result.getPosition()).get(10, TimeUnit.SECONDS);
                assertThat(Commands.get(state, "color")).isEqualTo("red");
            }
            assertThat(group.lastWords).isEmpty();
        }
    }

    @Test
    void commandsThatArriveTogetherShareEntriesAndEachHasItsOwnVerdict() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format().startAll()) {
            RaftNode leader = group.leader();
            accepted(leader.propose(Commands.registerNode()));
            List<CompletableFuture<CommandResult>> results = new ArrayList<>();
            for (int number = 0; number < 500; number++) {
                results.add(leader.propose(Commands.set(number % 50 == 7 ? "not a name" : "a" + number % 100, "x")));
            }
            int refused = 0;
            for (CompletableFuture<CommandResult> result : results) {
                refused += result.get(10, TimeUnit.SECONDS).getCode() == 0 ? 0 : 1;
            }
            assertThat(refused).isEqualTo(10);
            assertThat(leader.members()).hasSize(3);
            assertThat(leader.members().get(0).matchIndex())
                    .as("log entries for 500 commands")
                    .isLessThan(100);
        }
    }

    @Test
    void aFollowerRefusesAndNamesTheLeader() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format().startAll()) {
            RaftNode leader = group.leader();
            accepted(leader.propose(Commands.registerNode()));
            RaftNode follower = group.running.values().stream()
                    .filter(node -> node != leader)
                    .findFirst()
                    .orElseThrow();
            follower.whenApplied(leader.applied().position()).get(10, TimeUnit.SECONDS);
            try {
                follower.propose(Commands.set("a", "b")).get(10, TimeUnit.SECONDS);
                throw new AssertionError("a follower took a command");
            } catch (ExecutionException e) {
                assertThat(e.getCause())
                        .isInstanceOfSatisfying(
                                UnavailableException.class,
                                unavailable ->
                                        assertThat(unavailable.leaderId()).contains(leader.memberId()));
            }
        }
    }

    @Test
    void nothingIsLostWhenEveryMemberIsRestarted() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format().startAll()) {
            RaftNode leader = group.leader();
            accepted(leader.propose(Commands.registerNode()));
            CommandResult result = accepted(leader.propose(Commands.set("color", "blue")));
            List.copyOf(group.running.keySet()).forEach(group::stop);

            group.startAll();
            ClusterState state = group.leader().readLinearizable().get(10, TimeUnit.SECONDS);
            assertThat(Commands.get(state, "color")).isEqualTo("blue");
            assertThat(state.revision()).isEqualTo(result.getPosition().getRevision());
            assertThat(group.lastWords).isEmpty();
        }
    }

    /** Else a later start could not tell whether this member's disk was put back to an older copy. */
    @Test
    void aMemberThatCannotWriteItsWatermarkStops() throws Exception {
        try (TestGroup group = new TestGroup(root, 1).format()) {
            VoterRow voter = group.voters.get(0);
            RaftNode node = group.start(voter);
            Path inTheWay = group.directory(voter.getId()).resolve(Watermark.FILE + ".tmp");
            // It may be writing one just now.
            Awaitility.await().ignoreExceptions().until(() -> Files.isDirectory(Files.createDirectories(inTheWay)));
            group.leader();
            accepted(node.propose(Commands.registerNode()));
            Awaitility.await().atMost(TestGroup.PATIENCE).until(() -> !group.lastWords.isEmpty());
            assertThat(group.lastWords.get(voter.getId()))
                    .startsWith("Writing " + group.directory(voter.getId()))
                    .contains("then start this server again");
        }
    }

    static CommandResult accepted(CompletableFuture<CommandResult> future) throws Exception {
        CommandResult result = future.get(10, TimeUnit.SECONDS);
        assertThat(result.getCode()).as(result.getMessage()).isZero();
        return result;
    }
}
