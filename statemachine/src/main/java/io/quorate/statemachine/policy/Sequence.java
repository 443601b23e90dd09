package io.quorate.statemachine.policy;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.placement.Options;
import io.quorate.statemachine.placement.Problem.Kind;
import io.quorate.statemachine.placement.Problem.Step;
import io.quorate.statemachine.policy.Relations.Near;
import io.quorate.statemachine.policy.Relations.Ordered;
import io.quorate.v1.Reason;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Puts the steps of units, and of slots of clones, that are bound to each other in order. What one unit would do if it were alone is its wish; an
 * order or a colocation may make it step aside first, or wait. Of units that have to agree, one step is taken at a time, so
 * that each decision can name the others as it found them.
 */
final class Sequence {
    private final Survey survey;
    private final Scoring scoring;
    private final Needs needs;
    private final Places places;
    private final MigrationLimit limit;
    private final Function<UnitView, Outcome> alone;
    private final SortedMap<String, Outcome> wishes = new TreeMap<>();
    private final SortedMap<String, Outcome> steps = new TreeMap<>();
    /** Guards against going round in circles: what is being asked about says nothing of itself. */
    private final SortedSet<String> asking = new TreeSet<>();

    Sequence(Survey survey, Scoring scoring, Function<UnitView, Outcome> alone) {
        this.survey = survey;
        this.scoring = scoring;
        this.needs = new Needs(survey, scoring);
        this.places = new Places(survey, scoring, this::words);
        this.limit = new MigrationLimit(survey, this::wish);
        this.alone = alone;
    }

    /** The next step of a unit, or what it waits for. */
    Outcome next(UnitView unit) {
        Outcome wish = wish(unit);
        // What is left behind of something that has arrived elsewhere is nobody else's affair.
        if (!isStep(wish) || survey.migration(unit).hasArrived()) {
            return wish;
        }
        Outcome step = relyingOnPartners(unit, wish);
        Optional<Reason> waits =
                waitsFor(unit, wish).or(() -> takesTurns(unit, step)).or(() -> limit.reached(unit, wish));
        if (waits.isEmpty()) {
            return step;
        }
        boolean moves = wish.decision() instanceof Decision.Migrate;
        Outcome outcome = Outcome.because(moves ? SequenceReasons.movesLater(unit, waits.get()) : waits.get());
        boolean leaves = moves || wish.decision() instanceof Decision.Release;
        return leaves && !wish.reasons().isEmpty()
                ? outcome.andAlso(wish.reasons().get(0))
                : outcome;
    }

    /** What the unit would do if nobody had to wait; a unit that has to step aside for others does that. */
    private Outcome wish(UnitView unit) {
        String id = unit.instance().getId();
        Outcome known = wishes.get(id);
        if (known != null) {
            return known;
        }
        Outcome own = alone.apply(unit);
        if (!asking.add(id)) {
            return own;
        }
        try {
            Outcome wish = stepsAside(unit, own).orElseGet(() -> unlessStopped(unit, own));
            wishes.put(id, wish);
            return wish;
        } finally {
            asking.remove(id);
        }
    }

    /** Starting, stopping, moving or restarting something. */
    private static boolean isStep(Outcome outcome) {
        Decision decision = outcome.decision();
        return decision instanceof Decision.Assign
                || decision instanceof Decision.Release
                || decision instanceof Decision.Migrate
                || decision instanceof Decision.Recover;
    }

    // ---- stepping aside

    private Optional<Outcome> stepsAside(UnitView unit, Outcome own) {
        boolean obeys = ownedInContact(unit)
                && !unit.instance().getOwnership().getReleasing()
                && !unit.instance().getOwnership().getStopFailed()
                && !unit.instance().getOwnership().hasDeparture()
                && !survey.isInMaintenance(unit)
                && survey.frozenBy(unit) == null
                && !survey.state().isPaused()
                && !(own.decision() instanceof Decision.Release)
                && !(own.decision() instanceof Decision.Fence)
                && !says(own, ReasonCode.ON_FAIL_BLOCK);
        if (!obeys) {
            return Optional.empty();
        }
        if (unit.isPromotion()) {
            UnitView copy = survey.unit(unit.instance().getOwnership().getCopy());
            if (copy != null && isDisturbed(copy)) {
                return Optional.of(release(unit, SequenceReasons.demotedFirst(unit, copy, words(copy))));
            }
        }
        String id = unit.party();
        for (Ordered order : survey.relations().ordersOf(id)) {
            if (order.then().equals(id) && order.binds() && order.symmetrical()) {
                List<UnitView> gone = disturbed(unit, order);
                if (!gone.isEmpty()) {
                    return Optional.of(release(unit, SequenceReasons.orderStop(unit, gone, this::words)));
                }
            }
        }
        for (Near near : survey.relations().nearsOf(id)) {
            List<UnitView> primary = survey.party(near.primary());
            if (!primary.isEmpty()
                    && near.dependent().equals(id)
                    && near.isMust()
                    && primary.stream().allMatch(each -> scoring.target(each).isEmpty() && !goesOn(each))) {
                return Optional.of(release(unit, SequenceReasons.nearNowhere(unit, primary.get(0))));
            }
        }
        return Optional.empty();
    }

    private Outcome release(UnitView unit, Reason why) {
        OwnershipRow ownership = unit.instance().getOwnership();
        return Outcome.decided(new Decision.Release(
                unit.instance().getId(),
                ownership.getToken(),
                Reasons.limited(List.of(why)),
                survey.readSet(UnitPlanner.reliedOn(survey, unit, ownership.getNode()))));
    }

    /** It is where it is for as long as nobody tells it to stop, even where it would not be started now. */
    private boolean goesOn(UnitView primary) {
        return primary.instance().hasOwnership()
                && !primary.instance().getOwnership().getReleasing()
                && !(wish(primary).decision() instanceof Decision.Release);
    }

    /** What comes first in an order and is not there, or is about to stop; empty when the order is content. */
    private List<UnitView> disturbed(UnitView then, Ordered order) {
        String node = then.instance().getOwnership().getNode();
        return missing(order, first -> needs.lacking(then, first, node, false, each -> !isDisturbed(each)));
    }

    /** The first that is missing or, where one is enough, all when all are. */
    private static List<UnitView> missing(Ordered order, Function<String, Optional<UnitView>> lacking) {
        List<UnitView> missing = new ArrayList<>();
        for (String first : order.firsts()) {
            Optional<UnitView> lacks = lacking.apply(first);
            lacks.ifPresent(missing::add);
            if (lacks.isEmpty() == order.any()) {
                return order.any() ? List.of() : missing;
            }
        }
        return missing;
    }

    private boolean isDisturbed(UnitView first) {
        if (!first.instance().hasOwnership()) {
            return true;
        }
        if (!ownedInContact(first)
                || first.instance().getOwnership().getStopFailed()
                || survey.migration(first).hasArrived()) {
            return false;
        }
        Outcome wish = wish(first);
        return first.instance().getOwnership().getReleasing()
                || wish.decision() instanceof Decision.Release
                || wish.decision() instanceof Decision.Recover
                || says(wish, ReasonCode.RESTART_BACKOFF);
    }

    // ---- moving without being stopped

    /**
     * A unit that may leave alive has to be stopped all the same where it could not arrive before something else is done: it
     * would wait there, and others may wait for it to leave. Only for what arrives by itself it waits.
     */
    private Outcome unlessStopped(UnitView unit, Outcome own) {
        if (!(own.decision() instanceof Decision.Migrate migrate)) {
            return own;
        }
        return inOrderOfStops(unit)
                .or(() -> lacksFirst(unit, migrate.toNode()))
                .or(() -> lacksPlace(unit, migrate.toNode()))
                .or(() -> places.lackingRoom(unit, migrate.toNode()))
                .map(why -> MigrationPlanner.stopped(migrate, UnitReasons.stoppedToMove(unit, why.getMessage())))
                .orElse(own);
    }

    /** What stops before or after another in any case has to stop. */
    private Optional<Reason> inOrderOfStops(UnitView unit) {
        return survey.relations().ordersOf(unit.party()).stream()
                .filter(order -> order.kind() == Kind.MANDATORY
                        && (order.firstStep() == Step.STOP || order.thenStep() == Step.STOP))
                .findFirst()
                .map(order -> SequenceReasons.orderOfStops(unit, order.source()));
    }

    private Optional<Reason> lacksFirst(UnitView unit, String node) {
        for (Ordered order : survey.relations().ordersOf(unit.party())) {
            if (order.then().equals(unit.party()) && order.binds()) {
                Optional<Reason> waits = beforeStart(unit, node, order, first -> runs(first) || movesAlive(first));
                if (waits.isPresent()) {
                    return waits;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Reason> lacksPlace(UnitView unit, String node) {
        return places.lacking(
                unit, node, (other, place) -> movesAlive(other) && places.isSame(destination(other), node, place));
    }

    /** Whether a unit is on its way to another node without being stopped, or will be next. */
    private boolean movesAlive(UnitView unit) {
        return isMigrating(unit)
                || (!asking.contains(unit.instance().getId()) && wish(unit).decision() instanceof Decision.Migrate);
    }

    private boolean isMigrating(UnitView unit) {
        return survey.migration(unit).isAlive();
    }

    /** Of what moves alive, where it will be. */
    private String destination(UnitView unit) {
        return wish(unit).decision() instanceof Decision.Migrate migrate
                ? migrate.toNode()
                : unit.instance().getOwnership().getDeparture().getNode();
    }

    // ---- waiting

    private Optional<Reason> waitsFor(UnitView unit, Outcome wish) {
        Optional<Reason> inClone = unit.isSlot() ? inClone(unit, wish) : Optional.empty();
        if (inClone.isPresent()) {
            return inClone;
        }
        String id = unit.party();
        for (Ordered order : survey.relations().ordersOf(id)) {
            Optional<Reason> waits =
                    order.kind() == Kind.SERIALIZE ? takesTurns(unit, order) : inOrder(unit, order, wish);
            if (waits.isPresent()) {
                return waits;
            }
        }
        if (wish.decision() instanceof Decision.Assign assign) {
            return places.lacking(unit, assign.node(), (other, place) -> followsTo(other, unit, assign.node(), place))
                    .or(() -> places.lackingRoom(unit, assign.node()));
        }
        return wish.decision() instanceof Decision.Migrate migrate
                ? places.lacking(unit, migrate.toNode())
                : Optional.empty();
    }

    /** Whether what a unit must be near is about to come to the same place, and waits for nothing but this unit to be there first. */
    private boolean followsTo(UnitView other, UnitView unit, String node, String place) {
        return startsAfter(other.party(), unit.party(), new TreeSet<>())
                && wish(other).decision() instanceof Decision.Assign next
                && places.isSame(next.node(), node, place)
                && !waitsForMore(other, unit);
    }

    /** Whether a unit waits to start for something that does not itself wait for this one. */
    private boolean waitsForMore(UnitView other, UnitView unit) {
        return survey.relations().ordersOf(other.party()).stream()
                .filter(order -> order.then().equals(other.party()) && order.binds())
                .filter(order -> order.firsts().stream()
                        .noneMatch(first ->
                                first.equals(unit.party()) || startsAfter(first, unit.party(), new TreeSet<>())))
                .anyMatch(order -> inOrder(other, order, wish(other)).isPresent());
    }

    private boolean startsAfter(String then, String first, SortedSet<String> asked) {
        return asked.add(then)
                && survey.relations().ordersOf(then).stream()
                        .filter(order -> order.then().equals(then) && order.binds() && order.thenStep() == Step.START)
                        .anyMatch(order -> order.firsts().stream()
                                .anyMatch(each -> each.equals(first) || startsAfter(each, first, asked)));
    }

    /** What slots of one clone owe to each other, and a copy and its promotion. */
    private Optional<Reason> inClone(UnitView slot, Outcome wish) {
        CloneView clone = survey.clone(slot);
        if (slot.isPromotion()) {
            return wish.decision() instanceof Decision.Assign assign ? forCopy(slot, assign) : Optional.empty();
        }
        UnitView promotion = clone.promotionOf(slot);
        if (promotion != null && !(wish.decision() instanceof Decision.Assign)) {
            return Optional.of(SequenceReasons.demotedBefore(slot, promotion, words(promotion)));
        }
        if (clone.row().getClone().getOrdered() && wish.decision() instanceof Decision.Assign) {
            for (UnitView other : clone.copies()) {
                if (!other.name().equals(slot.name()) && isChanging(other)) {
                    return Optional.of(SequenceReasons.oneByOne(slot, other));
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Reason> forCopy(UnitView promotion, Decision.Assign assign) {
        UnitView copy = survey.unit(assign.copy());
        return copy == null || mayBePromoted(copy, assign.node())
                ? Optional.empty()
                : Optional.of(SequenceReasons.waitsForCopy(promotion, copy, words(copy)));
    }

    /** It runs there with all its members, and goes on running. */
    private boolean mayBePromoted(UnitView copy, String node) {
        return copy.isOwnedBy(node)
                && runs(copy)
                && RunStates.isUp(copy.instance())
                && !survey.isBeingDecided(copy.name());
    }

    /** What it relies on must still be as it was found when its turn comes. */
    private Optional<Reason> takesTurns(UnitView unit, Outcome step) {
        if (step.decision() == null) {
            return Optional.empty();
        }
        for (var read : step.decision().readSet()) {
            String key = read.getObject();
            UnitView other = key.startsWith(Keys.INSTANCES) ? survey.unit(Keys.bare(key)) : null;
            if (other != null && !other.name().equals(unit.name()) && survey.isBeingDecided(other.name())) {
                return Optional.of(SequenceReasons.turns(unit, other));
            }
        }
        return Optional.empty();
    }

    private Optional<Reason> takesTurns(UnitView unit, Ordered order) {
        SortedSet<String> others = new TreeSet<>(order.firsts());
        others.add(order.then());
        others.remove(unit.party());
        for (String id : others) {
            for (UnitView other : survey.party(id)) {
                if (isChanging(other)) {
                    return Optional.of(SequenceReasons.turns(unit, other));
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Reason> inOrder(UnitView unit, Ordered order, Outcome wish) {
        boolean isThen = order.then().equals(unit.party());
        if (wish.decision() instanceof Decision.Assign assign) {
            return isThen ? beforeStart(unit, assign.node(), order) : beforeFirstStarts(unit, assign.node(), order);
        }
        if (wish.decision() instanceof Decision.Migrate migrate) {
            return isThen
                    ? beforeStart(unit, migrate.toNode(), order).or(() -> beforeThenStops(unit, order))
                    : beforeFirstMoves(unit, migrate.toNode(), order);
        }
        if (wish.decision() instanceof Decision.Recover) {
            String node = unit.instance().getOwnership().getNode();
            return isThen ? Optional.empty() : beforeFirstStarts(unit, node, order);
        }
        return isThen ? beforeThenStops(unit, order) : beforeFirstStops(unit, order);
    }

    /** What comes after starts when what comes first runs; where that is no must, when it has stopped to change. */
    private Optional<Reason> beforeStart(UnitView then, String node, Ordered order) {
        return beforeStart(then, node, order, first -> isReady(first, order));
    }

    private Optional<Reason> beforeStart(UnitView then, String node, Ordered order, Predicate<UnitView> isReady) {
        if (order.thenStep() != Step.START) {
            return Optional.empty();
        }
        List<UnitView> missing = missing(order, first -> needs.lacking(then, first, node, !order.any(), isReady));
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(SequenceReasons.startsAfter(then, missing, this::words));
    }

    private boolean isReady(UnitView first, Ordered order) {
        return order.binds() ? runs(first) : !isAboutTo(first, order.firstStep());
    }

    /** What comes after and is on its way out has to be gone before what comes first starts again. */
    private Optional<Reason> beforeFirstStarts(UnitView first, String node, Ordered order) {
        if (!order.binds() || !order.symmetrical()) {
            return Optional.empty();
        }
        for (UnitView then : survey.party(order.then())) {
            boolean elsewhere = first.isSlot() && needs.isBeside(then, first) && !then.isOwnedBy(node);
            if (ownedInContact(then)
                    && !elsewhere
                    && (isLeaving(then) || isMigrating(then) || wish(then).decision() instanceof Decision.Release)) {
                return Optional.of(SequenceReasons.stopsAfter(first, then, words(then)));
            }
        }
        return Optional.empty();
    }

    /** What comes first moves without being stopped: what comes after goes on, unless it has to stop itself. */
    private Optional<Reason> beforeFirstMoves(UnitView first, String node, Ordered order) {
        return order.kind() == Kind.MANDATORY ? beforeFirstStarts(first, node, order) : beforeFirstStops(first, order);
    }

    /** What comes first stops when what comes after has stopped. */
    private Optional<Reason> beforeFirstStops(UnitView first, Ordered order) {
        if (!order.symmetrical() || !order.isOfStarts()) {
            return Optional.empty();
        }
        for (UnitView then : survey.party(order.then())) {
            boolean waits = order.kind() == Kind.MANDATORY
                    ? then.instance().hasOwnership() && !othersCarry(first, then, order)
                    : isAboutTo(then, Step.STOP);
            if (waits) {
                return Optional.of(SequenceReasons.stopsAfter(first, then, words(then)));
            }
        }
        return Optional.empty();
    }

    /** Whether what comes after can stay without this one. */
    private boolean othersCarry(UnitView first, UnitView then, Ordered order) {
        String node = then.instance().getOwnership().getNode();
        boolean ofItsClone = first.isSlot()
                && needs.lacking(
                                then,
                                first.party(),
                                node,
                                false,
                                each -> !each.name().equals(first.name()) && !isDisturbed(each))
                        .isEmpty();
        return ofItsClone
                || (order.any()
                        && order.firsts().stream()
                                .filter(id -> !id.equals(first.party()))
                                .filter(id -> !survey.party(id).isEmpty())
                                .anyMatch(id -> needs.lacking(then, id, node, false, each -> !isDisturbed(each))
                                        .isEmpty()));
    }

    /** An order of stops, or one that stops something after another has started. */
    private Optional<Reason> beforeThenStops(UnitView then, Ordered order) {
        if (order.thenStep() != Step.STOP) {
            return Optional.empty();
        }
        boolean must = order.kind() == Kind.MANDATORY && order.firstStep() == Step.STOP;
        for (String id : order.firsts()) {
            for (UnitView first : survey.party(id)) {
                boolean waits = must ? first.instance().hasOwnership() : isAboutTo(first, order.firstStep());
                if (waits) {
                    return Optional.of(SequenceReasons.stopsAfter(then, first, words(first)));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isLeaving(UnitView unit) {
        return unit.instance().getOwnership().getReleasing();
    }

    // ---- what a unit is doing

    private boolean ownedInContact(UnitView unit) {
        return Standing.isInContact(survey, unit);
    }

    /** It runs, and will go on running where it is. */
    private boolean runs(UnitView unit) {
        if (!ownedInContact(unit)) {
            return false;
        }
        OwnershipRow ownership = unit.instance().getOwnership();
        RunState members = Explainer.ofMembers(unit.instance());
        Outcome wish = wish(unit);
        boolean up = RunStates.isUp(members)
                || (members == RunState.RUN_STATE_FAILED && says(wish, ReasonCode.ON_FAIL_IGNORE));
        return up
                && !ownership.getReleasing()
                && !ownership.getStopFailed()
                && !ownership.hasDeparture()
                && !isStep(wish);
    }

    /** It is being started, stopped or moved, or will be next. */
    private boolean isChanging(UnitView unit) {
        String id = unit.instance().getId();
        if (survey.isBeingDecided(id)) {
            return true;
        }
        return isMigrating(unit) || (ownedInContact(unit) && (isLeaving(unit) || isStarting(unit.instance())));
    }

    private static boolean isStarting(InstanceRow instance) {
        RunState members = Explainer.ofMembers(instance);
        return members == RunState.RUN_STATE_STARTING || members == RunState.RUN_STATE_UNKNOWN;
    }

    /** It is doing this step, or will take it in this look. */
    private boolean isAboutTo(UnitView unit, Step step) {
        boolean inContact = ownedInContact(unit);
        Decision next = step(unit).decision();
        if (isMigrating(unit) || next instanceof Decision.Migrate) {
            return true;
        }
        if (step == Step.STOP) {
            return inContact && (isLeaving(unit) || next instanceof Decision.Release);
        }
        boolean restarts = inContact
                && (isLeaving(unit) || next instanceof Decision.Release)
                && scoring.target(unit).isPresent();
        return next instanceof Decision.Assign
                || restarts
                || (inContact && !isLeaving(unit) && isStarting(unit.instance()));
    }

    private Outcome step(UnitView unit) {
        String id = unit.instance().getId();
        Outcome known = steps.get(id);
        if (known != null) {
            return known;
        }
        steps.put(id, Outcome.settled());
        Outcome step = next(unit);
        steps.put(id, step);
        return step;
    }

    private static boolean says(Outcome outcome, ReasonCode code) {
        return outcome.reasons().stream().anyMatch(reason -> reason.getCode().equals(code.name()));
    }

    /** What a unit is doing, after its name: {@code , which is starting on n1}. */
    private String words(UnitView unit) {
        OwnershipRow ownership = unit.ownership();
        if (ownership == null) {
            return "does not run";
        }
        String node = ownership.getNode();
        if (isMigrating(unit)) {
            return "moves to " + ownership.getDeparture().getNode();
        }
        if (!ownedInContact(unit)) {
            return "is on " + node + ", which is out of contact";
        }
        if (ownership.getStopFailed()) {
            return "could not be stopped on " + node;
        }
        if (ownership.getReleasing()) {
            return "is stopping on " + node;
        }
        if (wish(unit).decision() instanceof Decision.Release) {
            return "is to stop on " + node;
        }
        if (wish(unit).decision() instanceof Decision.Migrate migrate) {
            return "is to move to " + migrate.toNode();
        }
        return switch (Explainer.ofMembers(unit.instance())) {
            case RUN_STATE_RUNNING, RUN_STATE_DEGRADED -> "runs on " + node;
            case RUN_STATE_FAILED -> "failed on " + node;
            default -> "is starting on " + node;
        };
    }

    // ---- what a step relied on

    /** The rules that bind the unit, and the units that it has to agree with, as they were found. */
    private Outcome relyingOnPartners(UnitView unit, Outcome outcome) {
        String id = unit.party();
        @Nullable Decision decision = outcome.decision();
        SortedSet<String> keys = new TreeSet<>(survey.relations().sources(id));
        for (String partner : survey.relations().partners(id)) {
            survey.party(partner).forEach(other -> keys.add(Keys.instance(other.name())));
        }
        boolean roomCounts = ProblemBuilder.strategy(survey.state()) != Options.Strategy.DEFAULT;
        if (roomCounts && decision instanceof Decision.Assign assign) {
            keys.add(Keys.nodeSpec(assign.node()));
        } else if (roomCounts && decision instanceof Decision.Migrate migrate) {
            keys.add(Keys.nodeSpec(migrate.toNode()));
        }
        if (decision == null || keys.isEmpty()) {
            return outcome;
        }
        decision.readSet().forEach(read -> keys.add(read.getObject()));
        return Outcome.decided(decision.relyingOn(survey.readSet(keys)));
    }
}
