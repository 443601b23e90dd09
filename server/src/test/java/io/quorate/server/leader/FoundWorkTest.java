package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.FoundRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MetaRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.PauseRow;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.MultipleActive;
import io.quorate.v1.NodeMaintenance;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.SystemdKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which nodes are told to stop what they run without owning it. */
class FoundWorkTest {
    private ClusterState state = ClusterState.empty();

    private void put(Change.Builder change) {
        state = Reducer.reduce(state, change.build());
    }

    private static NodeRow.Builder node(String name) {
        return NodeRow.newBuilder()
                .setName(name)
                .setIncarnation(2)
                .setSession(1)
                .setPhase(NodePhase.NODE_PHASE_UP)
                .addFound(FoundRow.newBuilder().setInstance("web").setRunning(true));
    }

    private void define(MultipleActive said) {
        put(Change.newBuilder()
                .setObject(ObjectRow.newBuilder()
                        .setKey("resources/web")
                        .setMeta(ObjectMeta.newBuilder().setName("web"))
                        .setResource(ResourceSpec.newBuilder()
                                .setMultipleActive(said)
                                .setSystemd(SystemdKind.newBuilder().setUnit("web.service")))));
    }

    private void owned(String node, long incarnation) {
        put(Change.newBuilder()
                .setInstance(InstanceRow.newBuilder()
                        .setId("web")
                        .setUnit("resources/web")
                        .setOwnership(OwnershipRow.newBuilder().setNode(node).setIncarnation(incarnation))));
    }

    private boolean isToldToStop() {
        NodeRow row = state.node("n2");
        assertThat(row).isNotNull();
        return WorkSets.of(state, row).build().getProbesList().stream().anyMatch(order -> order.getStopFound());
    }

    @BeforeEach
    void build() {
        put(Change.newBuilder().setNode(node("n1").clearFound()));
        put(Change.newBuilder().setNode(node("n2")));
        define(MultipleActive.MULTIPLE_ACTIVE_STOP_UNEXPECTED);
        owned("n1", 2);
    }

    @Test
    void itIsForItsFileToSay() {
        assertThat(isToldToStop()).isTrue();
        define(MultipleActive.MULTIPLE_ACTIVE_STOP_AND_START);
        assertThat(isToldToStop()).isTrue();
        define(MultipleActive.MULTIPLE_ACTIVE_BLOCK);
        assertThat(isToldToStop()).isFalse();
        define(MultipleActive.MULTIPLE_ACTIVE_UNSPECIFIED);
        assertThat(isToldToStop()).isFalse();
    }

    @Test
    void whatAnyLifeOfTheNodeOwnsIsNotStoppedAsFound() {
        owned("n2", 2);
        assertThat(isToldToStop()).isFalse();
        owned("n2", 1);
        assertThat(isToldToStop()).isFalse();
    }

    @Test
    void whereHandsAreOffNothingIsStopped() {
        put(Change.newBuilder().setNode(node("n2").setMaintenance(NodeMaintenance.getDefaultInstance())));
        assertThat(isToldToStop()).isFalse();
        put(Change.newBuilder().setNode(node("n2").setPhase(NodePhase.NODE_PHASE_JOINING)));
        assertThat(isToldToStop()).isFalse();
        put(Change.newBuilder().setNode(node("n2")));
        put(Change.newBuilder()
                .setMeta(MetaRow.newBuilder().setPause(PauseRow.newBuilder().setQuarantine(true))));
        assertThat(isToldToStop()).isFalse();
    }
}
