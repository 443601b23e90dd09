package io.quorate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.statemachine.cib.CibException;
import io.quorate.statemachine.cib.Simulation;
import io.quorate.statemachine.placement.Answer.Placed;
import io.quorate.statemachine.placement.Engine;
import io.quorate.statemachine.placement.Problem;
import io.quorate.statemachine.placement.Resource;
import io.quorate.statemachine.placement.Transition;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The made-up clusters are what bench/README.md says. */
class MadeClusterTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static MadeCluster cluster() {
        return new MadeCluster(8, 400, 1);
    }

    private static Problem problem(MadeCib.Event event) throws CibException {
        InputStream in = new ByteArrayInputStream(MadeCib.text(cluster(), event).getBytes(StandardCharsets.UTF_8));
        return Simulation.problem(in, Optional.of(NOW), NOW);
    }

    @Test
    void theSameNumbersGiveTheSameFileAndAnotherSeedAnother() {
        String text = MadeCib.text(cluster(), MadeCib.Event.NODE_LOST);
        assertThat(MadeCib.text(cluster(), MadeCib.Event.NODE_LOST)).isEqualTo(text);
        assertThat(MadeCib.text(new MadeCluster(8, 400, 2), MadeCib.Event.NODE_LOST))
                .isNotEqualTo(text);
    }

    @Test
    void ourReaderFindsWhatWasMade() throws CibException {
        Problem problem = problem(MadeCib.Event.NOTHING);
        List<Resource.Group> groups = problem.resources().stream()
                .filter(Resource.Group.class::isInstance)
                .map(Resource.Group.class::cast)
                .toList();
        assertThat(problem.machines()).hasSize(8);
        // One of the single ones is the fence device.
        assertThat(problem.resources()).hasSize(20 + 320 + 1);
        assertThat(groups).hasSize(20).allMatch(group -> group.members().size() == 4);
        assertThat(problem.locations()).hasSize(40);
        assertThat(problem.colocations()).hasSize(20);
        assertThat(problem.orders()).hasSize(20);
        assertThat(problem.activities()).hasSize(401);
        assertThat(groups.get(0).meta().stickiness()).hasValue(MadeCluster.STICKINESS);
    }

    @Test
    void aClusterWhereNothingHappenedIsAtRest() throws CibException {
        Transition transition = Engine.plan(problem(MadeCib.Event.NOTHING));
        assertThat(transition.operations()).isEmpty();
        assertThat(transition.answer().placed()).hasSize(401);
    }

    @Test
    void aLostNodeIsFencedAndWhatItRanGoesElsewhere() throws CibException {
        Problem problem = problem(MadeCib.Event.NODE_LOST);
        List<Placed> placed = Engine.solve(problem).placed();
        String lost = MadeCluster.name("node", 8);
        assertThat(Engine.solve(problem).fenced()).containsExactly(lost);
        assertThat(problem.activities()).anyMatch(activity -> activity.machine().equals(lost));
        assertThat(placed).hasSize(401).noneMatch(each -> each.machine().equals(lost));
    }

    @Test
    void aFailedMonitorRecoversOneResource() throws CibException {
        List<Transition.Action> actions =
                Engine.plan(problem(MadeCib.Event.MONITOR_FAILED)).actions();
        assertThat(actions)
                .filteredOn(action -> action.kind() == Transition.ActionKind.RECOVER)
                .hasSize(1);
    }
}
