package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.quorate.agent.v1.DesiredInstance;
import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.MigrationOrder;
import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.server.agent.exec.ClonePart;
import io.quorate.v1.FencingToken;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ResourceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each row is one situation of a group "web" of the members ip and www, and the one step that follows. */
class ReconcilerTest {
    private static final Contact CONNECTED = new Contact(true, true, false, NodePhase.NODE_PHASE_UP, false);
    private static final Contact JOINING = new Contact(true, true, false, NodePhase.NODE_PHASE_JOINING, false);
    private static final Contact NO_LEASE = new Contact(true, false, false, NodePhase.NODE_PHASE_UP, false);
    private static final Contact PAUSED = new Contact(true, true, false, NodePhase.NODE_PHASE_UP, true);
    private static final Contact UNCONFIRMED = new Contact(false, true, false, NodePhase.NODE_PHASE_UP, false);
    private static final Contact LEASE_ENDED = new Contact(true, false, true, NodePhase.NODE_PHASE_UP, false);
    private static final String NOTHING = "";

    private static DesiredInstance.Builder desired(long token) {
        return DesiredInstance.newBuilder()
                .setInstance("web")
                .setToken(token(token))
                .setKeepWithoutContact(true)
                .addMembers(wanted("ip"))
                .addMembers(wanted("www"));
    }

    private static DesiredMember.Builder wanted(String resource) {
        return DesiredMember.newBuilder()
                .setResource(resource)
                .setDefinitionDigest(ByteString.copyFromUtf8("d1"))
                .setRecoverRevision(10);
    }

    private static FencingToken token(long number) {
        return FencingToken.newBuilder()
                .setGeneration(1)
                .setRevision(number)
                .setNumber(number)
                .build();
    }

    private static MemberState member(String resource, Phase phase) {
        return new MemberState(
                resource,
                ResourceSpec.getDefaultInstance(),
                ByteString.copyFromUtf8("d1"),
                phase,
                Phase.PHASE_STOPPED,
                false,
                10,
                0,
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty(),
                phase == Phase.PHASE_STOP_FAILED ? 500 : 0,
                0);
    }

    private static InstanceState actual(long token, Phase ip, Phase www) {
        return new InstanceState(
                "web",
                token(token),
                true,
                true,
                List.of(member("ip", ip), member("www", www)),
                false,
                false,
                ClonePart.NONE,
                "");
    }

    private static String decide(DesiredInstance.Builder wanted, InstanceState present, Contact contact, long stopped) {
        return Reconciler.decide(
                        Optional.ofNullable(wanted).map(DesiredInstance.Builder::build),
                        Optional.ofNullable(present),
                        stopped,
                        contact,
                        100)
                .map(ReconcilerTest::text)
                .orElse(NOTHING);
    }

    private static String text(Action action) {
        if (action instanceof Action.Start start) {
            return "start " + start.member().getResource();
        }
        if (action instanceof Action.Stop stop) {
            return "stop " + stop.resource() + (stop.forGood() ? " for good" : "");
        }
        if (action instanceof Action.Look look) {
            return "look " + look.resource();
        }
        if (action instanceof Action.Monitor monitor) {
            return "monitor " + monitor.resource();
        }
        if (action instanceof Action.Forget forget) {
            return "forget " + forget.resource();
        }
        if (action instanceof Action.Send send) {
            return "send " + send.resource() + " to " + send.order().getToNode();
        }
        if (action instanceof Action.Arrive arrive) {
            return "take " + arrive.member().getResource() + " from " + arrive.fromNode();
        }
        return action.getClass().getSimpleName();
    }

    private static final Phase STOPPED = Phase.PHASE_STOPPED;
    private static final Phase STARTED = Phase.PHASE_STARTED;
    private static final Phase RUNNING = Phase.PHASE_RUNNING;
    private static final Phase FAILED = Phase.PHASE_FAILED;
    private static final Phase UNKNOWN = Phase.PHASE_UNKNOWN;
    private static final Phase STOP_FAILED = Phase.PHASE_STOP_FAILED;

    private static Arguments row(
            String why,
            DesiredInstance.Builder wanted,
            InstanceState present,
            Contact contact,
            long stopped,
            String step) {
        return Arguments.of(why, wanted, present, contact, stopped, step);
    }

    static Stream<Arguments> situations() {
        DesiredInstance.Builder release = desired(42).setRelease(true);
        DesiredInstance.Builder adopt = desired(43).setAdopt(true);
        DesiredInstance.Builder maintenance = desired(42).setMaintenance(true);
        DesiredInstance.Builder recoverIp =
                desired(42).setMembers(0, wanted("ip").setRecoverRevision(11));
        DesiredInstance.Builder recoverWww =
                desired(42).setMembers(1, wanted("www").setRecoverRevision(11));
        DesiredInstance.Builder redefined =
                desired(42).setMembers(0, wanted("ip").setDefinitionDigest(ByteString.copyFromUtf8("d2")));
        DesiredInstance.Builder smaller = desired(42).removeMembers(1);
        DesiredInstance.Builder larger = desired(42).addMembers(wanted("log"));
        InstanceState allStopped = actual(42, STOPPED, STOPPED);
        InstanceState allRunning = actual(42, RUNNING, RUNNING);
        InstanceState bestEffort = allRunning.withPolicy(false, false);
        List<Arguments> rows = new ArrayList<>();
        rows.add(row("a grant is recorded first", desired(42), null, CONNECTED, 0, "Track"));
        rows.add(row("ConfirmedToken: only a confirmed one", desired(42), null, UNCONFIRMED, 0, NOTHING));
        rows.add(row("members start in order", desired(42), allStopped, CONNECTED, 0, "start ip"));
        rows.add(row("the next one follows", desired(42), actual(42, RUNNING, STOPPED), CONNECTED, 0, "start www"));
        rows.add(row(
                "a member waits for a start, not for a monitor",
                desired(42),
                actual(42, STARTED, STOPPED),
                CONNECTED,
                0,
                "start www"));
        rows.add(row(
                "then they are watched in order",
                desired(42),
                actual(42, STARTED, STARTED),
                CONNECTED,
                0,
                "monitor ip"));
        rows.add(row("and each of them", desired(42), actual(42, RUNNING, STARTED), CONNECTED, 0, "monitor www"));
        rows.add(
                row("a failed one is for the leader", desired(42), actual(42, FAILED, STARTED), CONNECTED, 0, NOTHING));
        rows.add(row("all is well", desired(42), allRunning, CONNECTED, 0, NOTHING));
        rows.add(row(
                "a failed member waits for the leader",
                desired(42),
                actual(42, FAILED, STOPPED),
                CONNECTED,
                0,
                NOTHING));
        rows.add(row("RUN⊆OWN: no start without a live lease", desired(42), allStopped, NO_LEASE, 0, NOTHING));
        rows.add(row(
                "ConfirmedToken: no start without a confirmed answer",
                desired(42),
                allStopped,
                UNCONFIRMED,
                0,
                NOTHING));
        rows.add(row("no start while joining", desired(42), allStopped, JOINING, 0, NOTHING));
        rows.add(row("Tombstone: a given-up token is not started", desired(42), allStopped, CONNECTED, 42, "Retire"));
        rows.add(row(
                "Tombstone: its rest is stopped",
                desired(42),
                actual(42, RUNNING, STOPPED),
                CONNECTED,
                42,
                "stop ip for good"));
        rows.add(row("a later token is", desired(42), allStopped, CONNECTED, 41, "start ip"));
        rows.add(row("OneOp: busy means wait", release, allRunning.withBusy(true), CONNECTED, 0, NOTHING));
        rows.add(row(
                "the unknown is looked at first", release, actual(42, UNKNOWN, RUNNING), UNCONFIRMED, 0, "look ip"));
        rows.add(row("release stops in reverse", release, allRunning, CONNECTED, 0, "stop www for good"));
        rows.add(row("and goes on", release, actual(42, RUNNING, STOPPED), CONNECTED, 0, "stop ip for good"));
        rows.add(row("StopEmpty: released when all are stopped", release, allStopped, CONNECTED, 0, "Retire"));
        rows.add(row("a failed stop is no release", release, actual(42, RUNNING, STOP_FAILED), CONNECTED, 0, NOTHING));
        rows.add(row("released is said once", release, allStopped.withReleased(), CONNECTED, 42, NOTHING));
        DesiredInstance.Builder grownRelease = desired(42).setRelease(true).addMembers(wanted("log"));
        rows.add(row(
                "StopEmpty: a member that came meanwhile is looked at",
                grownRelease,
                allRunning,
                CONNECTED,
                0,
                "Track"));
        rows.add(row(
                "even after the release was said", grownRelease, allStopped.withReleased(), CONNECTED, 42, "Track"));
        rows.add(row("and dropped when it is seen", null, allStopped.withReleased(), CONNECTED, 42, "Drop"));
        rows.add(row("release works without a lease", release, allRunning, NO_LEASE, 0, "stop www for good"));
        rows.add(row("what is not ours is stopped", null, allRunning, CONNECTED, 0, "stop www for good"));
        rows.add(row("JoinClean: while joining, too", null, allRunning, JOINING, 0, "stop www for good"));
        rows.add(row("but not before the first answer", null, allRunning, UNCONFIRMED, 0, NOTHING));
        rows.add(row("nor while paused", null, allRunning, PAUSED, 0, NOTHING));
        rows.add(row("paused: nothing starts", desired(42), allStopped, PAUSED, 0, NOTHING));
        rows.add(row("paused: nothing is released", release, allRunning, PAUSED, 0, NOTHING));
        rows.add(row("maintenance: hands off", maintenance, actual(42, FAILED, STOPPED), CONNECTED, 0, NOTHING));
        rows.add(row("recover stops from that member on", recoverIp, allRunning, CONNECTED, 0, "stop www"));
        rows.add(row("and starts again", recoverIp, allStopped, CONNECTED, 0, "start ip"));
        rows.add(row("members before it go on", recoverWww, allRunning, CONNECTED, 0, "stop www"));
        rows.add(row(
                "a failed one is stopped before its start",
                recoverWww,
                actual(42, RUNNING, FAILED),
                CONNECTED,
                0,
                "stop www"));
        rows.add(row("another definition means stop first", redefined, allRunning, CONNECTED, 0, "stop www"));
        rows.add(row("a former member is stopped", smaller, allRunning, CONNECTED, 0, "stop www"));
        rows.add(row("and forgotten", smaller, actual(42, RUNNING, STOPPED), CONNECTED, 0, "forget www"));
        rows.add(row(
                "none is forgotten before all have ended",
                desired(42).clearMembers(),
                actual(42, RUNNING, STOPPED),
                CONNECTED,
                0,
                "stop ip"));
        rows.add(row("a new member is recorded", larger, allRunning, CONNECTED, 0, "Track"));
        rows.add(row("adopted with its new token", adopt, allRunning, CONNECTED, 0, "TakeOver"));
        rows.add(row("adopted while paused, too", adopt, allRunning, PAUSED, 0, "TakeOver"));
        rows.add(row("an old token's members are stopped", desired(43), allRunning, CONNECTED, 0, "stop www for good"));
        rows.add(row("before the new one is taken", desired(43), allStopped, CONNECTED, 42, "TakeOver"));
        rows.add(row("lease over: kept where only a fence frees it", desired(42), allRunning, LEASE_ENDED, 0, NOTHING));
        rows.add(row(
                "lease over: stopped where time frees it",
                desired(42),
                bestEffort,
                LEASE_ENDED,
                0,
                "stop www for good"));
        rows.add(row(
                "lease over: also without any contact",
                null,
                bestEffort,
                new Contact(false, false, true, NodePhase.NODE_PHASE_UNSPECIFIED, false),
                0,
                "stop www for good"));
        rows.add(row(
                "lease over: and given up",
                desired(42),
                allStopped.withPolicy(false, false),
                LEASE_ENDED,
                42,
                "Retire"));
        return rows.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("situations")
    void theNextStep(
            String why,
            DesiredInstance.Builder wanted,
            InstanceState present,
            Contact contact,
            long stopped,
            String step) {
        assertThat(decide(wanted, present, contact, stopped)).as(why).isEqualTo(step);
    }

    private static final Phase SENDING = Phase.PHASE_SENDING;
    private static final Phase SENT = Phase.PHASE_SENT;
    private static final Phase AWAITED = Phase.PHASE_AWAITED;
    private static final Phase ARRIVING = Phase.PHASE_ARRIVING;

    private static DesiredInstance.Builder vm(long token) {
        return desired(token).clearMembers().addMembers(wanted("www"));
    }

    private static DesiredInstance.Builder leaving() {
        return vm(42).setMigrate(MigrationOrder.newBuilder().setToNode("n2").setTokenNumber(50));
    }

    private static DesiredInstance.Builder arriving() {
        return vm(50).setArrivesFrom("n1");
    }

    private static InstanceState vm(long token, Phase phase) {
        return actual(token, STOPPED, STOPPED).withMembers(List.of(member("www", phase)));
    }

    /** Its migrate_to was begun. */
    private static InstanceState left(Phase phase) {
        return vm(42, phase).withMember("www", member -> member.sending(50).in(phase));
    }

    private static InstanceState arrived(Phase phase) {
        return vm(50, phase).withArrivesFrom("n1");
    }

    private static DesiredInstance.Builder redefined(DesiredInstance.Builder wanted) {
        return wanted.setMembers(
                0,
                wanted("www").setDefinitionDigest(ByteString.copyFromUtf8("d2")).setRecoverRevision(11));
    }

    /** TwoHolders, as the node that it leaves has it under token 42. */
    static Stream<Arguments> departures() {
        DesiredInstance.Builder release = leaving().setRelease(true);
        List<Arguments> rows = new ArrayList<>();
        rows.add(row("what runs is sent", leaving(), vm(42, RUNNING), CONNECTED, 0, "send www to n2"));
        rows.add(row("not what no monitor has seen", leaving(), vm(42, STARTED), CONNECTED, 0, "monitor www"));
        rows.add(row("nor what failed", leaving(), vm(42, FAILED), CONNECTED, 0, NOTHING));
        rows.add(row("what never left may be started", leaving(), vm(42, STOPPED), CONNECTED, 0, "start www"));
        rows.add(row("not without a live lease", leaving(), vm(42, RUNNING), NO_LEASE, 0, NOTHING));
        rows.add(row("nor without a confirmed answer", leaving(), vm(42, RUNNING), UNCONFIRMED, 0, NOTHING));
        rows.add(row("nor while paused", leaving(), vm(42, RUNNING), PAUSED, 0, NOTHING));
        rows.add(row("nor while joining", leaving(), vm(42, RUNNING), JOINING, 0, NOTHING));
        rows.add(row("nor in maintenance", leaving().setMaintenance(true), vm(42, RUNNING), CONNECTED, 0, NOTHING));
        rows.add(row("OneOp: busy means wait", leaving(), vm(42, RUNNING).withBusy(true), CONNECTED, 0, NOTHING));
        rows.add(row("not what was given up", leaving(), vm(42, RUNNING), CONNECTED, 42, "stop www for good"));
        rows.add(row("once", leaving(), left(SENT), CONNECTED, 0, NOTHING));
        rows.add(row("also when it failed", leaving(), left(FAILED), CONNECTED, 0, NOTHING));
        rows.add(row("an order that is gone changes nothing", vm(42), left(SENT), CONNECTED, 0, NOTHING));
        rows.add(row("another definition first", redefined(leaving()), vm(42, RUNNING), CONNECTED, 0, "stop www"));
        rows.add(row("not once it is on its way", redefined(leaving()), left(SENT), CONNECTED, 0, NOTHING));
        rows.add(row("nor afterwards", redefined(vm(42)), left(FAILED), CONNECTED, 0, NOTHING));
        rows.add(row("what left is not started here", vm(42), left(STOPPED), CONNECTED, 0, NOTHING));
        rows.add(row("a release stops it", release, left(SENT), CONNECTED, 0, "stop www for good"));
        rows.add(row("also what failed", release, left(FAILED), CONNECTED, 0, "stop www for good"));
        rows.add(row("when its operation is over", release, left(SENDING).withBusy(true), CONNECTED, 0, NOTHING));
        rows.add(row("and is said when it has stopped", release, left(STOPPED), CONNECTED, 42, "Retire"));
        rows.add(row("what is not ours is stopped", null, left(SENT), CONNECTED, 0, "stop www for good"));
        rows.add(row(
                "lease over: stopped where time frees it",
                leaving(),
                left(SENT).withPolicy(false, false),
                LEASE_ENDED,
                0,
                "stop www for good"));
        rows.add(row("a new token", vm(60), left(SENT), CONNECTED, 0, "stop www for good"));
        return rows.stream();
    }

    /** TwoHolders, as the node that it goes to has it under token 50. */
    static Stream<Arguments> arrivals() {
        DesiredInstance.Builder release = arriving().setRelease(true);
        List<Arguments> rows = new ArrayList<>();
        rows.add(row("it is recorded first", arriving(), null, CONNECTED, 0, "Track"));
        rows.add(row("what was sent is taken over", arriving(), arrived(AWAITED), CONNECTED, 0, "take www from n1"));
        rows.add(row("not without a live lease", arriving(), arrived(AWAITED), NO_LEASE, 0, NOTHING));
        rows.add(row("nor without a confirmed answer", arriving(), arrived(AWAITED), UNCONFIRMED, 0, NOTHING));
        rows.add(row("nor while paused", arriving(), arrived(AWAITED), PAUSED, 0, NOTHING));
        rows.add(row("nor in maintenance", arriving().setMaintenance(true), arrived(AWAITED), CONNECTED, 0, NOTHING));
        rows.add(row("OneOp", release, arrived(ARRIVING).withBusy(true), CONNECTED, 0, NOTHING));
        rows.add(row("it counts when a monitor says so", arriving(), arrived(STARTED), CONNECTED, 0, "monitor www"));
        rows.add(row("all is well", arriving(), arrived(RUNNING), CONNECTED, 0, NOTHING));
        rows.add(row("what failed waits for the leader", arriving(), arrived(FAILED), CONNECTED, 0, NOTHING));
        rows.add(row("it is never started", arriving(), arrived(STOPPED), CONNECTED, 0, NOTHING));
        rows.add(row("nothing is restarted", redefined(arriving()), arrived(RUNNING), CONNECTED, 0, NOTHING));
        rows.add(row("but when it is the owner", redefined(vm(50)), vm(50, RUNNING), CONNECTED, 0, "stop www"));
        rows.add(row("for which nothing else changes", vm(50), arrived(RUNNING), CONNECTED, 0, NOTHING));
        rows.add(row(
                "a release stops what may have been brought here",
                release,
                arrived(AWAITED),
                CONNECTED,
                0,
                "stop www for good"));
        rows.add(row("and is said when it has stopped", release, arrived(STOPPED), CONNECTED, 50, "Retire"));
        rows.add(row("what is not ours is stopped", null, arrived(AWAITED), CONNECTED, 0, "stop www for good"));
        rows.add(row(
                "lease over: stopped where time frees it",
                arriving(),
                arrived(AWAITED).withPolicy(false, false),
                LEASE_ENDED,
                0,
                "stop www for good"));
        rows.add(row("what stands still takes its token", arriving(), vm(30, STOPPED), CONNECTED, 0, "TakeOver"));
        rows.add(row(
                "what runs under another ends first", arriving(), vm(30, RUNNING), CONNECTED, 0, "stop www for good"));
        return rows.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"departures", "arrivals"})
    void theNextStepOfAMigration(
            String why,
            DesiredInstance.Builder wanted,
            InstanceState present,
            Contact contact,
            long stopped,
            String step) {
        assertThat(decide(wanted, present, contact, stopped)).as(why).isEqualTo(step);
    }

    /** What waited for a worker is not begun when the order to leave is gone, or another one. */
    @Test
    void aMigrationIsBegunForItsOwnArrivalAlone() {
        InstanceState sending = left(SENDING);
        assertThat(Reconciler.mayBegin(Optional.of(leaving().build()), sending, CONNECTED))
                .isTrue();
        assertThat(Reconciler.mayBegin(Optional.of(vm(42).build()), sending, CONNECTED))
                .isFalse();
        assertThat(Reconciler.mayBegin(Optional.of(leaving().build()), sending, NO_LEASE))
                .isFalse();
        assertThat(Reconciler.mayBegin(Optional.of(arriving().build()), arrived(ARRIVING), CONNECTED))
                .isTrue();
        assertThat(Reconciler.mayBegin(Optional.of(arriving().setRelease(true).build()), arrived(ARRIVING), CONNECTED))
                .isFalse();
    }

    /** Under a new token it may have come from elsewhere, and what was sent away may be here or not. */
    @Test
    void aNewTokenEndsWhatAMigrationLeft() {
        MemberState stopped = member("www", STOPPED);
        assertThat(stopped.obeying(arriving().build()).phase()).isEqualTo(AWAITED);
        assertThat(stopped.obeying(vm(60).build()).phase()).isEqualTo(STOPPED);
        MemberState sent = member("www", RUNNING).sending(50).in(SENT);
        assertThat(sent.obeying(vm(60).build()).phase()).isEqualTo(UNKNOWN);
        assertThat(sent.obeying(vm(60).build()).departure()).isZero();
        assertThat(member("www", AWAITED).obeying(vm(60).build()).phase()).isEqualTo(UNKNOWN);
    }

    /** A failed stop is tried again, but only in its time. */
    @Test
    void aFailedStopIsTriedAgainWhenItsTimeHasCome() {
        Optional<DesiredInstance> desired =
                Optional.of(desired(42).setRelease(true).build());
        Optional<InstanceState> actual = Optional.of(actual(42, RUNNING, STOP_FAILED));
        assertThat(Reconciler.decide(desired, actual, 0, CONNECTED, 499)).isEmpty();
        assertThat(Reconciler.decide(desired, actual, 0, CONNECTED, 500)).isPresent();
    }
}
