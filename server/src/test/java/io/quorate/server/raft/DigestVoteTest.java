package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.time.Clock;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.model.ClusterState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * SAME-LOG-SAME-STATE over the network: of three members with the same log, one has another state. It is found, by votes
 * that the members send to the leader's Raft port, and it alone stops, whether it follows or leads.
 */
class DigestVoteTest {

    private static final String ODD = "n3";
    private static final Duration LONGER_THAN_A_ROUND = Duration.ofMinutes(1);

    @TempDir
    Path root;

    /** The real clock, that goes on when the test says so. */
    private static final class JumpingClock implements Clock {
        private final AtomicLong ahead = new AtomicLong();

        void jump(Duration by) {
            ahead.addAndGet(by.toNanos());
        }

        @Override
        public long monotonicNanos() {
            return Clock.system().monotonicNanos() + ahead.get();
        }

        @Override
        public long wallMillis() {
            return Clock.system().wallMillis() + ahead.get() / 1_000_000;
        }
    }

    /** Each kind of member has its own bug: after one command of each kind they differ at the same revision. */
    private static Applier applier(VoterRow voter) {
        RuleTable rules = RuleTable.standard();
        return new Applier(
                voter.getName().equals(ODD) ? rules.without("AttributeName") : rules.without("AttributeSize"));
    }

    @ParameterizedTest(name = "the odd one leads: {0}, mutual TLS: {1}")
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void theMemberThatDiffersStopsAndNoOther(boolean leads, boolean tls) throws Exception {
        JumpingClock clock = new JumpingClock();
        try (TestGroup group = new TestGroup(root, 3).format()) {
            // Each new leader has a round at once: there must be none before the clock jumps, even if the machine
            // stalls.
            group.settings = group.settings.withElectionTimeouts(Duration.ofMillis(1_500), Duration.ofSeconds(5));
            group.clock = clock;
            group.applier = DigestVoteTest::applier;
            if (tls) {
                TestCertificates certificates = new TestCertificates(root).make("n1", "n2", "n3");
                group.tls = voter -> Optional.of(certificates.tls(voter.getName()));
            }
            group.startAll();
            String odd = group.voters.get(2).getId();
            group.accepted(Commands.registerNode());
            group.handTo(leads ? odd : group.voters.get(0).getId());
            assertDifferent(group, odd);

            clock.jump(LONGER_THAN_A_ROUND);
            Awaitility.await().atMost(TestGroup.PATIENCE).until(() -> group.lastWords.containsKey(odd));
            assertThat(group.lastWords).containsOnlyKeys(odd);
            assertThat(group.lastWords.get(odd))
                    .contains("differs from that of the majority")
                    .contains("quorate join HOST:PORT --token TOKEN --node " + ODD);

            // The others go on when it is gone.
            group.stop(odd);
            group.accepted(Commands.set("a", "after"));
            assertThat(group.lastWords).containsOnlyKeys(odd);
        }
    }

    private static void assertDifferent(TestGroup group, String odd) throws Exception {
        propose(group, Commands.set("no name at all", "only the odd one takes it"));
        propose(group, Commands.set("long", "only the others take it ".repeat(500)));
        CommandResult both = group.accepted(Commands.set("a", "everybody takes it"));
        ClusterState right = null;
        for (RaftNode node : group.running.values()) {
            ClusterState state = node.whenApplied(both.getPosition()).get(10, TimeUnit.SECONDS);
            if (!node.memberId().equals(odd)) {
                right = state;
            }
        }
        ClusterState wrong = Objects.requireNonNull(group.running.get(odd)).applied();
        assertThat(wrong.position()).isEqualTo(Objects.requireNonNull(right).position());
        assertThat(wrong.digest()).isNotEqualTo(right.digest());
    }

    private static void propose(TestGroup group, Command command) throws Exception {
        CommandResult unused =
                group.withLeader(leader -> leader.propose(command).get(10, TimeUnit.SECONDS));
    }
}
