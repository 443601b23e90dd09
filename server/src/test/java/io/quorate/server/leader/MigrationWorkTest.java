package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.DesiredInstance;
import io.quorate.agent.v1.ProbeOrder;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.Departure;
import io.quorate.log.v1.FormerLife;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.LookRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.RecoverRow;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Tokens;
import io.quorate.v1.NodeMaintenance;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OcfKind;
import io.quorate.v1.ResourceSpec;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The instance vm, which moves from n1, its owner under token 42, to n2, which holds its arrival under token 50. */
class MigrationWorkTest {
    private ClusterState state = ClusterState.empty();

    private void put(Change.Builder change) {
        state = Reducer.reduce(state, change.build());
    }

    private static NodeRow.Builder node(String name) {
        return NodeRow.newBuilder()
                .setName(name)
                .setIncarnation(1)
                .setSession(1)
                .setPhase(NodePhase.NODE_PHASE_UP);
    }

    private static InstanceRow.Builder source(boolean sent) {
        return InstanceRow.newBuilder()
                .setId("vm")
                .setUnit("resources/vm")
                .setRecover(RecoverRow.newBuilder().setRevision(7))
                .setOwnership(OwnershipRow.newBuilder()
                        .setNode("n1")
                        .setIncarnation(1)
                        .setToken(Tokens.of(1, 42))
                        .setDeparture(Departure.newBuilder()
                                .setNode("n2")
                                .setToken(Tokens.of(1, 50))
                                .setSent(sent)));
    }

    private static InstanceRow.Builder arrival(boolean releasing) {
        return InstanceRow.newBuilder()
                .setId("vm:arriving")
                .setArrivalOf("vm")
                .setUnit("resources/vm")
                .setOwnership(OwnershipRow.newBuilder()
                        .setNode("n2")
                        .setIncarnation(1)
                        .setToken(Tokens.of(1, 50))
                        .setReleasing(releasing));
    }

    private static Change.Builder row(InstanceRow.Builder row) {
        return Change.newBuilder().setInstance(row);
    }

    @BeforeEach
    void build() {
        for (String name : List.of("n1", "n2", "n3")) {
            put(Change.newBuilder().setNode(node(name)));
        }
        put(Change.newBuilder()
                .setObject(ObjectRow.newBuilder()
                        .setKey("resources/vm")
                        .setMeta(ObjectMeta.newBuilder().setName("vm"))
                        .setResource(ResourceSpec.newBuilder()
                                .setLiveMigration(true)
                                .setOcf(OcfKind.newBuilder()
                                        .setProvider("heartbeat")
                                        .setType("VirtualDomain")))));
        put(row(source(false)));
        put(row(arrival(false)));
    }

    private StreamWorkResponse work(String node) {
        NodeRow row = state.node(node);
        assertThat(row).isNotNull();
        return WorkSets.of(state, row).build();
    }

    @Test
    void theSourceIsToldWhereItGoes() {
        DesiredInstance desired = work("n1").getDesired(0);
        assertThat(desired.getInstance()).isEqualTo("vm");
        assertThat(desired.getToken()).isEqualTo(Tokens.of(1, 42));
        assertThat(desired.getMigrate().getToNode()).isEqualTo("n2");
        assertThat(desired.getMigrate().getTokenNumber())
                .isEqualTo(Tokens.of(1, 50).getNumber());
        assertThat(desired.getArrivesFrom()).isEmpty();
    }

    @Test
    void theTargetIsToldOnlyWhenItWasSent() {
        assertThat(work("n2").getDesiredList()).isEmpty();
        put(row(source(true)));
        DesiredInstance desired = work("n2").getDesired(0);
        assertThat(desired.getInstance()).isEqualTo("vm");
        assertThat(desired.getToken()).isEqualTo(Tokens.of(1, 50));
        assertThat(desired.getArrivesFrom()).isEqualTo("n1");
        assertThat(desired.hasMigrate()).isFalse();
        assertThat(desired.getMembers(0).getRecoverRevision())
                .as("an order that the source has obeyed is none for what comes from there")
                .isEqualTo(7);
        assertThat(work("n3").getDesiredList()).isEmpty();
    }

    /** Until then migrate_to may bring it there: that it does not run there would be said too early. */
    @Test
    void anArrivalIsReleasedWhenNothingCanComeAnyMore() {
        put(row(arrival(true)));
        assertThat(work("n2").getDesiredList()).isEmpty();
        assertThat(work("n1").getDesired(0).hasMigrate())
                .as("nothing is sent to it any more")
                .isFalse();
        put(row(source(true)));
        assertThat(work("n2").getDesired(0).getRelease()).isTrue();
        put(row(source(false).clearOwnership().setLastNode("n1")));
        DesiredInstance desired = work("n2").getDesired(0);
        assertThat(desired.getRelease()).isTrue();
        assertThat(desired.getArrivesFrom()).isEqualTo("n1");
    }

    @Test
    void handsAreOffBothHolders() {
        put(row(source(true)));
        put(Change.newBuilder().setNode(node("n2").setMaintenance(NodeMaintenance.getDefaultInstance())));
        assertThat(work("n1").getDesired(0).getMaintenance()).isFalse();
        assertThat(work("n2").getDesired(0).getMaintenance()).isTrue();
        put(Change.newBuilder().setNode(node("n2")));
        put(row(source(true).setProbeSince(9)));
        assertThat(work("n1").getDesired(0).getMaintenance()).isTrue();
        assertThat(work("n2").getDesired(0).getMaintenance()).isTrue();
    }

    @Test
    void theTargetLooksOnlyWhenSomebodyAsks() {
        put(row(source(true).setProbeSince(9)));
        assertThat(work("n1").getProbesList()).isEmpty();
        assertThat(work("n2").getProbesList()).isEmpty();
        assertThat(work("n3").getProbesList())
                .extracting(ProbeOrder::getInstance)
                .containsExactly("vm");
        put(Change.newBuilder()
                .setNode(node("n2")
                        .addLooks(LookRow.newBuilder().setInstance("vm").setSince(11))));
        assertThat(work("n2").getProbesList())
                .extracting(ProbeOrder::getInstance, ProbeOrder::getSince)
                .containsExactly(org.assertj.core.api.Assertions.tuple("vm", 11L));
    }

    /** What was arriving died with the former life, or runs on without its agent: the new one is to say. */
    @Test
    void aNewLifeOfTheTargetLooks() {
        put(Change.newBuilder()
                .setNode(node("n2")
                        .setIncarnation(2)
                        .addFormerLives(FormerLife.newBuilder().setIncarnation(1))));
        put(row(source(true)));
        assertThat(work("n2").getDesiredList()).isEmpty();
        assertThat(work("n2").getProbesList())
                .extracting(ProbeOrder::getInstance)
                .containsExactly("vm");
    }

    @Test
    void withoutItsArrivalNothingIsSent() {
        put(row(arrival(false)).setDeleted(true));
        assertThat(work("n1").getDesired(0).hasMigrate()).isFalse();
        put(row(arrival(false)
                .setOwnership(arrival(false).getOwnership().toBuilder().setToken(Tokens.of(1, 51)))));
        assertThat(work("n1").getDesired(0).hasMigrate()).as("another one").isFalse();
        assertThat(work("n2").getDesiredList()).isEmpty();
    }
}
