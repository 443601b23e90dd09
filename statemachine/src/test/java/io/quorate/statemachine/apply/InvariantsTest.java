package io.quorate.statemachine.apply;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.Departure;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.log.v1.Slot;
import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Tokens;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.FencingToken;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Promotable;
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

    private static final ClusterState CLONE = with(
            AFTER,
            Change.newBuilder()
                    .setObject(ObjectRow.newBuilder()
                            .setKey("clones/db")
                            .setMeta(ObjectMeta.newBuilder().setName("db"))
                            .setClone(CloneSpec.newBuilder().setOf("pg").setPromotable(Promotable.newBuilder())))
                    .build());

    private static InstanceRow slot(String id, int number, boolean promotion, long revision) {
        FencingToken token = Tokens.of(0, revision);
        return InstanceRow.newBuilder()
                .setId(id)
                .setUnit("clones/db")
                .setSlot(Slot.newBuilder().setNumber(number).setPromotion(promotion))
                .setHighestToken(token)
                .setOwnership(OwnershipRow.newBuilder()
                        .setNode("n1")
                        .setIncarnation(1)
                        .setToken(token))
                .build();
    }

    private static InstanceRow promotion(long copyToken) {
        InstanceRow.Builder row = slot("db:promoted:0", 0, true, 9).toBuilder();
        row.getOwnershipBuilder().setCopy("db:0").setCopyToken(Tokens.of(0, copyToken));
        return row.build();
    }

    /** PromotionIsOwned: a promotion never outlives the ownership of its copy. */
    @Test
    void aPromotionIsOwnedWithItsCopy() {
        ClusterState owned = with(CLONE, put(slot("db:0", 0, false, 8)));
        assertThatCode(() -> Invariants.checkAll(with(owned, put(promotion(8)))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> Invariants.checkAll(with(owned, put(promotion(7)))))
                .hasMessageContaining("PROMOTION-IS-OWNED");
        assertThatThrownBy(() -> Invariants.checkAll(with(CLONE, put(promotion(8)))))
                .hasMessageContaining("PROMOTION-IS-OWNED");
    }

    /** CountedSlots: a grant leaves no more owned than there may be, in all and on the node. */
    @Test
    void aGrantIsCounted() {
        ClusterState one = with(CLONE, put(slot("db:0", 0, false, 8)));
        InstanceRow second = slot("db:1", 1, false, 9);
        ClusterState two = with(one, put(second)).advanced(9, one.stamp());
        assertThatThrownBy(() -> Invariants.check(one, two, List.of(put(second))))
                .hasMessageContaining("COUNTED-SLOTS");
    }

    @Test
    void aSlotHasTheIdOfItsNumber() {
        assertThatThrownBy(() -> Invariants.checkAll(with(CLONE, put(slot("db:1", 0, false, 8)))))
                .hasMessageContaining("SLOT-OF-ITS-UNIT");
    }

    /** TwoHolders: the second holder is the one that the first leaves for, on another node, and becomes the owner in one step. */
    @Test
    void whatMigratesHasTwoHoldersThatKnowEachOther() {
        InstanceRow source = owned("web", "n1", 7, true);
        InstanceRow arrival = owned("web:arriving", "n2", 8, false).toBuilder()
                .setArrivalOf("web")
                .build();
        ClusterState both = with(with(withNode(AFTER, "n2"), put(source)), put(arrival));
        assertThatCode(() -> Invariants.checkAll(both)).doesNotThrowAnyException();
        InstanceRow beside = owned("web:arriving", "n1", 8, false).toBuilder()
                .setArrivalOf("web")
                .build();
        InstanceRow stranger = owned("web", "n1", 7, false);
        assertThatThrownBy(() -> Invariants.checkAll(with(both, put(beside)))).hasMessageContaining("TWO-HOLDERS");
        assertThatThrownBy(() -> Invariants.checkAll(with(both, put(stranger)))).hasMessageContaining("TWO-HOLDERS");
        assertThatThrownBy(() -> Invariants.checkAll(
                        with(both, put(arrival.toBuilder().clearOwnership().build()))))
                .hasMessageContaining("ARRIVAL-OF-AN-INSTANCE");
    }

    @Test
    void onlyWhatHasArrivedTakesOver() {
        InstanceRow source = owned("web", "n1", 7, true);
        InstanceRow.Builder arrival =
                owned("web:arriving", "n2", 8, false).toBuilder().setArrivalOf("web");
        InstanceRow owner = owned("web", "n2", 8, false);
        List<Change> changes = List.of(
                put(owner),
                put(arrival.build().toBuilder().clearOwnership().build()),
                put(arrival.build()).toBuilder().setDeleted(true).build());
        ClusterState early = with(with(withNode(AFTER, "n2"), put(source)), put(arrival.build()));
        arrival.getOwnershipBuilder().setArrived(true);
        ClusterState arrived = with(early, put(arrival.build()));
        assertThatCode(() -> Invariants.check(arrived, after(arrived, changes), changes))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> Invariants.check(early, after(early, changes), changes))
                .hasMessageContaining("SINGLE-OWNER");
    }

    private static ClusterState after(ClusterState before, List<Change> changes) {
        ClusterState state = before;
        for (Change change : changes) {
            state = with(state, change);
        }
        return state.advanced(12, before.stamp());
    }

    private static ClusterState withNode(ClusterState state, String name) {
        return with(
                state,
                Change.newBuilder().setNode(NodeRow.newBuilder().setName(name)).build());
    }

    private static InstanceRow owned(String id, String node, long revision, boolean leaves) {
        FencingToken token = Tokens.of(0, revision);
        OwnershipRow.Builder ownership =
                OwnershipRow.newBuilder().setNode(node).setIncarnation(1).setToken(token);
        if (leaves) {
            ownership.setDeparture(Departure.newBuilder().setNode("n2").setToken(Tokens.of(0, 8)));
        }
        return InstanceRow.newBuilder()
                .setId(id)
                .setUnit("resources/web")
                .setHighestToken(token)
                .setOwnership(ownership)
                .build();
    }

    /** A ticket has a row only once it was granted or set aside, and one that is held was granted. */
    @Test
    void aTicketHasAPast() {
        SiteTicketRow granted = SiteTicketRow.newBuilder()
                .setName("site-a")
                .setGranted(true)
                .setSince(Stamp.getDefaultInstance())
                .setLastGranted(Stamp.getDefaultInstance())
                .build();
        assertThatCode(() -> check(put(granted))).doesNotThrowAnyException();
        for (SiteTicketRow wrong : List.of(
                granted.toBuilder().clearLastGranted().build(),
                granted.toBuilder().clearSince().build(),
                granted.toBuilder().clearLastGranted().setGranted(false).build())) {
            assertThatThrownBy(() -> check(put(wrong))).hasMessageContaining("TICKET-HAS-A-PAST");
            assertThatThrownBy(() -> Invariants.checkAll(with(BEFORE, put(wrong))))
                    .hasMessageContaining("TICKET-HAS-A-PAST");
        }
    }

    private static Change put(SiteTicketRow row) {
        return Change.newBuilder().setSiteTicket(row).build();
    }
}
