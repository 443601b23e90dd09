package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.StartRefusedException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a first voter knows of the others, and whom it never lets in. */
class FirstVotersTest {
    private static final String CLUSTER = "0123456789abcdef0123456789abcdef";
    private static final List<VoterRow> VOTERS = List.of(voter("n1"), voter("n2"), voter("n3"));

    private static VoterRow voter(String name) {
        return VoterRow.newBuilder().setId(name + "-aaaa").setName(name).build();
    }

    private static FirstVoters format(Path directory, VoterRow self, List<VoterRow> voters) throws Exception {
        ClusterBootstrap.format(directory, voters, CLUSTER, "test", 1, self.getId(), Optional.empty(), "test");
        return open(directory);
    }

    private static FirstVoters open(Path directory) throws StartRefusedException {
        return FirstVoters.open(directory, DataDirectory.Expected.anything());
    }

    @Test
    void oneThatIsAloneOrJoinsHasNobodyToMeetAndLetsNobodyIn(@TempDir Path root) throws Exception {
        FirstVoters alone = format(root.resolve("alone"), VOTERS.get(0), List.of(VOTERS.get(0)));
        ClusterBootstrap.formatLearner(root.resolve("learner"), voter("n4"), VOTERS, CLUSTER, "test", 1, "test");
        FirstVoters learner = open(root.resolve("learner"));
        for (FirstVoters each : List.of(alone, learner)) {
            assertThat(each.isComplete()).isTrue();
            assertThat(each.introduce(CLUSTER, 1, "n2-aaaa", "d2")).isPresent();
        }
    }

    @Test
    void whatWasRecordedAndCompletedSurvivesARestart(@TempDir Path root) throws Exception {
        FirstVoters first = format(root.resolve("n1"), VOTERS.get(0), VOTERS);
        assertThat(first.introduce(CLUSTER, 1, "n2-aaaa", "d2")).isEmpty();
        assertThat(first.complete(new TreeMap<>(Map.of("n2-aaaa", "d2")))).isFalse();
        assertThat(open(root.resolve("n1")).isComplete()).isFalse();
        assertThat(first.complete(new TreeMap<>(Map.of("n2-aaaa", "d2", "n3-aaaa", "d3"))))
                .isTrue();
        FirstVoters again = open(root.resolve("n1"));
        assertThat(again.isComplete()).isTrue();
        assertThat(again.disk()).isEqualTo(first.disk());
        assertThat(again.introduce(CLUSTER, 1, "n2-aaaa", "d2")).isEmpty();
        assertThat(again.introduce(CLUSTER, 1, "n2-aaaa", "other"))
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("another disk")
                        .contains("forgot")
                        .contains("--replace")
                        .contains("never took a command")
                        .contains("on each host (quorate init)"));
    }

    @Test
    void anAnswerOfADiskThatWasReplacedMeanwhileDoesNotComplete(@TempDir Path root) throws Exception {
        FirstVoters first = format(root.resolve("n1"), VOTERS.get(0), VOTERS);
        Map<String, String> answers = new TreeMap<>(Map.of("n2-aaaa", "old", "n3-aaaa", "d3"));
        assertThat(first.introduce(CLUSTER, 1, "n2-aaaa", "new")).isEmpty();
        assertThat(first.complete(answers)).isFalse();
        assertThat(answers).containsOnlyKeys("n3-aaaa");
    }

    @Test
    void anotherClusterGenerationOrStrangerIsRefused(@TempDir Path root) throws Exception {
        FirstVoters first = format(root.resolve("n1"), VOTERS.get(0), VOTERS);
        assertThat(first.introduce("f".repeat(32), 1, "n2-aaaa", "d")).isPresent();
        assertThat(first.introduce(CLUSTER, 2, "n2-aaaa", "d")).isPresent();
        assertThat(first.introduce(CLUSTER, 1, "n9-aaaa", "d")).isPresent();
        assertThat(first.introduce(CLUSTER, 1, "n1-aaaa", "d")).isPresent();
    }

    @Test
    void aDirectoryThatLostItsRecordIsRefused(@TempDir Path root) throws Exception {
        format(root.resolve("n1"), VOTERS.get(0), VOTERS);
        Path file = root.resolve("n1").resolve(FirstVoters.FILE);
        for (String damaged : List.of("", "format=1\n", "format=1\ndisk=d\nmet.n2-aaaa=d2\ncomplete=true\n")) {
            Files.writeString(file, damaged);
            assertThatThrownBy(() -> open(root.resolve("n1")))
                    .isInstanceOfSatisfying(
                            StartRefusedException.class,
                            refusal -> assertThat(refusal.reason()).isEqualTo(Reason.CORRUPT));
        }
        Files.delete(file);
        assertThatThrownBy(() -> open(root.resolve("n1"))).hasMessageContaining("missing or damaged");
    }

    /**
     * However introductions, restarts and lost disks follow each other: once a majority has taken part, a disk that
     * comes later under one of their ids never does.
     */
    @Property(tries = 60)
    void onceAMajorityTookPartNoOtherDiskEverDoes(
            @ForAll @Size(min = 20, max = 60) List<@IntRange(max = 99) Integer> choices) throws Exception {
        Path root = Files.createTempDirectory("first-voters");
        try {
            new World(root).play(choices);
        } finally {
            MoreFiles.deleteRecursively(root, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    private static final class World {
        private final Path root;
        private final Map<String, FirstVoters> alive = new HashMap<>();
        private final Map<String, Map<String, String>> answers = new HashMap<>();
        /** The disks of those that have taken part, from the moment on when a majority had. */
        private final Map<String, String> began = new HashMap<>();

        World(Path root) throws Exception {
            this.root = root;
            for (VoterRow voter : VOTERS) {
                begin(voter);
            }
        }

        private void begin(VoterRow voter) throws Exception {
            alive.put(voter.getId(), format(root.resolve(voter.getName()), voter, VOTERS));
            answers.put(voter.getId(), new TreeMap<>());
        }

        private void play(List<Integer> choices) throws Exception {
            for (int choice : choices) {
                VoterRow self = VOTERS.get(choice % 3);
                VoterRow other = VOTERS.get((choice % 3 + 1 + choice / 3 % 2) % 3);
                int what = choice / 6 % 16;
                if (what == 0) {
                    MoreFiles.deleteRecursively(root.resolve(self.getName()), RecursiveDeleteOption.ALLOW_INSECURE);
                    begin(self);
                } else if (what == 1) {
                    alive.put(self.getId(), open(root.resolve(self.getName())));
                    answers.put(self.getId(), new TreeMap<>());
                } else if (what < 6) {
                    complete(self);
                } else {
                    ask(self, other);
                }
            }
        }

        private void ask(VoterRow self, VoterRow other) throws IOException {
            FirstVoters asked = alive.get(other.getId());
            String disk = alive.get(self.getId()).disk();
            if (asked.introduce(CLUSTER, 1, self.getId(), disk).isEmpty()) {
                answers.get(self.getId()).put(other.getId(), asked.disk());
            }
        }

        private void complete(VoterRow self) throws IOException {
            FirstVoters firsts = alive.get(self.getId());
            if (!firsts.complete(answers.get(self.getId()))) {
                return;
            }
            assertThat(began.getOrDefault(self.getId(), firsts.disk())).isEqualTo(firsts.disk());
            long taking =
                    alive.values().stream().filter(FirstVoters::isComplete).count();
            if (taking > VOTERS.size() / 2) {
                alive.forEach((member, each) -> {
                    if (each.isComplete()) {
                        began.put(member, each.disk());
                    }
                });
            }
        }
    }
}
