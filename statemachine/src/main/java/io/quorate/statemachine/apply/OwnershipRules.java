package io.quorate.statemachine.apply;

import io.quorate.agent.v1.MemberReport;
import io.quorate.log.v1.AssignOwner;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.ExpireLease;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.RecoverInstance;
import io.quorate.log.v1.RecoverRow;
import io.quorate.log.v1.ReleaseOwner;
import io.quorate.log.v1.ReportInstance;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Settings;
import io.quorate.statemachine.model.Tokens;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Evidence;
import io.quorate.v1.FencingToken;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Reason;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who owns what: grant, release, restart in place, and the lease of bestEffort units. */
final class OwnershipRules {
    private OwnershipRules() {}

    static List<Rule<?>> all() {
        return List.of(
                new Rule<>(CommandKind.ASSIGN_OWNER, Command::getAssignOwner, guardsOfGrant(), OwnershipRules::assign),
                new Rule<>(
                        CommandKind.RELEASE_OWNER,
                        Command::getReleaseOwner,
                        List.of(
                                instanceKnown(ReleaseOwner::getInstance),
                                notPaused(),
                                ownedUnder(ReleaseOwner::getInstance, ReleaseOwner::getToken),
                                new Guard<>(
                                        "NotReleasing",
                                        RejectCode.ALREADY_RELEASING,
                                        (situation, release) -> notReleasing(situation.state(), release.getInstance())),
                                CloneGuards.promotionEndsFirst(ReleaseOwner::getInstance, false)),
                        OwnershipRules::release),
                new Rule<>(
                        CommandKind.RECOVER_INSTANCE,
                        Command::getRecoverInstance,
                        List.of(
                                instanceKnown(RecoverInstance::getInstance),
                                notPaused(),
                                ownedUnder(RecoverInstance::getInstance, RecoverInstance::getToken),
                                new Guard<>(
                                        "NotReleasing",
                                        RejectCode.ALREADY_RELEASING,
                                        (situation, recover) -> notReleasing(situation.state(), recover.getInstance())),
                                MigrationRules.notMigrating(RecoverInstance::getInstance),
                                CloneGuards.promotionEndsFirst(RecoverInstance::getInstance, true)),
                        OwnershipRules::recover),
                new Rule<>(
                        CommandKind.REPORT_INSTANCE,
                        Command::getReportInstance,
                        List.of(
                                instanceKnown(report -> report.getReport().getInstance()),
                                NodeGuards.known(ReportInstance::getNode),
                                NodeGuards.incarnation(ReportInstance::getNode, ReportInstance::getIncarnation),
                                NodeGuards.session(ReportInstance::getNode, ReportInstance::getSession),
                                NodeGuards.inContact(ReportInstance::getNode),
                                new Guard<>("OwnerIncarnation", RejectCode.NOT_OWNER, OwnershipRules::reporterOwns),
                                new Guard<>("MembersKnown", RejectCode.INVALID_ARGUMENT, OwnershipRules::membersKnown),
                                new Guard<>("StopEmpty", RejectCode.STOP_NOT_VERIFIED, OwnershipRules::stopEmpty)),
                        InstanceReports::report),
                new Rule<>(
                        CommandKind.EXPIRE_LEASE,
                        Command::getExpireLease,
                        List.of(
                                instanceKnown(ExpireLease::getInstance),
                                NodeGuards.measuredInTerm(),
                                ownedUnder(ExpireLease::getInstance, ExpireLease::getToken),
                                new Guard<>("LeaseWait", RejectCode.LEASE_NOT_OVER, OwnershipRules::leaseWait),
                                new Guard<>("Evidence", RejectCode.EVIDENCE_NEEDED, OwnershipRules::leaseIsEvidence)),
                        OwnershipRules::expire));
    }

    private static List<Guard<AssignOwner>> guardsOfGrant() {
        List<Guard<AssignOwner>> guards = new ArrayList<>();
        guards.add(instanceKnown(AssignOwner::getInstance));
        guards.add(NodeGuards.known(AssignOwner::getNode));
        guards.add(new Guard<>("SingleOwner", RejectCode.ALREADY_OWNED, OwnershipRules::isFree));
        guards.add(MigrationRules.twoHolders());
        guards.addAll(guardsOfTarget());
        guards.add(new Guard<>("PromotionIsOwned", RejectCode.COPY_NOT_RUNNING, CloneGuards::promotionIsOwned));
        guards.add(new Guard<>("CountedSlots", RejectCode.TOO_MANY_COPIES, CloneGuards::countedSlots));
        return guards;
    }

    /** What must hold of a node that is given something, and of what it is given, however it gets there. */
    static List<Guard<AssignOwner>> guardsOfTarget() {
        return List.of(
                new Guard<>("OwnerIncarnation", RejectCode.OLD_INCARNATION, OwnershipRules::livesNow),
                new Guard<>("OwnerUp", RejectCode.NODE_NOT_UP, OwnershipRules::ownerUp),
                new Guard<>("RestoreQuarantine", RejectCode.PAUSED, OwnershipRules::mayAssign),
                new Guard<>("Wanted", RejectCode.NOT_WANTED, OwnershipRules::isWanted),
                new Guard<>("ProbeFirst", RejectCode.PROBE_MISSING, Sightings::probeFirst),
                new Guard<>("MultipleActive", RejectCode.RUNS_ELSEWHERE, Sightings::runsElsewhere),
                new Guard<>("NoAutostart", RejectCode.STARTED_AT_BOOT, OwnershipRules::autostart),
                SiteTicketRules.held());
    }

    static <P> Guard<P> instanceKnown(Function<P, String> id) {
        return new Guard<>(
                "InstanceKnown",
                RejectCode.NOT_FOUND,
                (situation, payload) -> situation.state().instance(id.apply(payload)) != null
                        ? null
                        : Rejection.of(
                                RejectCode.NOT_FOUND,
                                Keys.instance(id.apply(payload)),
                                "there is no instance " + id.apply(payload)));
    }

    private static <P> Guard<P> notPaused() {
        return new Guard<>("RestoreQuarantine", RejectCode.PAUSED, (situation, payload) -> paused(situation.state()));
    }

    private static @Nullable Rejection paused(ClusterState state) {
        return state.isPaused()
                ? Rejection.of(
                                RejectCode.PAUSED,
                                "",
                                "the cluster is paused: "
                                        + state.meta().getPause().getReason())
                        .withNextStep("quorate resume")
                : null;
    }

    static <P> Guard<P> ownedUnder(Function<P, String> id, Function<P, FencingToken> token) {
        return new Guard<>("OwnedUnderToken", RejectCode.NOT_OWNER, (situation, payload) -> {
            InstanceRow instance = situation.state().instance(id.apply(payload));
            boolean owned = instance != null
                    && instance.hasOwnership()
                    && Tokens.same(instance.getOwnership().getToken(), token.apply(payload));
            return owned
                    ? null
                    : Rejection.of(
                            RejectCode.NOT_OWNER,
                            Keys.instance(id.apply(payload)),
                            id.apply(payload) + " is not owned under token " + Tokens.format(token.apply(payload)));
        });
    }

    private static @Nullable Rejection notReleasing(ClusterState state, String id) {
        InstanceRow instance = state.instance(id);
        return instance != null && instance.getOwnership().getReleasing()
                ? Rejection.of(RejectCode.ALREADY_RELEASING, Keys.instance(id), id + " is being stopped already")
                : null;
    }

    private static @Nullable Rejection livesNow(Situation situation, AssignOwner assign) {
        NodeRow node = situation.state().node(assign.getNode());
        return node != null && node.getIncarnation() == assign.getIncarnation()
                ? null
                : Rejection.of(
                        RejectCode.OLD_INCARNATION,
                        Keys.node(assign.getNode()),
                        assign.getNode() + " does not live in incarnation " + assign.getIncarnation());
    }

    private static @Nullable Rejection ownerUp(Situation situation, AssignOwner assign) {
        NodeRow node = situation.state().node(assign.getNode());
        boolean maintained = node != null && node.hasMaintenance();
        return node != null && node.getPhase() == NodePhase.NODE_PHASE_UP && !maintained
                ? null
                : Rejection.of(
                        RejectCode.NODE_NOT_UP,
                        Keys.node(assign.getNode()),
                        assign.getNode() + (maintained ? " is in maintenance" : " is not up"));
    }

    /** A paused cluster grants nothing; a restored one only takes over what was found running. */
    private static @Nullable Rejection mayAssign(Situation situation, AssignOwner assign) {
        ClusterState state = situation.state();
        InstanceRow instance = state.instance(assign.getInstance());
        boolean adopts = instance != null
                && state.meta().getPause().getQuarantine()
                && Sightings.isFoundOn(state, assign.getNode(), instance);
        return adopts ? null : paused(state);
    }

    /** Of StopAck this is the half that waits: what was not released under StopEmpty, or freed by other evidence, is owned. */
    private static @Nullable Rejection isFree(Situation situation, AssignOwner assign) {
        InstanceRow instance = situation.state().instance(assign.getInstance());
        return instance == null || !instance.hasOwnership()
                ? null
                : Rejection.of(
                        RejectCode.ALREADY_OWNED,
                        Keys.instance(assign.getInstance()),
                        assign.getInstance() + " is owned by "
                                + instance.getOwnership().getNode() + " under token "
                                + Tokens.format(instance.getOwnership().getToken()));
    }

    private static @Nullable Rejection isWanted(Situation situation, AssignOwner assign) {
        InstanceRow instance = situation.state().instance(assign.getInstance());
        ObjectRow unit = instance == null ? null : Units.of(situation.state(), instance);
        return unit != null && Units.isWanted(unit) && !Units.isInMaintenance(unit)
                ? null
                : Rejection.of(
                        RejectCode.NOT_WANTED,
                        Keys.instance(assign.getInstance()),
                        assign.getInstance() + " shall not run: it is stopped, disabled, in maintenance or deleted");
    }

    private static @Nullable Rejection autostart(Situation situation, AssignOwner assign) {
        ClusterState state = situation.state();
        NodeRow node = state.node(assign.getNode());
        InstanceRow instance = state.instance(assign.getInstance());
        ObjectRow unit = instance == null ? null : Units.of(state, instance);
        if (node == null || unit == null || !Units.isExclusive(unit)) {
            return null;
        }
        for (ObjectRow member : Units.members(state, unit)) {
            String systemd = member.getResource().getSystemd().getUnit();
            if (!systemd.isEmpty() && node.getAutostartUnitsList().contains(systemd)) {
                return Rejection.of(
                                RejectCode.STARTED_AT_BOOT,
                                Keys.node(node.getName()),
                                systemd + " is enabled at boot on " + node.getName()
                                        + ": Quorate must be the only one to start it")
                        .withNextStep("systemctl disable --now " + systemd);
            }
        }
        return null;
    }

    private static void assign(Draft draft, AssignOwner assign, CommandResult.Builder result) {
        ClusterState state = draft.state();
        InstanceRow instance = Objects.requireNonNull(state.instance(assign.getInstance()));
        ObjectRow unit = Objects.requireNonNull(Units.of(state, instance));
        boolean adopt = Sightings.isFoundOn(state, assign.getNode(), instance);
        FencingToken token = Tokens.of(state.generation(), draft.revision());
        InstanceRow.Builder row = instance.toBuilder()
                .setHighestToken(token)
                .clearRecover()
                .clearRestart()
                .clearMembers()
                .setOwnership(ownership(draft, assign.getNode(), assign.getIncarnation(), assign.getReasonsList())
                        .setTakenBy(instance.hasFreedAt() ? instance.getFreedBy() : Evidence.EVIDENCE_FIRST)
                        .setAdopt(adopt));
        if (!Clones.isAnonymousCopy(state, instance)) {
            // it ran nowhere: from now on evidence tells where it may run; of an anonymous copy only its node was asked
            row.setProbeSince(0).clearProbes();
        }
        InstanceRow copy = state.instance(assign.getCopy());
        if (copy != null) {
            row.getOwnershipBuilder()
                    .setCopy(copy.getId())
                    .setCopyToken(copy.getOwnership().getToken());
        }
        for (ObjectRow member : Units.members(state, unit)) {
            row.addMembers(MemberRowStatus.newBuilder()
                    .setResource(member.getMeta().getName())
                    .setState(RunState.RUN_STATE_STARTING)
                    .setSince(draft.now()));
        }
        if (!row.hasDownSince()) {
            row.setDownSince(draft.now()).setDetectedAt(draft.now()).setDownReason("first start");
        }
        draft.put(row);
        if (adopt) {
            Sightings.takeOver(draft, assign.getNode(), instance);
        }
        draft.event(Events.of("RESOURCE_ASSIGNED", Keys.instance(instance.getId()))
                .setFromNode(instance.getLastNode())
                .setToNode(assign.getNode())
                .setToken(token)
                .setReason(firstReason(assign.getReasonsList()))
                .setText(instance.getId() + (adopt ? " adopted on " : " starting on ") + assign.getNode() + " (token "
                        + Tokens.format(token) + ")"
                        + (copy == null ? "" : ": " + copy.getId() + " is promoted")));
        result.setNumber(token.getNumber());
    }

    /** A new ownership, under the token of the command at hand. */
    static OwnershipRow.Builder ownership(Draft draft, String node, long incarnation, List<Reason> reasons) {
        return OwnershipRow.newBuilder()
                .setNode(node)
                .setIncarnation(incarnation)
                .setToken(Tokens.of(draft.state().generation(), draft.revision()))
                .setGranted(draft.now())
                .setLookedAtRevision(draft.command().getKnownPosition().getRevision())
                .setLeaseMillis(draft.state().settings().leaseMillis())
                .setLongerLeasesEndLogMillis(LongerLeases.endOfRecord(draft))
                .addAllReasons(reasons);
    }

    static Reason firstReason(List<Reason> reasons) {
        return reasons.isEmpty() ? Reason.getDefaultInstance() : reasons.get(0);
    }

    private static void release(Draft draft, ReleaseOwner release, CommandResult.Builder result) {
        InstanceRow instance = Objects.requireNonNull(draft.state().instance(release.getInstance()));
        InstanceRow.Builder row = instance.toBuilder();
        row.getOwnershipBuilder().setReleasing(true).addAllReasons(release.getReasonsList());
        for (int i = 0; i < row.getMembersCount(); i++) {
            row.getMembersBuilder(i).setState(RunState.RUN_STATE_STOPPING).setSince(draft.now());
        }
        boolean runsOn = MigrationRules.hasArrived(instance, Migrations.arrivalOf(draft.state(), instance));
        if (!row.hasDownSince() && !runsOn) {
            row.setDownSince(draft.now())
                    .setDetectedAt(draft.now())
                    .setDownReason(firstReason(release.getReasonsList()).getCode());
        }
        draft.put(row);
        draft.event(Events.of("RESOURCE_STOPPING", Keys.instance(instance.getId()))
                .setFromNode(instance.getOwnership().getNode())
                .setToken(instance.getOwnership().getToken())
                .setReason(firstReason(release.getReasonsList()))
                .setText(instance.getId() + " stopping on "
                        + instance.getOwnership().getNode()));
    }

    private static void recover(Draft draft, RecoverInstance recover, CommandResult.Builder result) {
        InstanceRow instance = Objects.requireNonNull(draft.state().instance(recover.getInstance()));
        // One that is to be restarted anyway is so as a whole.
        String from = instance.hasRestart() ? "" : recover.getFromMember();
        restart(draft, instance, from, firstReason(recover.getReasonsList()));
    }

    /** From this member on (empty: all), stop in reverse and start again in place. */
    static void restart(Draft draft, InstanceRow instance, String fromMember, Reason reason) {
        InstanceRow.Builder row = instance.toBuilder()
                .clearRestart()
                .setRecover(RecoverRow.newBuilder()
                        .setRevision(draft.revision())
                        .setFromMember(fromMember)
                        .setReason(reason.getCode()));
        boolean reached = fromMember.isEmpty();
        for (int i = 0; i < row.getMembersCount(); i++) {
            reached |= row.getMembers(i).getResource().equals(fromMember);
            if (reached) {
                row.getMembersBuilder(i).setState(RunState.RUN_STATE_STARTING).setSince(draft.now());
            }
        }
        if (!row.hasDownSince()) {
            row.setDownSince(draft.now()).setDetectedAt(draft.now()).setDownReason(reason.getCode());
        }
        row.setFreedAt(draft.now());
        draft.put(row);
        draft.event(Events.of("RESOURCE_RESTARTING", Keys.instance(instance.getId()))
                .setFromNode(instance.getOwnership().getNode())
                .setToNode(instance.getOwnership().getNode())
                .setToken(instance.getOwnership().getToken())
                .setReason(reason)
                .setText(instance.getId() + " restarting on "
                        + instance.getOwnership().getNode()));
    }

    /** What a report is about: of what migrates, each of its two holders speaks of its own part, under its own token. */
    static @Nullable InstanceRow reported(ClusterState state, ReportInstance report) {
        InstanceRow instance = state.instance(report.getReport().getInstance());
        InstanceRow arrival = instance == null ? null : Migrations.arrivalOf(state, instance);
        boolean ofArrival = arrival != null
                && Tokens.same(
                        arrival.getOwnership().getToken(), report.getReport().getToken());
        return ofArrival ? arrival : instance;
    }

    private static @Nullable Rejection reporterOwns(Situation situation, ReportInstance report) {
        InstanceRow instance = reported(situation.state(), report);
        boolean owns = instance != null
                && Lives.owns(instance, report.getNode(), report.getIncarnation())
                && Tokens.same(
                        instance.getOwnership().getToken(), report.getReport().getToken());
        return owns
                ? null
                : Rejection.of(
                        RejectCode.NOT_OWNER,
                        Keys.instance(report.getReport().getInstance()),
                        report.getNode() + " does not own " + report.getReport().getInstance() + " under token "
                                + Tokens.format(report.getReport().getToken()));
    }

    /**
     * A report is about members that the instance has. An agent may still name one that has left the group and that it
     * stopped: that says nothing any more.
     */
    private static @Nullable Rejection membersKnown(Situation situation, ReportInstance report) {
        ClusterState state = situation.state();
        String id = report.getReport().getInstance();
        InstanceRow instance = reported(state, report);
        if (instance == null) {
            return null;
        }
        NavigableSet<String> members = memberNames(state, instance);
        NavigableSet<String> named = new TreeSet<>();
        for (MemberReport member : report.getReport().getMembersList()) {
            String name = member.getResource();
            if (!named.add(name)) {
                return badMembers(id, "it names " + name + " twice");
            }
            if (!members.contains(name) && member.getState() != RunState.RUN_STATE_STOPPED) {
                return badMembers(id, name + " is not a member of it");
            }
        }
        return named.isEmpty() ? badMembers(id, "it names no member") : null;
    }

    private static Rejection badMembers(String id, String why) {
        return Rejection.of(RejectCode.INVALID_ARGUMENT, Keys.instance(id), "the report on " + id + ": " + why);
    }

    /** What may run under the instance's ownership: its present members, and former ones that were not seen stopped yet. */
    static NavigableSet<String> memberNames(ClusterState state, InstanceRow instance) {
        NavigableSet<String> names = new TreeSet<>();
        instance.getMembersList().forEach(member -> names.add(member.getResource()));
        ObjectRow unit = Units.of(state, instance);
        if (unit != null) {
            Units.members(state, unit)
                    .forEach(member -> names.add(member.getMeta().getName()));
        }
        return names;
    }

    /** StopAck: every member that the instance has must be reported as stopped; one that is not named may run. */
    private static @Nullable Rejection stopEmpty(Situation situation, ReportInstance report) {
        InstanceRow instance = reported(situation.state(), report);
        if (instance == null || !report.getReport().getReleased()) {
            return null;
        }
        NavigableSet<String> stopped = new TreeSet<>();
        boolean empty = !report.getReport().getStopFailed();
        for (MemberReport member : report.getReport().getMembersList()) {
            empty &= member.getState() == RunState.RUN_STATE_STOPPED;
            stopped.add(member.getResource());
        }
        NavigableSet<String> members = memberNames(situation.state(), instance);
        return empty && !members.isEmpty() && stopped.containsAll(members)
                ? null
                : Rejection.of(
                        RejectCode.STOP_NOT_VERIFIED,
                        Keys.instance(report.getReport().getInstance()),
                        "a release needs every member of " + report.getReport().getInstance()
                                + " stopped and verified");
    }

    private static @Nullable Rejection leaseWait(Situation situation, ExpireLease expire) {
        InstanceRow instance = Objects.requireNonNull(situation.state().instance(expire.getInstance()));
        Settings settings = situation.state().settings();
        long now = situation.now().getLogMillis();
        long needed = settings.leaseWaitMillis(instance.getOwnership());
        long left = settings.longerLeasesLeftMillis(instance.getOwnership(), now);
        InstanceRow promotion = Clones.promotionOf(situation.state(), instance);
        if (promotion != null) { // it is freed with its copy, and may have been granted with a longer lease
            needed = Math.max(needed, settings.leaseWaitMillis(promotion.getOwnership()));
            left = Math.max(left, settings.longerLeasesLeftMillis(promotion.getOwnership(), now));
        }
        String why = expire.getWaitedMillis() < needed
                ? "waited " + expire.getWaitedMillis() + " ms of " + needed + " ms"
                : "a longer lease that its owner was told before is not over for " + left + " ms";
        return expire.getWaitedMillis() >= needed && left == 0
                ? null
                : Rejection.of(RejectCode.LEASE_NOT_OVER, Keys.instance(expire.getInstance()), why);
    }

    private static void expire(Draft draft, ExpireLease expire, CommandResult.Builder result) {
        InstanceRow instance = Objects.requireNonNull(draft.state().instance(expire.getInstance()));
        Lives.free(draft, instance, Evidence.EVIDENCE_LEASE_EXPIRED);
        Lives.dropEmptyLives(draft, instance.getOwnership().getNode());
        UnitRules.removeAllDeleted(draft);
    }

    /** Time alone frees only bestEffort units, and only of a node that is lost. */
    private static @Nullable Rejection leaseIsEvidence(Situation situation, ExpireLease expire) {
        ClusterState state = situation.state();
        InstanceRow instance = state.instance(expire.getInstance());
        ObjectRow unit = instance == null ? null : Units.of(state, instance);
        NodeRow node =
                instance == null ? null : state.node(instance.getOwnership().getNode());
        boolean current = node != null
                && instance != null
                && node.getIncarnation() == instance.getOwnership().getIncarnation();
        boolean contact = current
                && node != null
                && (node.getPhase() == NodePhase.NODE_PHASE_UP || node.getPhase() == NodePhase.NODE_PHASE_JOINING);
        return unit != null && !Units.isExclusive(unit) && !contact
                ? null
                : Rejection.of(
                        RejectCode.EVIDENCE_NEEDED,
                        Keys.instance(expire.getInstance()),
                        "time alone does not free " + expire.getInstance()
                                + ": it is exclusive, or its owner is in contact");
    }
}
