package io.quorate.server.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.server.agent.AgentCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verbs that work on the files of a host: what they print, and what they refuse with which exit code. */
class FileVerbsTest {
    @TempDir
    private Path host;

    private VerbRun verbs;

    @BeforeEach
    void start() {
        verbs = new VerbRun(host);
    }

    private int run(Function<CliContext, Callable<Integer>> verb, String line) {
        return verbs.run(
                verb,
                Stream.of(line.replace("HOST", host.toString()).split(" "))
                        .filter(word -> !word.isEmpty())
                        .toArray(String[]::new));
    }

    @Test
    void aBackupIsInspectedAndVerified() throws IOException {
        SampleBackup.write(host.resolve("prod.qbk"));
        assertThat(run(Backups.Inspect::new, "HOST/prod.qbk")).isZero();
        assertThat(verbs.out())
                .startsWith("cluster prod " + SampleBackup.CLUSTER_ID + " · position 1:1 (2027-01-15T08:00:00Z)")
                .contains("written by test");
        assertThat(run(Backups.Verify::new, "HOST/prod.qbk")).isZero();
        assertThat(verbs.out()).contains("ok  cluster prod").contains("0 objects, 0 nodes, 0 owners · digest ");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.2, 0.5, 0.99})
    void aBackupThatEndsEarlyIsRefused(double part) throws IOException {
        Path file = host.resolve("prod.qbk");
        SampleBackup.write(file);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, (int) (whole.length * part)));
        assertThat(run(Backups.Verify::new, "HOST/prod.qbk")).isEqualTo(ExitCodes.REFUSED);
        assertThat(verbs.err()).startsWith("error: " + file + ": ");
    }

    @Test
    void aBackupThatIsNotThereIsAnError() {
        assertThat(run(Backups.Verify::new, "HOST/prod.qbk")).isEqualTo(ExitCodes.USAGE);
        assertThat(run(Backups.Inspect::new, "HOST/prod.qbk")).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains("there is no file " + host.resolve("prod.qbk"));
        assertThat(run(Backups.Verify::new, "HOST")).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains(host + " is a directory");
    }

    @Test
    void certificatesAreMadeListedAndRenewed() throws IOException {
        assertThat(run(CertVerbs.InitCa::new, "--cluster prod --pki HOST/pki")).isZero();
        assertThat(verbs.out()).contains("peer-ca.crt  sha256:").contains("client-ca.crt  sha256:");
        assertThat(run(CertVerbs.InitCa::new, "--cluster prod --pki HOST/pki"))
                .as("an authority is not made twice")
                .isEqualTo(ExitCodes.REFUSED);
        assertThat(run(CertVerbs.Issue::new, "server n1 --address 10.0.0.1 --pki HOST/pki"))
                .isZero();
        assertThat(run(CertVerbs.Issue::new, "client alice --pki HOST/pki")).isZero();
        assertThat(run(CertVerbs.Ls::new, "--pki HOST/pki")).isZero();
        assertThat(verbs.out()).contains("CN=n1").contains("CN=alice").containsPattern("ok +\\S+node\\.crt  until ");
        byte[] before = Files.readAllBytes(host.resolve("pki").resolve("node.crt"));
        assertThat(run(CertVerbs.Renew::new, "--pki HOST/pki")).isZero();
        assertThat(verbs.out()).contains("for server n1 until ");
        assertThat(Files.readAllBytes(host.resolve("pki").resolve("node.crt"))).isNotEqualTo(before);
    }

    @Test
    void withoutTheAuthoritysKeyNothingIsSigned() throws IOException {
        assertThat(run(CertVerbs.Ls::new, "--pki HOST/pki")).isEqualTo(ExitCodes.REFUSED);
        assertThat(verbs.err()).contains("no certificates in");
        run(CertVerbs.InitCa::new, "--cluster prod --pki HOST/pki");
        Files.delete(host.resolve("pki").resolve("peer-ca.key"));
        assertThat(run(CertVerbs.Issue::new, "node a1 --address 10.0.0.9 --pki HOST/pki"))
                .isEqualTo(ExitCodes.REFUSED);
        assertThat(verbs.err()).contains("the key of the peer-ca is not on this host");
        assertThat(run(CertVerbs.Issue::new, "printer a1 --pki HOST/pki")).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void aServerStartsFromNoDirectoryThatIsNotItsOwn() throws IOException {
        Files.createDirectory(host.resolve("empty"));
        assertThat(run(ServerVerb::new, "--node n1 --data HOST/empty")).isEqualTo(ExitCodes.REFUSED);
        assertThat(verbs.err()).contains("holds no Quorate member", "quorate init", "quorate join");
        assertThat(host.resolve("empty")).isEmptyDirectory();
        assertThat(run(
                        InitVerb::new,
                        "--cluster prod --node n1 --address 127.0.0.1 --loopback-plaintext --data HOST/data"
                                + " --config HOST/server.yaml"))
                .isZero();
        assertThat(run(ServerVerb::new, "--node n2 --data HOST/data")).isEqualTo(ExitCodes.REFUSED);
        assertThat(verbs.err()).contains("belongs to member n1-");
    }

    @Test
    void aServersConfigurationThatIsWrongIsAUsageError() throws IOException {
        Path file = host.resolve("server.yaml");
        assertThat(run(ServerVerb::new, "--config HOST/server.yaml")).isEqualTo(ExitCodes.USAGE);
        Files.writeString(file, "node: n1\nlissten: 10.0.0.1\n");
        assertThat(run(ServerVerb::new, "--config HOST/server.yaml")).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains("server.yaml: unknown key 'lissten'");
        Files.writeString(file, "listen: 10.0.0.1\n");
        assertThat(run(ServerVerb::new, "--config HOST/server.yaml")).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains("node is missing");
    }

    @Test
    void anAgentsConfigurationThatIsWrongIsAUsageError() throws IOException {
        Files.writeString(host.resolve("agent.yaml"), "node: n1\nserver: [10.0.0.1:7403]\n");
        assertThat(run(context -> new AgentCommand(), "--config HOST/agent.yaml"))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains("agent.yaml", "server");
        assertThat(run(context -> new AgentCommand(), "--config HOST/none.yaml"))
                .isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void aHostDoesNotJoinWithATokenThatIsNone() {
        assertThat(run(
                        JoinVerb::new,
                        "127.0.0.1:1 --token qj1.nonsense --node n2 --address 10.0.0.2 --data HOST/data --pki HOST/pki"
                                + " --config HOST/server.yaml"))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(host).isEmptyDirectory();
    }
}
