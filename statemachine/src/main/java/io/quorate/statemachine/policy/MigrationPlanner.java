package io.quorate.statemachine.policy;

import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Live migration: when a unit leaves its node without being stopped, and what follows when both nodes hold it. */
final class MigrationPlanner {
    private final Survey survey;

    MigrationPlanner(Survey survey) {
        this.survey = survey;
    }

    /**
     * The way to have a unit on another node: without a stop where its file says so and it is possible now; else by the
     * release, which then says what was in the way.
     */
    Outcome insteadOf(Outcome release, UnitView unit, NodeRow target) {
        if (!(release.decision() instanceof Decision.Release plain) || !Migrations.mayMigrate(unit.row())) {
            return release;
        }
        Optional<String> obstacle = obstacle(unit, target);
        String source = unit.instance().getOwnership().getNode();
        return Outcome.decided(
                obstacle.isPresent()
                        ? stopped(plain, UnitReasons.stoppedToMove(unit, obstacle.get()))
                        : new Decision.Migrate(
                                plain.instance(),
                                plain.token(),
                                target.getName(),
                                target.getIncarnation(),
                                second(plain.reasons(), UnitReasons.migrating(unit, source, target.getName())),
                                survey.readSet(UnitPlanner.reliedOn(survey, unit, source, target.getName()))));
    }

    private Optional<String> obstacle(UnitView unit, NodeRow target) {
        OwnershipRow ownership = unit.instance().getOwnership();
        String name = target.getName();
        if (unit.instance().getMembersCount() != 1 || !RunStates.isUp(unit.instance())) {
            return Optional.of("it does not run as it should");
        }
        if (Units.isHeldForProbes(survey.state(), unit.instance())) {
            return Optional.of("not all nodes have said that it does not run there");
        }
        if (!survey.foundOn(unit).isEmpty()) {
            return Optional.of("it was also found on " + String.join(", ", survey.foundOn(unit)));
        }
        UnitView former = survey.arrivalOf(unit);
        if (former != null) {
            return Optional.of(former.instance().getOwnership().getNode() + " still holds it from a move before");
        }
        if (survey.openTicket(ownership.getNode(), ownership.getIncarnation()) != null) {
            return Optional.of(ownership.getNode() + " is being fenced");
        }
        return !Obstacles.isOpen(target) || survey.openTicket(name, target.getIncarnation()) != null
                ? Optional.of(name + " takes nothing new now")
                : Optional.empty();
    }

    /** The plain release in the place of a migration that others are in the way of. */
    static Outcome stopped(Decision.Migrate migrate, Reason why) {
        List<Reason> reasons = migrate.reasons().stream()
                .filter(reason -> !reason.getCode().equals(ReasonCode.MIGRATING.name()))
                .toList();
        return Outcome.decided(
                stopped(new Decision.Release(migrate.instance(), migrate.token(), reasons, migrate.readSet()), why));
    }

    private static Decision.Release stopped(Decision.Release release, Reason why) {
        return new Decision.Release(
                release.instance(), release.token(), second(release.reasons(), why), release.readSet());
    }

    /** The first reason says why it goes; how it goes comes before where it may go. */
    private static List<Reason> second(List<Reason> reasons, Reason added) {
        List<Reason> more = new ArrayList<>(reasons);
        more.add(Math.min(1, more.size()), added);
        return Reasons.limited(more);
    }

    /** What becomes of the half that a source in contact holds, which is not being stopped. */
    Outcome departing(UnitView unit) {
        OwnershipRow ownership = unit.instance().getOwnership();
        String target = ownership.getDeparture().getNode();
        MigrationView migration = survey.migration(unit);
        if (migration.hasArrived()) {
            return release(unit, UnitReasons.hasArrived(unit, ownership.getNode(), target));
        }
        if (migration.isBroken()) {
            return release(unit, UnitReasons.migrationFailed(unit, ownership.getNode(), target, migration.why()));
        }
        return Outcome.because(
                migration.isHeld()
                        ? UnitReasons.migrationHeld(unit, ownership.getNode(), target)
                        : UnitReasons.migrating(unit, ownership.getNode(), target));
    }

    /** What becomes of the half that a target in contact holds, which is not being stopped. */
    Outcome arriving(UnitView arrival) {
        UnitView source = survey.sourceOf(arrival);
        if (source != null && survey.migration(source).isAlive()) {
            MemberRowStatus failed = Standing.firstFailed(arrival);
            String from = source.instance().getOwnership().getNode();
            return failed == null
                    ? Outcome.settled()
                    : Outcome.because(UnitReasons.failedOnArrival(arrival, from, failed));
        }
        if (!Standing.isWanted(arrival)) {
            return release(arrival, UnitReasons.notWanted(arrival));
        }
        MigrationView migration = source == null ? null : survey.migration(source);
        String why =
                migration == null || migration.why().isEmpty() ? "its former node no longer holds it" : migration.why();
        String from = source == null ? "" : source.instance().getOwnership().getNode();
        return release(
                arrival,
                UnitReasons.migrationFailed(
                        arrival, from, arrival.instance().getOwnership().getNode(), why));
    }

    /** Each half relies on the other as it was found. */
    private Outcome release(UnitView half, Reason why) {
        OwnershipRow ownership = half.instance().getOwnership();
        SortedSet<String> keys = UnitPlanner.reliedOn(survey, half, ownership.getNode());
        @Nullable UnitView other = half.isArrival() ? survey.sourceOf(half) : survey.arrivalOf(half);
        if (other != null) {
            keys.add(Keys.instance(other.name()));
        }
        return Outcome.decided(new Decision.Release(
                half.name(), ownership.getToken(), Reasons.limited(List.of(why)), survey.readSet(keys)));
    }
}
