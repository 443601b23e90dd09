package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.model.ClusterState;
import org.junit.jupiter.api.Test;

class ProjectionsTest {
    private final Projections projections = new Projections();
    private final ClusterState first = state(1);

    private static ClusterState state(long revision) {
        return ClusterState.empty().advanced(revision, Stamp.getDefaultInstance());
    }

    @Test
    void whoAsksForTheSameStateSharesWhatWasExplained() {
        assertThat(projections.of(first)).isSameAs(projections.of(first));
    }

    @Test
    void anEqualStateOfAnotherMomentIsExplainedByItself() {
        assertThat(projections.of(state(1))).isNotSameAs(projections.of(first));
    }

    @Test
    void theStateBeforeIsKeptAndNoOlderOne() {
        Projection old = projections.of(first);
        ClusterState second = state(2);
        Projection before = projections.of(second);
        projections.of(state(3));
        assertThat(projections.of(second)).isSameAs(before);
        assertThat(projections.of(first)).isNotSameAs(old);
    }
}
