package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.AttributeReport;
import io.quorate.agent.v1.CloneContext;
import io.quorate.agent.v1.CloneContext.Peer;
import io.quorate.agent.v1.DesiredInstance;
import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.ProbeOrder;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.HeldDefinition;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.RestartRow;
import io.quorate.log.v1.SettingsRow;
import io.quorate.log.v1.Slot;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Tokens;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OcfKind;
import io.quorate.v1.OnLostContact;
import io.quorate.v1.Promotable;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.RunState;
import io.quorate.v1.Safety;
import io.quorate.v1.SettingsSpec;
import org.junit.jupiter.api.Test;

/** The clone db of pg on n1, which is promoted, n2, which starts, and n3, which is asked to look. */
class CloneWorkTest {
    private ClusterState state = ClusterState.empty();

    private void put(Change.Builder change) {
        state = Reducer.reduce(state, change.build());
    }

    private void build(boolean notify) {
        for (String name : new String[] {"n1", "n2", "n3"}) {
            put(Change.newBuilder()
                    .setNode(NodeRow.newBuilder()
                            .setName(name)
                            .setIncarnation(1)
                            .setSession(1)
                            .setPhase(NodePhase.NODE_PHASE_UP)));
        }
        put(Change.newBuilder()
                .setObject(ObjectRow.newBuilder()
                        .setKey("resources/pg")
                        .setMeta(ObjectMeta.newBuilder().setName("pg"))
                        .setCloneOf("db")
                        .setResource(ResourceSpec.newBuilder()
                                .setOcf(OcfKind.newBuilder()
                                        .setProvider("heartbeat")
                                        .setType("pgsql")))));
        put(Change.newBuilder()
                .setObject(ObjectRow.newBuilder()
                        .setKey("clones/db")
                        .setMeta(ObjectMeta.newBuilder().setName("db"))
                        .setClone(CloneSpec.newBuilder()
                                .setOf("pg")
                                .setNotify(notify)
                                .setPromotable(Promotable.getDefaultInstance()))));
        put(instance("db:0", 0, false, "n1", 10, RunState.RUN_STATE_RUNNING, ""));
        put(instance("db:1", 1, false, "n2", 11, RunState.RUN_STATE_STARTING, ""));
        put(instance("db:promoted:0", 0, true, "n1", 12, RunState.RUN_STATE_RUNNING, "db:0"));
        put(Change.newBuilder()
                .setInstance(InstanceRow.newBuilder()
                        .setId("db:2")
                        .setUnit("clones/db")
                        .setSlot(Slot.newBuilder().setNumber(2))
                        .setProbeSince(7)));
    }

    private static Change.Builder instance(
            String id, int number, boolean promotion, String node, long token, RunState run, String copy) {
        OwnershipRow.Builder ownership = OwnershipRow.newBuilder()
                .setNode(node)
                .setIncarnation(1)
                .setToken(Tokens.of(1, token))
                .setCopy(copy);
        if (promotion) {
            ownership.setCopyToken(Tokens.of(1, 10));
        }
        return Change.newBuilder()
                .setInstance(InstanceRow.newBuilder()
                        .setId(id)
                        .setUnit("clones/db")
                        .setSlot(Slot.newBuilder().setNumber(number).setPromotion(promotion))
                        .setOwnership(ownership)
                        .addMembers(
                                MemberRowStatus.newBuilder().setResource("pg").setState(run)));
    }

    private StreamWorkResponse work(String node) {
        NodeRow row = state.node(node);
        assertThat(row).isNotNull();
        return WorkSets.of(state, row).build();
    }

    /** What only a fence frees goes on without contact, unless its file says otherwise; what a lease frees never does. */
    @Test
    void aNodeIsToldWhatToDoWithoutContact() {
        build(false);
        ObjectRow db = state.object("clones/db");
        assertThat(db).isNotNull();
        assertThat(work("n1").getDesiredList()).allMatch(DesiredInstance::getKeepWithoutContact);
        CloneSpec stops = db.getClone().toBuilder()
                .setOnLostContact(OnLostContact.ON_LOST_CONTACT_STOP)
                .build();
        put(Change.newBuilder().setObject(db.toBuilder().setClone(stops)));
        assertThat(work("n1").getDesiredList()).noneMatch(DesiredInstance::getKeepWithoutContact);
        assertThat(work("n1").getDesiredList()).allMatch(DesiredInstance::getExclusive);
        CloneSpec bestEffort = stops.toBuilder()
                .setSafety(Safety.SAFETY_BEST_EFFORT)
                .setOnLostContact(OnLostContact.ON_LOST_CONTACT_KEEP)
                .build();
        put(Change.newBuilder().setObject(db.toBuilder().setClone(bestEffort)));
        assertThat(work("n1").getDesiredList()).noneMatch(DesiredInstance::getKeepWithoutContact);
    }

    /** With its promotion, for which the agent calls what runs. */
    @Test
    void aCopyThatWaitsForItsRestartIsRunAsItWasDefined() {
        build(false);
        ResourceSpec old = ResourceSpec.newBuilder()
                .setOcf(OcfKind.newBuilder().setProvider("heartbeat").setType("mysql"))
                .build();
        InstanceRow copy = state.instance("db:0");
        assertThat(copy).isNotNull();
        put(Change.newBuilder()
                .setInstance(copy.toBuilder()
                        .setRestart(RestartRow.newBuilder()
                                .addHeld(HeldDefinition.newBuilder()
                                        .setResource("pg")
                                        .setSpec(old)))));
        assertThat(work("n1").getDesiredList())
                .hasSize(2)
                .allMatch(desired -> desired.getMembers(0).getSpec().equals(old));
        assertThat(work("n2").getDesired(0).getMembers(0).getSpec()).isNotEqualTo(old);
    }

    /** The limit of starts comes with every set of work. */
    @Test
    void aNodeIsToldHowManyStartsMayBeUnderWay() {
        build(false);
        assertThat(work("n1").getMaxStarts()).isEqualTo(16);
        put(Change.newBuilder()
                .setSettings(SettingsRow.newBuilder()
                        .setSpec(SettingsSpec.newBuilder().setMaxStartsPerNode(3))));
        assertThat(work("n1").getMaxStarts()).isEqualTo(3);
    }

    @Test
    void aNodeGetsItsCopyAndThePromotionOfIt() {
        build(true);
        assertThat(work("n1").getDesiredList())
                .extracting(DesiredInstance::getInstance)
                .containsExactly("db:0", "db:promoted:0");
        DesiredInstance promotion = work("n1").getDesired(1);
        assertThat(promotion.getCopy()).isEqualTo("db:0");
        assertThat(promotion.getToken().getRevision()).isEqualTo(12);
        assertThat(promotion.getMembers(0).getResource()).isEqualTo("pg");
        CloneContext clone = work("n2").getDesired(0).getClone();
        assertThat(clone.toBuilder().clearPeers().build())
                .isEqualTo(CloneContext.newBuilder()
                        .setClone("db")
                        .setNumber(1)
                        .setMax(3)
                        .setMaxPerNode(1)
                        .setNotify(true)
                        .setPromotable(true)
                        .setPromotedMax(1)
                        .setPromotedMaxPerNode(1)
                        .build());
        assertThat(clone.getPeersList())
                .containsExactly(
                        Peer.newBuilder()
                                .setInstance("db:0")
                                .setNode("n1")
                                .setActive(true)
                                .setPromoted(true)
                                .build(),
                        Peer.newBuilder()
                                .setInstance("db:1")
                                .setNode("n2")
                                .setStarting(true)
                                .build(),
                        Peer.newBuilder().setInstance("db:2").build());
    }

    /** Nobody is sent work because of what others do whom nobody tells of it. */
    @Test
    void copiesThatAreNotToldOfEachOtherGetNoPeers() {
        build(false);
        assertThat(work("n1").getDesired(0).getClone().getPeersCount()).isZero();
    }

    @Test
    void aSlotIsLookedAtAsWhatItIs() {
        build(true);
        ProbeOrder order = work("n3").getProbes(0);
        assertThat(order.getInstance()).isEqualTo("db:2");
        assertThat(order.getPromotion()).isFalse();
        assertThat(order.getClone().getClone()).isEqualTo("db");
        put(Change.newBuilder()
                .setInstance(InstanceRow.newBuilder()
                        .setId("db:promoted:0")
                        .setUnit("clones/db")
                        .setSlot(Slot.newBuilder().setPromotion(true))
                        .setProbeSince(8)));
        assertThat(work("n3").getProbesList())
                .extracting(ProbeOrder::getInstance, ProbeOrder::getPromotion)
                .contains(org.assertj.core.groups.Tuple.tuple("db:promoted:0", true));
    }

    /** Hands were off it, and another copy may have been promoted meanwhile (ProbeFirst). */
    @Test
    void aPromotionThatOthersAreStillAskedAboutIsLeftAlone() {
        build(true);
        assertThat(work("n1").getDesired(1).getMaintenance()).isFalse();
        Change.Builder asked = instance("db:promoted:0", 0, true, "n1", 12, RunState.RUN_STATE_RUNNING, "db:0");
        asked.getInstanceBuilder().setProbeSince(13);
        put(asked);
        assertThat(work("n1").getDesired(1).getMaintenance()).isTrue();
        assertThat(work("n1").getDesired(0).getMaintenance()).as("its copy").isFalse();
        assertThat(work("n3").getProbesList())
                .extracting(ProbeOrder::getInstance)
                .contains("db:promoted:0");
    }

    /** One that runs may be promoted at once: what its agent says of that is decided first. */
    @Test
    void scoresComeBeforeTheCopiesThatTheyAreAbout() {
        ReportResultsRequest request = ReportResultsRequest.newBuilder()
                .setNode("n1")
                .setIncarnation(1)
                .setSession(5)
                .addInstances(InstanceReport.newBuilder().setInstance("db:0"))
                .addAttributes(AttributeReport.newBuilder()
                        .setName("promotion-score.db")
                        .setValue("10"))
                .build();
        assertThat(ReportCommands.of(request))
                .extracting(item -> item.command().getKindCase().name())
                .containsExactly("REPORT_ATTRIBUTES", "REPORT_INSTANCE");
        assertThat(ReportCommands.of(request)
                        .get(0)
                        .command()
                        .getReportAttributes()
                        .getAttributesList())
                .isEqualTo(request.getAttributesList());
    }
}
