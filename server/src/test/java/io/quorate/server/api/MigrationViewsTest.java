package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.Departure;
import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Tokens;
import io.quorate.v1.FailureCount;
import io.quorate.v1.Instance;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OcfKind;
import io.quorate.v1.Owner;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.ValidateTokenResponse;
import io.quorate.v1.ValidateTokenResponse.Verdict;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the API shows the instance vm while it moves from n1, under token 42, to n2, under token 50. */
class MigrationViewsTest {
    private ClusterState state = ClusterState.empty();

    private void put(Change.Builder change) {
        state = Reducer.reduce(state, change.build());
    }

    private static InstanceRow.Builder held(String id, String node, long token) {
        return InstanceRow.newBuilder()
                .setId(id)
                .setUnit("resources/vm")
                .setHighestToken(Tokens.of(1, token))
                .setOwnership(OwnershipRow.newBuilder()
                        .setNode(node)
                        .setIncarnation(1)
                        .setToken(Tokens.of(1, token)));
    }

    private static FailureRow failure(String node, int count) {
        return FailureRow.newBuilder()
                .setMember("vm")
                .setNode(node)
                .setCount(count)
                .build();
    }

    @BeforeEach
    void build() {
        for (String name : List.of("n1", "n2")) {
            put(Change.newBuilder()
                    .setNode(
                            NodeRow.newBuilder().setName(name).setIncarnation(1).setPhase(NodePhase.NODE_PHASE_UP)));
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
        InstanceRow.Builder source =
                held("vm", "n1", 42).addFailures(failure("n1", 1)).addFailures(failure("n2", 2));
        source.getOwnershipBuilder()
                .setDeparture(Departure.newBuilder().setNode("n2").setToken(Tokens.of(1, 50)));
        put(Change.newBuilder().setInstance(source));
        put(Change.newBuilder()
                .setInstance(held("vm:arriving", "n2", 50).setArrivalOf("vm").addFailures(failure("n2", 3))));
    }

    private void endArrival() {
        put(Change.newBuilder().setInstance(held("vm:arriving", "n2", 50)).setDeleted(true));
    }

    private List<Instance> instances() {
        return new Projection(state)
                .any("resources/vm")
                .orElseThrow()
                .getResource()
                .getStatus()
                .getInstancesList();
    }

    @Test
    void theStatusOfTheUnitSaysWhereItGoes() {
        assertThat(instances()).hasSize(1);
        assertThat(instances().get(0).getNode()).isEqualTo("n1");
        assertThat(instances().get(0).getMigratingTo()).isEqualTo("n2");
        endArrival();
        assertThat(instances().get(0).getMigratingTo()).isEmpty();
    }

    @Test
    void eachHolderIsAnOwnerOfItsOwnScope() {
        assertThat(state.instances().values().stream()
                        .map(Projection::owner)
                        .flatMap(Optional::stream)
                        .map(Owner::getScope))
                .containsExactly("instances/vm", "instances/vm:arriving");
        Projection projection = new Projection(state);
        assertThat(projection.any("nodes/n2").orElseThrow().getNode().getOwnedList())
                .containsExactly("vm:arriving");
    }

    private ValidateTokenResponse validate(long token) {
        InstanceRow row = state.instance("vm");
        assertThat(row).isNotNull();
        return OwnershipServiceImpl.validate(state, row, Tokens.of(1, token).getNumber())
                .build();
    }

    @Test
    void theTokensOfBothHoldersAreCurrent() {
        assertThat(validate(42).getVerdict()).isEqualTo(Verdict.VERDICT_CURRENT);
        assertThat(validate(50).getVerdict()).isEqualTo(Verdict.VERDICT_CURRENT);
        assertThat(validate(50).getCurrent()).isEqualTo(Tokens.of(1, 50));
        assertThat(validate(41).getVerdict()).isEqualTo(Verdict.VERDICT_SUPERSEDED);
        assertThat(validate(51).getVerdict()).isEqualTo(Verdict.VERDICT_NEVER_GRANTED);
        endArrival();
        assertThat(validate(42).getVerdict()).isEqualTo(Verdict.VERDICT_CURRENT);
    }

    @Test
    void aFailureIsListedOnceAndByTheNameOfTheService() {
        assertThat(ResourceServiceImpl.failures(state, "vm"))
                .extracting(FailureCount::getNode, FailureCount::getCount)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple("n1", 1), org.assertj.core.api.Assertions.tuple("n2", 3));
    }

    @Test
    void whatWasClearedIsNotListed() {
        endArrival();
        put(Change.newBuilder()
                .setInstance(held("vm", "n1", 42).addFailures(failure("n1", 0)).addFailures(failure("n2", 2))));
        assertThat(ResourceServiceImpl.failures(state, ""))
                .extracting(FailureCount::getNode)
                .containsExactly("n2");
    }

    @Test
    void theHistoryOfTheServiceHasWhatBecameOfItsArrivals() {
        endArrival();
        assertThat(HistoryServiceImpl.wanted(state, "vm")).contains("instances/vm", "instances/vm:arriving");
    }
}
