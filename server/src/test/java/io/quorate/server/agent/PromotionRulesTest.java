package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.quorate.agent.v1.CloneContext;
import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.server.agent.exec.ClonePart;
import io.quorate.server.agent.exec.RoleRules.Expected;
import io.quorate.v1.FencingToken;
import io.quorate.v1.ResourceSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each row is one situation of the copy db:0 and its promotion, and what becomes of the step that one of them would take. */
class PromotionRulesTest {
    private static final CloneContext CLONE =
            CloneContext.newBuilder().setClone("db").setPromotable(true).build();
    private static final Action PROMOTE = new Action.Start(
            "db:promoted:0", DesiredMember.newBuilder().setResource("pg").build());
    private static final Action DEMOTE = new Action.Stop("db:promoted:0", "pg", false);
    private static final Action DEMOTE_FOR_GOOD = new Action.Stop("db:promoted:0", "pg", true);
    private static final Action STOP = new Action.Stop("db:0", "pg", false);
    private static final Action STOP_FOR_GOOD = new Action.Stop("db:0", "pg", true);
    private static final Action NONE = null;

    private static InstanceState state(String instance, String copy, Phase phase) {
        MemberState member = new MemberState(
                "pg",
                ResourceSpec.getDefaultInstance(),
                ByteString.EMPTY,
                phase,
                Phase.PHASE_STOPPED,
                false,
                0,
                0,
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty(),
                0,
                0);
        return new InstanceState(
                instance,
                FencingToken.getDefaultInstance(),
                true,
                true,
                List.of(member),
                false,
                false,
                new ClonePart(CLONE, copy),
                "");
    }

    private static Arguments row(String why, Phase partner, Action step, Action becomes) {
        return Arguments.of(why, partner, step, becomes);
    }

    static Stream<Arguments> copies() {
        return Stream.of(
                row("what is not promoted is stopped", Phase.PHASE_STOPPED, STOP, STOP),
                row("PromotionEndsFirst: demoted before", Phase.PHASE_RUNNING, STOP, DEMOTE),
                row("with its token, if the copy's is given up", Phase.PHASE_RUNNING, STOP_FOR_GOOD, DEMOTE_FOR_GOOD),
                row("also what failed", Phase.PHASE_FAILED, STOP, DEMOTE),
                row("also what was being promoted", Phase.PHASE_STARTED, STOP, DEMOTE),
                row("the unknown is looked at first", Phase.PHASE_UNKNOWN, STOP, NONE),
                row("what cannot be demoted is stopped", Phase.PHASE_STOP_FAILED, STOP, STOP),
                row(
                        "nothing else waits",
                        Phase.PHASE_RUNNING,
                        new Action.Look("db:0", "pg"),
                        new Action.Look("db:0", "pg")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("copies")
    void theStepOfACopy(String why, Phase promotion, Action step, Action becomes) {
        Optional<InstanceState> partner = Optional.of(state("db:promoted:0", "db:0", promotion));
        assertThat(PromotionRules.ofCopy(step, partner)).as(why).isEqualTo(Optional.ofNullable(becomes));
    }

    static Stream<Arguments> promotions() {
        return Stream.of(
                Arguments.of("a copy that runs is promoted", Phase.PHASE_RUNNING, NONE, PROMOTE, PROMOTE),
                Arguments.of("not before a monitor said so", Phase.PHASE_STARTED, NONE, PROMOTE, NONE),
                Arguments.of("not one that failed", Phase.PHASE_FAILED, NONE, PROMOTE, NONE),
                Arguments.of("not one that is not there", null, NONE, PROMOTE, NONE),
                Arguments.of("not one that is about to stop", Phase.PHASE_RUNNING, STOP, PROMOTE, NONE),
                Arguments.of("demoted whatever the copy does", Phase.PHASE_FAILED, STOP, DEMOTE, DEMOTE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("promotions")
    void theStepOfAPromotion(String why, Phase copy, Action copyStep, Action step, Action becomes) {
        Optional<InstanceState> partner = Optional.ofNullable(copy).map(phase -> state("db:0", "", phase));
        assertThat(PromotionRules.ofPromotion(step, partner, Optional.ofNullable(copyStep)))
                .as(why)
                .isEqualTo(Optional.ofNullable(becomes));
    }

    static Stream<Arguments> roles() {
        return Stream.of(
                Arguments.of(null, Expected.UNPROMOTED),
                Arguments.of(Phase.PHASE_STOPPED, Expected.UNPROMOTED),
                Arguments.of(Phase.PHASE_STARTED, Expected.PROMOTED),
                Arguments.of(Phase.PHASE_RUNNING, Expected.PROMOTED),
                Arguments.of(Phase.PHASE_FAILED, Expected.EITHER),
                Arguments.of(Phase.PHASE_STOP_FAILED, Expected.EITHER),
                Arguments.of(Phase.PHASE_UNKNOWN, Expected.EITHER));
    }

    @ParameterizedTest
    @MethodSource("roles")
    void theRoleThatAMonitorShallFind(Phase promotion, Expected expected) {
        Optional<InstanceState> partner =
                Optional.ofNullable(promotion).map(phase -> state("db:promoted:0", "db:0", phase));
        assertThat(PromotionRules.expected(partner, "pg")).isEqualTo(expected);
    }
}
