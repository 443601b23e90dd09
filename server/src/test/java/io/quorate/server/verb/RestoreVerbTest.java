package io.quorate.server.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.cli.ExitCodes;
import io.quorate.server.raft.DataDirectory;
import io.quorate.server.raft.DirectoryLock;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.Pki;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restoring a host: what can be refused is refused before anything is written, and an interrupted run can be repeated. */
class RestoreVerbTest {
    @TempDir
    private Path host;

    private VerbRun verbs;
    private Path data;
    private Path config;

    @BeforeEach
    void backup() throws Exception {
        verbs = new VerbRun(host);
        data = host.resolve("data");
        config = host.resolve("etc").resolve("server.yaml");
        SampleBackup.write(host.resolve("prod.qbk"));
    }

    private int restore(String... more) {
        return verbs.run(RestoreVerb::new, arguments(more).toArray(String[]::new));
    }

    private List<String> arguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--from",
                host.resolve("prod.qbk").toString(),
                "--node",
                "n5",
                "--address",
                "127.0.0.1:7500",
                "--data",
                data.toString(),
                "--config",
                config.toString(),
                "--yes"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private void assertNothingWritten() {
        assertThat(config).doesNotExist();
        assertThat(DataDirectory.isFormatted(data)).isFalse();
    }

    @Test
    void aDirectoryIsFormattedOnlyWhenTheConfigurationIsWritten() throws Exception {
        Files.writeString(host.resolve("etc"), "not a directory");
        assertThat(restore("--loopback-plaintext")).isEqualTo(ExitCodes.ERROR);
        assertThat(DataDirectory.isFormatted(data)).isFalse();
        Files.delete(host.resolve("etc"));
        assertThat(restore("--loopback-plaintext")).as(verbs.toString()).isEqualTo(ExitCodes.OK);
        assertThat(config).content().contains("n5");
        assertThat(DataDirectory.identityOf(data).generation()).isGreaterThan(1);
    }

    /** What a crash leaves while the directory is formatted: the same command finishes it. */
    @Test
    void anInterruptedFormattingIsFinishedByTheSameCommand() throws Exception {
        Files.createDirectories(data.resolve("raft").resolve("former-group").resolve("current"));
        Files.writeString(data.resolve("raft").resolve("former-group").resolve("raft-meta"), "term=0\n");
        Files.createFile(data.resolve("formatting"));
        assertThat(restore("--loopback-plaintext")).as(verbs.toString()).isEqualTo(ExitCodes.OK);
        assertThat(data.resolve("raft").resolve("former-group")).doesNotExist();
        assertThat(data.resolve("formatting")).doesNotExist();
        assertThat(DataDirectory.identityOf(data).clusterId()).isEqualTo(SampleBackup.CLUSTER_ID);
    }

    /** A member's memory whose identity was lost is no interrupted formatting: it is not deleted. */
    @Test
    void aDirectoryWithoutTheMarkOfFormattingIsLeftAlone() throws Exception {
        Path log = data.resolve("raft").resolve("group");
        Files.createDirectories(log);
        assertThat(restore("--loopback-plaintext")).isEqualTo(ExitCodes.ERROR);
        assertThat(verbs.err()).contains("not empty (raft)");
        assertThat(log).exists();
        assertNothingWritten();
    }

    @Test
    void aDirectoryOfAMemberIsNotFormattedTwice() {
        assertThat(restore("--loopback-plaintext")).isEqualTo(ExitCodes.OK);
        assertThat(restore("--loopback-plaintext")).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains("belongs to a member already", "--replaces");
    }

    /** "Move it away" would be the wrong advice. */
    @Test
    void aDirectoryThatAServerWorksOnIsRefusedAsThat() throws Exception {
        assertThat(restore("--loopback-plaintext")).isEqualTo(ExitCodes.OK);
        try (DirectoryLock server = DirectoryLock.take(data)) {
            assertThat(restore("--loopback-plaintext")).as("%s", server).isEqualTo(ExitCodes.REFUSED);
            assertThat(verbs.err())
                    .contains("Another process runs on this directory")
                    .doesNotContain("move it away");
            Path former = data;
            data = host.resolve("other");
            config = data.resolveSibling("other.yaml");
            assertThat(restore("--loopback-plaintext", "--replaces", former.toString()))
                    .as("only read: %s", verbs)
                    .isEqualTo(ExitCodes.OK);
        }
    }

    @Test
    void withoutItsOwnCertificateNothingIsBegun() throws Exception {
        Pki pki = new Pki(host.resolve("pki"));
        String[] tls = {"--pki", pki.directory().toString()};
        assertThat(restore(tls)).isEqualTo(ExitCodes.REFUSED);
        assertThat(verbs.err()).contains("quorate cert issue server n5");
        pki.createAuthorities("prod", Instant.now());
        pki.issueNode(new CertificateIdentity(Role.SERVER, "n1"), List.of("127.0.0.1"), Instant.now());
        assertThat(restore(tls)).isEqualTo(ExitCodes.REFUSED);
        assertThat(verbs.err()).contains("CN=n1");
        assertNothingWritten();
    }

    /** Nobody types a confirmation for what is refused afterwards. */
    @Test
    void aConfigurationOfAnotherNodeIsRefusedBeforeAnythingIsConfirmed() throws Exception {
        Files.createDirectories(config.getParent());
        Files.writeString(config, "node: n9\n");
        List<String> unconfirmed = new ArrayList<>(arguments("--loopback-plaintext"));
        unconfirmed.remove("--yes");
        assertThat(verbs.run(RestoreVerb::new, unconfirmed.toArray(String[]::new)))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains("is there and says node: n9, not n5").doesNotContain("this starts generation");
        assertThat(DataDirectory.isFormatted(data)).isFalse();
    }

    @Test
    void aRestoredGroupSaysWhomItWaitsFor() {
        assertThat(restore("--loopback-plaintext", "--voters", "n5=127.0.0.1:7500,n6=127.0.0.1:7600"))
                .as(verbs.toString())
                .isEqualTo(ExitCodes.OK);
        assertThat(verbs.out()).contains("nothing begins before each of n5, n6 was started once");
    }

    @Test
    void aGenerationThatIsNotAboveTheLastIsRefused() {
        assertThat(restore("--loopback-plaintext", "--generation", "1")).isEqualTo(ExitCodes.USAGE);
        assertNothingWritten();
    }

    @Test
    void aBackupWithAFlippedBitIsRefused() throws Exception {
        Path file = host.resolve("prod.qbk");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 0x10;
        Files.write(file, bytes);
        assertThat(restore("--loopback-plaintext")).isEqualTo(ExitCodes.REFUSED);
        assertThat(verbs.err()).contains("prod.qbk");
        assertNothingWritten();
    }
}
