package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.MachineIdentity;
import io.quorate.client.ClientContexts;
import io.quorate.client.cli.ExitCodes;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CompleteJoin;
import io.quorate.log.v1.RegisterNode;
import io.quorate.server.FreePorts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The command line against the real services: what the cluster refuses, and what it says without a majority. */
class CliOverServersTest {
    private static final String WWW = """
            kind: Resource
            name: www
            process: {command: [/bin/true]}
            """;

    private final ServersFixture fixture = new ServersFixture();
    private LocalRaft leaderRaft;
    private LocalRaft followerRaft;
    private GrpcServers leader;
    private GrpcServers follower;
    private CliSession cli = new CliSession(new ClientContexts(Map.of(), List.of()), "");

    @BeforeEach
    void start() throws Exception {
        int leaderPort = FreePorts.next();
        leaderRaft = LocalRaft.leader(
                List.of(ServersFixture.voter("n1-aaaa", "n1", leaderPort), ServersFixture.voter("n2-bbbb", "n2", 3)));
        followerRaft = LocalRaft.follower("n2-bbbb", leaderRaft);
        leader = fixture.start(leaderRaft, leaderRaft, new SilentLeader(), leaderPort, Optional.empty());
        follower = fixture.start(followerRaft, leaderRaft, new SilentLeader(), 0, Optional.empty());
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    private int cli(GrpcServers server, String input, String... arguments) {
        Map<String, String> environment = Map.of("QUORATE_ENDPOINTS", "127.0.0.1:" + server.apiPort());
        cli = new CliSession(new ClientContexts(environment, List.of()), input);
        return cli.run(arguments);
    }

    private String out() {
        return cli.out();
    }

    private String err() {
        return cli.err();
    }

    private void nodeUp(String name) {
        Actor node =
                Actor.newBuilder().setKind(Actor.Kind.KIND_NODE).setName(name).build();
        leaderRaft.commit(command -> command.setActor(node)
                .setRegisterNode(RegisterNode.newBuilder()
                        .setNode(name)
                        .setMachine(MachineIdentity.newBuilder()
                                .setMachineId("machine-" + name)
                                .setBootId("boot"))
                        .setLevelMin(1)
                        .setLevelMax(1)
                        .setVersion("test")));
        var row = leaderRaft.applied().node(name);
        leaderRaft.commit((Command.Builder command) -> command.setActor(node)
                .setCompleteJoin(CompleteJoin.newBuilder()
                        .setNode(name)
                        .setIncarnation(row.getIncarnation())
                        .setSession(row.getSession())));
    }

    @Test
    void aReferenceToWhatIsNotThereIsRefusedWithItsPlace() {
        String group = "kind: Group\nname: web\nmembers: [vip]\n";
        assertThat(cli(follower, WWW + "---\n" + group, "apply", "-f", "-", "--no-wait"))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(err())
                .startsWith("error: standard input:5:1: groups/web names resources/vip, which does not exist")
                .contains("DANGLING_REFERENCE");
        assertThat(leaderRaft.applied().objects()).isEmpty();
    }

    @Test
    void aRevisionThatHasMovedIsAConflict() {
        assertThat(cli(leader, WWW, "apply", "-f", "-", "--no-wait")).isZero();
        long revision = leaderRaft.applied().revision();
        String changed = WWW.replace("/bin/true", "/bin/false");
        for (GrpcServers server : List.of(leader, follower)) {
            assertThat(cli(server, changed, "apply", "-f", "-", "--no-wait", "--if-revision", "1"))
                    .isEqualTo(ExitCodes.CONFLICT);
            assertThat(err()).startsWith("conflict: resources/www is at revision 2, not 1    STALE_READ");
            assertThat(cli(server, "", "disable", "www", "--no-wait", "--if-revision", "1"))
                    .isEqualTo(ExitCodes.CONFLICT);
        }
        assertThat(leaderRaft.applied().revision()).isEqualTo(revision);
        assertThat(cli(leader, changed, "apply", "-f", "-", "--no-wait", "--if-revision", "2"))
                .isZero();
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void withoutALeaderNothingIsDoneAndStaleReadsSayThatTheyAreStale() {
        assertThat(cli(leader, WWW, "apply", "-f", "-", "--no-wait")).isZero();
        followerRaft.loseLeader(Duration.ofSeconds(38));
        assertThat(cli(follower, "", "disable", "www", "--timeout", "5s")).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(err()).startsWith("not done: ");
        assertThat(cli(follower, "", "get", "www", "--timeout", "5s")).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(cli(follower, "", "get", "www", "--stale")).isZero();
        assertThat(out()).contains("www");
        assertThat(err()).isEqualTo("STALE 38 s, from n2-bbbb, position 1:2\n");
        assertThat(cli(follower, "", "status", "--timeout", "5s")).isZero();
        assertThat(out()).contains("NO QUORUM", "STALE 38 s, from n2");
        assertThat(cli(follower, "", "status", "--timeout", "5s", "--exit-code"))
                .isEqualTo(ExitCodes.UNAVAILABLE);
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void withoutAMajorityTheOutcomeIsUnknownAndNamedByItsIdAndPosition() {
        leaderRaft.loseQuorum();
        assertThat(cli(leader, "", "pause", "--timeout", "5s")).isEqualTo(ExitCodes.OUTCOME_UNKNOWN);
        assertThat(err())
                .startsWith("outcome unknown: ")
                .containsPattern("repeat it with --request-id [0-9a-f-]{36}@1:1: it is done at most once");
        assertThat(cli(leader, "", "get", "resources", "--timeout", "5s")).isEqualTo(ExitCodes.UNAVAILABLE);
    }

    @Test
    void aValueThatIsTooLargeIsRefused() {
        nodeUp("n1");
        assertThat(cli(leader, "", "node", "attribute", "n1", "site", "x".repeat(5_000)))
                .isIn(ExitCodes.USAGE, ExitCodes.REFUSED);
        assertThat(err()).hasSizeLessThan(400);
        assertThat(leaderRaft.applied().attributes()).isEmpty();
    }

    @Test
    void aPreviewDoesNotComplainThatWhatIsNewDoesNotRun() {
        nodeUp("n1");
        assertThat(cli(leader, WWW, "apply", "-f", "-", "--dry-run")).isZero();
        assertThat(out())
                .startsWith("+ resources/www\n")
                .doesNotContain("NOT_RUNNING")
                .endsWith("nothing was changed (--dry-run)\n");
        assertThat(out()).as("what would hold on the node where it would run").contains("NO_OTHER_NODE");
        nodeUp("n2");
        assertThat(cli(leader, WWW, "diff", "-f", "-")).isZero();
        assertThat(out()).contains("NO_FENCE_PATH").doesNotContain("NO_OTHER_NODE");
        String bestEffort = WWW + "safety: bestEffort\n";
        assertThat(cli(leader, bestEffort, "diff", "-f", "-")).isZero();
        assertThat(out()).doesNotContain("NO_FENCE_PATH");
    }

    @Test
    void aDifferenceIsShownInTheWordsOfTheFiles() {
        nodeUp("n1");
        assertThat(cli(leader, WWW, "apply", "-f", "-", "--no-wait")).as(err()).isZero();
        assertThat(cli(leader, WWW + "multipleActive: stopAndStart\nonLostContact: stop\n", "diff", "-f", "-"))
                .as(err())
                .isZero();
        assertThat(out())
                .contains("multipleActive: (unset) -> stopAndStart", "onLostContact: (unset) -> stop")
                .doesNotContain("MULTIPLE_ACTIVE_", "ON_LOST_CONTACT_");
    }

    @Test
    void aPreviewSaysThatNoNodeMayRunIt() {
        nodeUp("n1");
        assertThat(cli(leader, WWW + "placement: {only: [n9]}\n", "diff", "-f", "-"))
                .as(err())
                .isZero();
        assertThat(out()).contains("NO_NODE_ALLOWED").doesNotContain("NOT_RUNNING");
        assertThat(cli(leader, WWW + "stopped: true\n", "diff", "-f", "-")).isZero();
        assertThat(out()).isEqualTo("+ resources/www\n");
    }
}
