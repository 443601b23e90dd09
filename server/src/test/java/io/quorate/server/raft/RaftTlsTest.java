package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.log.v1.VoterRow;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutual TLS between members, and the binding of certificates to members that Ratis does not have. */
class RaftTlsTest {

    @TempDir
    Path root;

    private TestCertificates certificates = new TestCertificates(Path.of(""));

    @BeforeEach
    void certificates() throws Exception {
        certificates = new TestCertificates(root).make("n1", "n2", "n3", "n9");
    }

    @Test
    void membersWithTheirOwnCertificatesFormAGroup() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format()) {
            group.tls = voter -> Optional.of(certificates.tls(voter.getName()));
            group.startAll();
            group.accepted(Commands.registerNode());
        }
    }

    @Test
    void aMemberWithTheCertificateOfAnotherNodeNeverLeads() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format()) {
            group.tls = voter -> Optional.of(certificates.tls(voter.getName().equals("n3") ? "n9" : voter.getName()));
            VoterRow impostor = group.voters.get(2);
            group.start(group.voters.get(0));
            group.start(impostor);
            RaftNode leader = group.leader();
            assertThat(leader.memberId()).isEqualTo(group.voters.get(0).getId());
            group.accepted(Commands.registerNode());
            assertThatThrownBy(() -> leader.transferLeadership(impostor.getId()).get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class);
            assertThat(group.leader().memberId()).isEqualTo(leader.memberId());
        }
    }

    @Test
    void aMemberWithoutTlsStaysOutside() throws Exception {
        try (TestGroup group = new TestGroup(root, 3).format()) {
            group.tls = voter ->
                    voter.getName().equals("n3") ? Optional.empty() : Optional.of(certificates.tls(voter.getName()));
            group.startAll();
            RaftNode leader = group.leader();
            group.accepted(Commands.registerNode());
            VoterRow plain = group.voters.get(2);
            assertThat(leader.memberId()).isNotEqualTo(plain.getId());
            assertThat(Objects.requireNonNull(group.running.get(plain.getId()))
                            .applied()
                            .revision())
                    .isZero();
        }
    }
}
