package io.quorate.statemachine.apply;

import io.quorate.log.v1.AssignOwner;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.Departure;
import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.MigrateInstance;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.Tokens;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Evidence;
import io.quorate.v1.FencingToken;
import io.quorate.v1.NodePhase;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Live migration: from its beginning until the source has stopped, two nodes hold the instance, each by an ownership of its
 * own (TwoHolders). Each ends on the evidence that ends any; the one that is left when it has arrived is the owner's.
 */
final class MigrationRules {
    private MigrationRules() {}

    static List<Rule<?>> all() {
        List<Guard<MigrateInstance>> guards = new ArrayList<>();
        guards.add(OwnershipRules.instanceKnown(MigrateInstance::getInstance));
        guards.add(NodeGuards.known(MigrateInstance::getToNode));
        guards.add(OwnershipRules.ownedUnder(MigrateInstance::getInstance, MigrateInstance::getToken));
        OwnershipRules.guardsOfTarget().forEach(guard -> guards.add(ofTarget(guard)));
        guards.add(
                new Guard<>("MigrationPossible", RejectCode.MIGRATION_NOT_POSSIBLE, MigrationRules::migrationPossible));
        return List.of(
                new Rule<>(CommandKind.MIGRATE_INSTANCE, Command::getMigrateInstance, guards, MigrationRules::begin));
    }

    /** What a node must be that is to get something, it must be as well that is to get it alive. */
    private static Guard<MigrateInstance> ofTarget(Guard<AssignOwner> guard) {
        return new Guard<>(
                guard.name(),
                guard.code(),
                (situation, migrate) -> guard.check()
                        .check(
                                situation,
                                AssignOwner.newBuilder()
                                        .setInstance(migrate.getInstance())
                                        .setNode(migrate.getToNode())
                                        .setIncarnation(migrate.getToIncarnation())
                                        .build()));
    }

    /** A new grant needs evidence from both: what was to arrive may run though its source does not. */
    static Guard<AssignOwner> twoHolders() {
        return new Guard<>("TwoHolders", RejectCode.MIGRATING, (situation, assign) -> {
            InstanceRow instance = situation.state().instance(assign.getInstance());
            InstanceRow arrival = instance == null ? null : Migrations.arrivalOf(situation.state(), instance);
            return arrival == null
                    ? null
                    : Rejection.of(
                            RejectCode.MIGRATING,
                            Keys.instance(assign.getInstance()),
                            assign.getInstance() + " is still held by "
                                    + arrival.getOwnership().getNode() + ", where it was to move to, under token "
                                    + Tokens.format(arrival.getOwnership().getToken()));
        });
    }

    /** What two nodes hold is not restarted in place. */
    static <P> Guard<P> notMigrating(Function<P, String> id) {
        return new Guard<>("NotMigrating", RejectCode.MIGRATING, (situation, payload) -> {
            InstanceRow instance = situation.state().instance(id.apply(payload));
            return instance == null ? null : migrating(instance);
        });
    }

    static @Nullable Rejection migrating(InstanceRow instance) {
        boolean moves =
                Migrations.isArrival(instance) || instance.getOwnership().hasDeparture();
        return moves
                ? Rejection.of(
                                RejectCode.MIGRATING,
                                Keys.instance(instance.getId()),
                                Migrations.serviceId(instance)
                                        + " is moving from one node to another: wait until it has")
                        .withNextStep("quorate status")
                : null;
    }

    private static @Nullable Rejection migrationPossible(Situation situation, MigrateInstance migrate) {
        InstanceRow instance = Objects.requireNonNull(situation.state().instance(migrate.getInstance()));
        String why = whyNot(situation.state(), instance, migrate.getToNode());
        return why == null
                ? null
                : Rejection.of(
                        RejectCode.MIGRATION_NOT_POSSIBLE,
                        Keys.instance(migrate.getInstance()),
                        migrate.getInstance() + " cannot move to " + migrate.getToNode() + " without being stopped: "
                                + why);
    }

    private static @Nullable String whyNot(ClusterState state, InstanceRow instance, String target) {
        OwnershipRow ownership = instance.getOwnership();
        ObjectRow unit = Units.of(state, instance);
        NodeRow owner = state.node(ownership.getNode());
        if (unit == null || !Migrations.mayMigrate(unit) || Migrations.isArrival(instance)) {
            return "it is not a resource with liveMigration";
        }
        if (ownership.hasDeparture()) {
            return "it is moving already";
        }
        if (ownership.getReleasing() || ownership.getStopFailed()) {
            return "it is being stopped";
        }
        if (ownership.getNode().equals(target)) {
            return "it is there";
        }
        boolean inContact = owner != null
                && owner.getIncarnation() == ownership.getIncarnation()
                && owner.getPhase() == NodePhase.NODE_PHASE_UP
                && !owner.hasMaintenance();
        if (!inContact) {
            return ownership.getNode() + ", its owner, is not up";
        }
        return RunStates.isUp(instance) ? null : "it does not run";
    }

    private static void begin(Draft draft, MigrateInstance migrate, CommandResult.Builder result) {
        ClusterState state = draft.state();
        InstanceRow source = Objects.requireNonNull(state.instance(migrate.getInstance()));
        ObjectRow unit = Objects.requireNonNull(Units.of(state, source));
        FencingToken token = Tokens.of(state.generation(), draft.revision());
        InstanceRow.Builder leaving = source.toBuilder();
        leaving.getOwnershipBuilder()
                .setDeparture(
                        Departure.newBuilder().setNode(migrate.getToNode()).setToken(token));
        draft.put(leaving);
        InstanceRow.Builder arrival = InstanceRow.newBuilder()
                .setId(Migrations.arrivalId(source.getId()))
                .setArrivalOf(source.getId())
                .setUnit(source.getUnit())
                .setCreatedRevision(draft.revision())
                .setHighestToken(token)
                .setLastNode(source.getOwnership().getNode())
                .setOwnership(OwnershipRules.ownership(
                                draft, migrate.getToNode(), migrate.getToIncarnation(), migrate.getReasonsList())
                        .setTakenBy(Evidence.EVIDENCE_RELEASED));
        failuresOn(source, migrate.getToNode(), true).forEach(arrival::addFailures);
        for (ObjectRow member : Units.members(state, unit)) {
            arrival.addMembers(MemberRowStatus.newBuilder()
                    .setResource(member.getMeta().getName())
                    .setState(RunState.RUN_STATE_STARTING)
                    .setSince(draft.now()));
        }
        draft.put(arrival);
        draft.event(Events.of("RESOURCE_MIGRATING", Keys.instance(source.getId()))
                .setFromNode(source.getOwnership().getNode())
                .setToNode(migrate.getToNode())
                .setToken(token)
                .setReason(OwnershipRules.firstReason(migrate.getReasonsList()))
                .setText(source.getId() + " moving from "
                        + source.getOwnership().getNode() + " to " + migrate.getToNode()
                        + " without being stopped (token " + Tokens.format(token) + ")"));
        result.setNumber(token.getNumber());
    }

    private static List<FailureRow> failuresOn(InstanceRow instance, String node, boolean there) {
        return instance.getFailuresList().stream()
                .filter(failure -> failure.getNode().equals(node) == there)
                .toList();
    }

    /** The source's ownership ended: what has arrived is its successor's. */
    static boolean hasArrived(InstanceRow source, @Nullable InstanceRow arrival) {
        return arrival != null
                && Migrations.isBound(source, arrival)
                && arrival.getOwnership().getArrived()
                && !arrival.getOwnership().getReleasing();
    }

    /**
     * The second half of TwoHolders' commit: the one holder that is left becomes the owner, under the token that it has had
     * all along.
     *
     * @param source as it was while it was owned
     * @param evidence on which it ended
     */
    static void takeOver(Draft draft, InstanceRow source, InstanceRow arrival, Evidence evidence) {
        String from = source.getOwnership().getNode();
        InstanceRow.Builder row = source.toBuilder()
                .setStoppedToken(source.getOwnership().getToken())
                .setHighestToken(arrival.getHighestToken())
                .setOwnership(arrival.getOwnership().toBuilder().clearArrived().setTakenBy(evidence))
                .clearRecover()
                .clearMembers()
                .addAllMembers(arrival.getMembersList())
                .clearFreedAt()
                .clearDownSince()
                .clearDetectedAt()
                .clearDownReason()
                .setLastNode(from);
        if (arrival.hasDownSince()) { // it has run there, and does not now
            row.setDownSince(arrival.getDownSince())
                    .setDetectedAt(arrival.getDetectedAt())
                    .setDownReason(arrival.getDownReason());
        }
        setFailures(row, source, arrival);
        draft.put(row);
        remove(draft, arrival);
        draft.event(Events.of("RESOURCE_MIGRATED", Keys.instance(source.getId()))
                .setFromNode(from)
                .setToNode(arrival.getOwnership().getNode())
                .setToken(arrival.getOwnership().getToken())
                .setReason(OwnershipRules.firstReason(arrival.getOwnership().getReasonsList()))
                .setText(source.getId() + " moved from " + from + " to "
                        + arrival.getOwnership().getNode() + " (token "
                        + Tokens.format(arrival.getOwnership().getToken()) + "): " + Events.words(evidence) + " on "
                        + from));
    }

    /**
     * The source's ownership ended, and what it sent did not take over. Unless the other holder is there, and is told to stop it
     * only from now on, what ends that holder's part may have been found out before it was sent: the next grant asks every node
     * (ProbeFirst).
     */
    static void abandon(Draft draft, InstanceRow.Builder source, Departure departure, @Nullable InstanceRow arrival) {
        if (Tokens.ORDER.compare(departure.getToken(), source.getHighestToken()) > 0) {
            source.setHighestToken(departure.getToken());
        }
        NodeRow target = draft.state().node(departure.getNode());
        boolean held = arrival != null
                && target != null
                && Tokens.same(arrival.getOwnership().getToken(), departure.getToken())
                && target.getIncarnation() == arrival.getOwnership().getIncarnation()
                && target.getPhase() == NodePhase.NODE_PHASE_UP
                && !arrival.getOwnership().getReleasing();
        if (!held) {
            source.setProbeSince(draft.revision()).clearProbes();
        }
    }

    /** An arrival that is free is over; what failed there remains known. */
    static void end(Draft draft, InstanceRow arrival) {
        InstanceRow source = draft.state().instance(arrival.getArrivalOf());
        if (source != null) {
            InstanceRow.Builder row = source.toBuilder();
            setFailures(row, source, arrival);
            if (!row.getFailuresList().equals(source.getFailuresList())) {
                draft.put(row);
            }
        }
        remove(draft, arrival);
    }

    private static void setFailures(InstanceRow.Builder row, InstanceRow source, InstanceRow arrival) {
        String node = arrival.getOwnership().getNode();
        List<FailureRow> failures = new ArrayList<>(failuresOn(source, node, false));
        failures.addAll(failuresOn(arrival, node, true));
        row.clearFailures().addAllFailures(InstanceReports.bounded(failures));
    }

    private static void remove(Draft draft, InstanceRow arrival) {
        draft.put(arrival.toBuilder()
                .clearOwnership()
                .setStoppedToken(arrival.getOwnership().getToken()));
        draft.deleteInstance(arrival.getId());
    }
}
