package io.quorate.server.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.cli.ExitCodes;
import io.quorate.server.raft.DataDirectory;
import io.quorate.server.raft.MemberIdentity;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code init --static}: the same file on every host makes one cluster, and a wrong one makes nothing. */
class StaticInitTest {
    private static final String CLUSTER = """
            cluster: prod
            clusterId: 0123456789abcdef0123456789abcdef
            members:
              n1: 127.0.0.1
              n2: 127.0.0.1:7500
              n3: 198.51.100.3
            """;

    @TempDir
    private Path root;

    private VerbRun verbs;

    @BeforeEach
    void file() throws Exception {
        verbs = new VerbRun(root);
        Files.writeString(root.resolve("cluster.yaml"), CLUSTER);
    }

    private int init(String host, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--static",
                "-f",
                "cluster.yaml",
                "--data",
                root.resolve(host).resolve("data").toString(),
                "--pki",
                root.resolve(host).resolve("pki").toString(),
                "--config",
                root.resolve(host).resolve("server.yaml").toString()));
        arguments.addAll(List.of(more));
        return verbs.run(InitVerb::new, arguments.toArray(String[]::new));
    }

    /** Certificates as a tool that configures hosts brings them. */
    private void bring(String host, Role role) throws Exception {
        Pki authority = new Pki(root.resolve("authority"));
        if (!Files.exists(authority.directory())) {
            authority.createAuthorities("prod", Instant.now());
        }
        authority.issueNode(
                new Pki(root.resolve(host).resolve("pki")),
                new CertificateIdentity(role, host),
                List.of("127.0.0.1"),
                Instant.now());
    }

    private MemberIdentity identity(String host) throws Exception {
        return DataDirectory.identityOf(root.resolve(host).resolve("data"));
    }

    @Test
    void hostsThatBeginApartAreOneCluster() throws Exception {
        for (String host : List.of("n1", "n2")) {
            bring(host, Role.SERVER);
            assertThat(init(host, "--node", host)).as(verbs.toString()).isEqualTo(ExitCodes.OK);
        }
        assertThat(identity("n1").memberId()).startsWith("n1-");
        assertThat(identity("n2").memberId()).startsWith("n2-");
        assertThat(identity("n1").groupId()).isEqualTo(identity("n2").groupId());
        assertThat(identity("n1").voters()).hasSize(3).isEqualTo(identity("n2").voters());
        assertThat(root.resolve("n2").resolve("server.yaml")).content().contains("7500");
        assertThat(verbs.out()).contains("nothing begins before each of n1, n2, n3 was started once");
    }

    @Test
    void aHostThatIsAMemberAlreadyIsLeftAsItIs() throws Exception {
        bring("n1", Role.SERVER);
        assertThat(init("n1", "--node", "n1")).isEqualTo(ExitCodes.OK);
        Files.writeString(root.resolve("n1").resolve("server.yaml"), "node: n1\n# changed by a person\n");
        assertThat(init("n1", "--node", "n1")).isEqualTo(ExitCodes.OK);
        assertThat(verbs.out()).contains("is member " + identity("n1").memberId() + " of prod already: nothing to do");
        assertThat(root.resolve("n1").resolve("server.yaml")).content().contains("changed by a person");
        Files.writeString(root.resolve("cluster.yaml"), CLUSTER.replace("0123", "ffff"));
        assertThat(init("n1", "--node", "n1")).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains("belongs to member n1-");
    }

    @Test
    void aHostFindsItselfByItsAddress() throws Exception {
        Files.writeString(root.resolve("cluster.yaml"), CLUSTER.replace("127.0.0.1:7500", "198.51.100.2"));
        bring("n1", Role.SERVER);
        assertThat(init("n1")).as(verbs.toString()).isEqualTo(ExitCodes.OK);
        assertThat(identity("n1").memberId()).startsWith("n1-");
        Files.writeString(root.resolve("cluster.yaml"), CLUSTER);
        assertThat(init("n9")).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains("the members n1, n2", "--node NAME");
    }

    @Test
    void noHostMakesAuthoritiesThatTheOthersWouldNotTrust() throws Exception {
        assertThat(init("n1", "--node", "n1")).isEqualTo(ExitCodes.REFUSED);
        assertThat(verbs.err()).contains("peer-ca.crt is missing", "quorate cert init-ca --cluster prod");
        bring("n1", Role.SERVER);
        Files.delete(new Pki(root.resolve("n1").resolve("pki")).nodeCertificate());
        assertThat(init("n1", "--node", "n1")).isEqualTo(ExitCodes.REFUSED);
        assertThat(verbs.err()).contains("quorate cert issue server n1 --address 127.0.0.1 --out ./n1-pki");
        assertThat(root.resolve("n1").resolve("server.yaml")).doesNotExist();
        assertThat(root.resolve("n1").resolve("data")).doesNotExist();
    }

    @Test
    void anAgentsCertificateDoesNotMakeAVoter() throws Exception {
        bring("n1", Role.NODE);
        assertThat(init("n1", "--node", "n1")).isEqualTo(ExitCodes.REFUSED);
        assertThat(verbs.err()).contains("O=quorate-node");
        assertThat(root.resolve("n1").resolve("data")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cluster: prod|clutser: prod|cluster.yaml:1:1: a cluster has no field 'clutser'",
                "cluster: prod|cluster: p r o d|cluster.yaml:1:10: 'p r o d' is not a name",
                "0123456789|0123|cluster.yaml:2:12: ",
                "n1: 127.0.0.1|n1: [1, 2]|cluster.yaml:4:7: ",
                "127.0.0.1:7500|127.0.0.1:99999|cluster.yaml:5:7: '127.0.0.1:99999'",
                "127.0.0.1:7500|127.0.0.1|cluster.yaml:5:7: '127.0.0.1' is the address of n1 too",
                "n2: |n1: |cluster.yaml:5:3: 'n1' is there twice",
                "members:|memebrs:|cluster.yaml:3:1: a cluster has no field 'memebrs'",
            })
    void whatIsWrongIsSaidWithItsPlaceAndNothingIsMade(String right, String wrong, String message) throws Exception {
        bring("n1", Role.SERVER);
        Files.writeString(root.resolve("cluster.yaml"), CLUSTER.replace(right, wrong));
        assertThat(init("n1", "--node", "n1")).as(verbs.toString()).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains("error: " + message);
        assertThat(root.resolve("n1").resolve("data")).doesNotExist();
        assertThat(root.resolve("n1").resolve("server.yaml")).doesNotExist();
    }

    /** Its voter could lose its disk after others joined: run again, it would elect itself beside them. */
    @Test
    void aClusterOfOneDoesNotBeginByAFileThatCouldBeginItTwice() throws Exception {
        bring("n1", Role.SERVER);
        Files.writeString(
                root.resolve("cluster.yaml"), CLUSTER.lines().limit(4).reduce("", (text, line) -> text + line + "\n"));
        assertThat(init("n1", "--node", "n1")).as(verbs.toString()).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err())
                .contains(
                        "names one member, n1", "a second time", "quorate init --cluster prod --node n1 --address IP");
        assertThat(root.resolve("n1").resolve("data")).doesNotExist();
        assertThat(root.resolve("n1").resolve("server.yaml")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"'',the file is empty", "'cluster: prod',no clusterId", "'[]',the object wants a block of fields"})
    void aFileThatSaysTooLittleIsRefused(String text, String message) throws Exception {
        Files.writeString(root.resolve("cluster.yaml"), text);
        assertThat(init("n1", "--node", "n1")).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains("cluster.yaml").contains(message);
    }

    @Test
    void flagsThatTheFileAnswersAreRefused() {
        assertThat(init("n1", "--node", "n1", "--cluster", "other")).isEqualTo(ExitCodes.USAGE);
        assertThat(init("n1", "--node", "n4")).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.err()).contains("has no member n4; its members are n1, n2, n3");
        assertThat(verbs.run(InitVerb::new, "--static")).isEqualTo(ExitCodes.USAGE);
        assertThat(verbs.run(InitVerb::new, "--cluster", "prod")).isEqualTo(ExitCodes.USAGE);
    }
}
