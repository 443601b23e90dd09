package io.quorate.server.agent.fence;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import io.quorate.agent.v1.FenceCheckOrder;
import io.quorate.agent.v1.FenceCheckReply;
import io.quorate.agent.v1.FenceDeviceCall;
import io.quorate.agent.v1.FenceDeviceResult;
import io.quorate.agent.v1.FenceOrder;
import io.quorate.server.agent.exec.ExecFixture;
import io.quorate.server.agent.exec.SystemProcessRunner;
import io.quorate.server.time.Clock;
import io.quorate.v1.SecretRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FenceRunnerTest {
    /** Its plug is a file; like real ones it takes everything from standard input. */
    private static final String AGENT = """
            while IFS='=' read -r key value; do
              case "$key" in action) action=$value;; plug) plug=$value;; passwd) passwd=$value;; esac
            done
            echo "args:$# $action $plug $passwd" >> DIR/calls
            case "$action" in
            off) echo "logging in with $passwd"; MODE; exit $?;;
            status) test -e DIR/$plug.off && { echo Status: OFF; exit 2; }; echo Status: ON;;
            esac
            """;

    /** For devices that use all of their time. */
    private static final Duration SHORT = Duration.ofMillis(1_500);

    /** For devices that end before, on a slow machine too. */
    private static final Duration AMPLE = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private FenceRunner fence;

    @BeforeEach
    void open() throws IOException {
        Path agents = Files.createDirectories(directory.resolve("sbin"));
        agent("fence_good", "touch DIR/$plug.off");
        agent("fence_liar", "true");
        agent("fence_slow", "(sleep 0.5; touch DIR/$plug.off) >/dev/null 2>&1 & true");
        agent("fence_hang", "sleep 600");
        agent("fence_broken", "echo cannot login; false");
        fence = new FenceRunner(new SystemProcessRunner(Clock.system()), agents, directory, Clock.system());
    }

    private void agent(String name, String mode) throws IOException {
        String body = AGENT.replace("MODE", mode).replace("DIR", directory.toString());
        ExecFixture.script(directory.resolve("sbin").resolve(name), body);
    }

    private List<FenceDeviceResult> off(Duration timeout, String... types) throws InterruptedException {
        FenceOrder.Builder order =
                FenceOrder.newBuilder().setTicket("fence-1").setTimeout(Durations.fromMillis(timeout.toMillis()));
        for (String type : types) {
            order.addDevices(
                    FenceDeviceCall.newBuilder().setDevice(type).setType(type).putParams("plug", "n2-" + type));
        }
        return fence.off(order.build());
    }

    @Test
    void offCountsOnlyWhenItIsReadBack() throws Exception {
        assertThat(off(AMPLE, "fence_good").get(0).getOffReadBack()).isTrue();
        assertThat(off(SHORT, "fence_liar").get(0).getOffReadBack()).isFalse();
        assertThat(off(AMPLE, "fence_slow").get(0).getOffReadBack()).isTrue();
        assertThat(Files.readString(directory.resolve("calls")))
                .contains("args:0 off n2-fence_good")
                .doesNotContain("args:1");
    }

    @Test
    void aDeviceThatHangsOrFailsIsNoEvidenceAndTheOthersOfItsLevelAreStillSwitched() throws Exception {
        // As long as the good one may need, since each of an order has the same time.
        List<FenceDeviceResult> results = off(Duration.ofSeconds(8), "fence_hang", "fence_broken", "fence_good");
        assertThat(results).extracting(FenceDeviceResult::getOffReadBack).containsExactly(false, false, true);
        assertThat(results.get(1).getExitCode()).isEqualTo(1);
        assertThat(results.get(1).getOutputTail()).contains("cannot login");
    }

    /** An agent that cannot even run ends with the exit code that says "off": split brain, if that alone were believed. */
    @Test
    void anAgentThatFailsWithTheExitCodeOfOffIsNoEvidence() throws Exception {
        ExecFixture.script(
                directory.resolve("sbin/fence_unparsed"), "echo 'error: unrecognized arguments' >&2; exit 2\n");
        ExecFixture.script(
                directory.resolve("sbin/fence_silent"),
                "while read -r line; do [ $line = action=status ] && exit 2; done; exit 0\n");
        assertThat(off(SHORT, "fence_unparsed", "fence_silent"))
                .extracting(FenceDeviceResult::getOffReadBack)
                .containsExactly(false, false);
        assertThat(check("fence_unparsed"))
                .extracting(FenceCheckReply::getOk, FenceCheckReply::getPower)
                .containsExactly(false, "unknown");
        assertThat(check("fence_silent").getOk()).isFalse();
    }

    /** The plug may have been off before: the order that failed has not shown that it reaches this machine's power. */
    @Test
    void anOffThatFailsIsNoEvidenceWhateverReadsBack() throws Exception {
        agent("fence_refused", "touch DIR/$plug.off; echo permission denied; false");
        FenceDeviceResult result = off(AMPLE, "fence_refused").get(0);
        assertThat(directory.resolve("n2-fence_refused.off")).exists();
        assertThat(result.getOffReadBack()).isFalse();
        assertThat(result.getExitCode()).isEqualTo(1);
    }

    @Test
    void secretsReachTheAgentButNoReport() throws Exception {
        Path secret = directory.resolve("secret");
        Files.writeString(secret, "hunter2");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        FenceDeviceCall call = FenceDeviceCall.newBuilder()
                .setDevice("ipmi")
                .setType("fence_good")
                .putParams("plug", "n2")
                .putSecretParams(
                        "passwd",
                        SecretRef.newBuilder().setFile(secret.toString()).build())
                .build();
        FenceDeviceResult result =
                fence.off(FenceOrder.newBuilder().addDevices(call).build()).get(0);
        assertThat(result.getOffReadBack()).isTrue();
        assertThat(result.getOutputTail()).contains("logging in with ***");
        assertThat(Files.readString(directory.resolve("calls"))).contains("hunter2");
    }

    @Test
    void parametersCannotChangeTheActionOrAddLines() throws Exception {
        for (String[] bad : new String[][] {{"action", "on"}, {"plug", "n2\naction=on"}, {"a b", "x"}}) {
            FenceDeviceCall call = FenceDeviceCall.newBuilder()
                    .setDevice("d")
                    .setType("fence_good")
                    .putParams(bad[0], bad[1])
                    .build();
            FenceDeviceResult result =
                    fence.off(FenceOrder.newBuilder().addDevices(call).build()).get(0);
            assertThat(result.getOffReadBack()).isFalse();
            assertThat(result.getExitCode()).isEqualTo(2);
        }
        assertThat(directory.resolve("calls")).doesNotExist();
        assertThat(off(AMPLE, "sh").get(0).getOutputTail()).contains("not a fence agent");
        assertThat(off(AMPLE, "fence_absent").get(0).getOutputTail()).contains("not installed");
    }

    @Test
    void aCheckAsksForTheStatusAndSwitchesNothing() throws Exception {
        assertThat(check("fence_good").getPower()).isEqualTo("on");
        assertThat(directory.resolve("n3.off")).doesNotExist();
        Files.createFile(directory.resolve("n3.off"));
        assertThat(check("fence_good").getPower()).isEqualTo("off");
    }

    private FenceCheckReply check(String type) throws InterruptedException {
        return fence.check(FenceCheckOrder.newBuilder()
                .setId("c1")
                .setDevice(FenceDeviceCall.newBuilder().setType(type).putParams("plug", "n3"))
                .build());
    }
}
