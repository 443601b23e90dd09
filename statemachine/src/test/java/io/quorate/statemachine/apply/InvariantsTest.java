package io.quorate.statemachine.apply;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Tokens;
import io.quorate.v1.FencingToken;
import java.util.List;
import org.junit.jupiter.api.Test;

class InvariantsTest {
    private static final FencingToken OLD = Tokens.of(0, 4);
    private static final InstanceRow FREE = InstanceRow.newBuilder()
            .setId("a")
            .setHighestToken(OLD)
            .setStoppedToken(OLD)
            .build();
    private static final InstanceRow ANEW =
            InstanceRow.newBuilder().setId("a").setProbeSince(9).build();
    private static final ClusterState BEFORE = with(
            with(ClusterState.empty(), put(FREE)),
            Change.newBuilder().setNode(NodeRow.newBuilder().setName("n1")).build());
    private static final ClusterState AFTER = BEFORE.advanced(9, BEFORE.stamp());

    private static ClusterState with(ClusterState state, Change change) {
        return Reducer.reduce(state, change);
    }

    private static Change put(InstanceRow row) {
        return Change.newBuilder().setInstance(row).build();
    }

    private static Change removed() {
        return put(FREE).toBuilder().setDeleted(true).build();
    }

    private static Change granted(FencingToken token) {
        return put(ANEW.toBuilder()
                .setHighestToken(token)
                .setOwnership(OwnershipRow.newBuilder()
                        .setNode("n1")
                        .setIncarnation(1)
                        .setToken(token))
                .build());
    }

    private static void check(Change... changes) {
        Invariants.check(BEFORE, AFTER, List.of(changes));
    }

    @Test
    void anInstanceMayComeBackUnderTheIdOfARemovedOne() {
        assertThatCode(() -> check(removed(), put(ANEW))).doesNotThrowAnyException();
        assertThatThrownBy(() -> check(put(ANEW))).hasMessageContaining("TOKEN-RISES");
    }

    @Test
    void itsTokensStayAboveThoseOfTheRemovedOne() {
        assertThatCode(() -> check(removed(), granted(Tokens.of(0, 9)))).doesNotThrowAnyException();
        assertThatThrownBy(() -> check(removed(), granted(Tokens.of(0, 3))))
                .hasMessageContaining("TOKEN-OF-ITS-REVISION");
    }

    /** NoRegrant: nothing but this invariant stands between a stopped token and a second grant of it. */
    @Test
    void aTokenWhoseStopIsCommittedIsNeverGrantedAgain() {
        FencingToken token = Tokens.of(0, 9);
        InstanceRow stopped =
                granted(token).getInstance().toBuilder().setStoppedToken(token).build();
        assertThatCode(() -> check(granted(token).toBuilder()
                        .setInstance(stopped.toBuilder().setStoppedToken(OLD))
                        .build()))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> check(put(stopped))).hasMessageContaining("NO-REGRANT");
        assertThatThrownBy(() -> Invariants.checkAll(with(AFTER, put(stopped)))).hasMessageContaining("NO-REGRANT");
    }
}
