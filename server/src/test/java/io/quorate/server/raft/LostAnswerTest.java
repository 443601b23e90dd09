package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A follower has an entry, and the connection breaks before the leader hears so. Ratis 3.3.0 does not send that entry again,
 * and heartbeats do not tell what a follower has: by itself such a leader would keep its followers and commit nothing. Of
 * three voters one is dead and one can be reached only through a link that breaks.
 */
class LostAnswerTest {

    @TempDir
    Path root;

    private TestGroup group;
    private Link link;
    private VoterRow near;
    private VoterRow dead;
    private VoterRow far;

    @BeforeEach
    void start() throws Exception {
        int port = FreePorts.next();
        link = new Link(port);
        group = new TestGroup(root, 2);
        near = group.voters.get(0);
        dead = group.voters.get(1);
        far = TestGroup.voter("n3").toBuilder()
                .setRaftEndpoint("127.0.0.1:" + link.port())
                .build();
        group.voters.add(far);
        group.format();
        group.start(near);
        group.start(dead);
        group.start(far, port);
        group.accepted(Commands.registerNode());
        group.handTo(far.getId());
        group.stop(dead.getId());
        group.accepted(Commands.set("a", "before"));
    }

    @AfterEach
    void stop() throws IOException {
        group.close();
        link.close();
        assertThat(group.lastWords).isEmpty();
    }

    @Test
    void anEntryWhoseConfirmationIsLostIsCommittedAllTheSame() throws Exception {
        RaftNode leader = group.handTo(near.getId());
        group.read();
        String value = UUID.randomUUID().toString();
        link.loseAnswersTo(value);
        CompletableFuture<CommandResult> result = leader.propose(Commands.set("a", value));
        awaitInLogOfFar(value, 1);
        link.reset();

        assertThat(result.get(TestGroup.PATIENCE.toSeconds(), TimeUnit.SECONDS).getCode())
                .isZero();
        assertThat(Commands.get(group.read(), "a")).isEqualTo(value);
    }

    /** The first entry of a term is the configuration, with everybody's endpoint. */
    @Test
    void aLeaderWhoseFirstConfirmationIsLostDoesNotStandStill() throws Exception {
        String inConfigurations = dead.getRaftEndpoint();
        int before = inLogOfFar(inConfigurations);
        link.loseAnswersTo(inConfigurations);
        CompletableFuture<Void> handedOver = group.leader().transferLeadership(near.getId());
        awaitInLogOfFar(inConfigurations, before + 1);
        link.reset();

        assertThat(Commands.get(group.read(), "a")).isEqualTo("before");
        assertThat(handedOver).isDone();
    }

    private void awaitInLogOfFar(String text, int times) {
        Awaitility.await().atMost(TestGroup.PATIENCE).until(() -> inLogOfFar(text) >= times);
    }

    private int inLogOfFar(String text) {
        try (Stream<Path> files = Files.walk(group.directory(far.getId()))) {
            return files.filter(file -> file.getFileName().toString().startsWith("log_"))
                    .mapToInt(file -> read(file).split(Pattern.quote(text), -1).length - 1)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
