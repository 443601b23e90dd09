package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.ClusterState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

            group.accepted(Commands.registerNode());
            CommandResult result = group.accepted(Commands.set("color", "red"));

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
            group.accepted(Commands.registerNode());
            List<Command> commands = new ArrayList<>();
            for (int number = 0; number < 500; number++) {
                commands.add(Commands.set(number % 50 == 7 ? "not a name" : "a" + number % 100, "x"));
            }
            long entries = group.withLeader(leader -> {
                long before = logged(leader);
                List<CompletableFuture<CommandResult>> results =
                        commands.stream().map(leader::propose).toList();
                int refused = 0;
                for (CompletableFuture<CommandResult> result : results) {
                    refused += result.get(10, TimeUnit.SECONDS).getCode() == 0 ? 0 : 1;
                }
                assertThat(refused).isEqualTo(10);
                return logged(leader) - before;
            });
            assertThat(entries).as("log entries for 500 commands").isBetween(1L, 100L);
            assertThat(group.leader().members()).hasSize(3);
        }
    }

    private static long logged(RaftNode leader) {
        return leader.members().stream()
                .mapToLong(MemberProgress::matchIndex)
                .max()
                .orElse(0);
    }

    @Test
    void aFollowerRefusesAndNamesTheLeader() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format().startAll()) {
            group.accepted(Commands.registerNode());
            while (!followerRefuses(group)) {
                // Leadership changed meanwhile, so that nothing was shown.
                Thread.onSpinWait();
            }
        }
    }

    /** False when its leader was not the same all the time. */
    private static boolean followerRefuses(TestGroup group) throws Exception {
        RaftNode leader = group.leader();
        RaftNode follower = group.running.values().stream()
                .filter(node -> node != leader)
                .findFirst()
                .orElseThrow();
        follower.whenApplied(leader.applied().position()).get(10, TimeUnit.SECONDS);
        Leadership known = follower.leadership();
        Throwable answer =
                catchThrowable(() -> follower.propose(Commands.set("a", "b")).get(10, TimeUnit.SECONDS));
        if (!known.leaderId().equals(Optional.of(leader.memberId()))
                || !follower.leadership().equals(known)) {
            return false;
        }
        assertThat(answer)
                .as("a follower does not take a command")
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        UnavailableException.class,
                        unavailable -> assertThat(unavailable.leaderId()).contains(leader.memberId()));
        return true;
    }

    @Test
    void nothingIsLostWhenEveryMemberIsRestarted() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format().startAll()) {
            group.accepted(Commands.registerNode());
            CommandResult result = group.accepted(Commands.set("color", "blue"));
            List.copyOf(group.running.keySet()).forEach(group::stop);

            group.startAll();
            ClusterState state = group.read();
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
            group.start(voter);
            Path inTheWay = group.directory(voter.getId()).resolve(Watermark.FILE + ".tmp");
            // It may be writing one just now.
            Awaitility.await().ignoreExceptions().until(() -> Files.isDirectory(Files.createDirectories(inTheWay)));
            group.accepted(Commands.registerNode());
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
