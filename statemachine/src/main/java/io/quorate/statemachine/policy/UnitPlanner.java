package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.SiteTickets.Need;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.policy.Scoring.Candidate;
import io.quorate.v1.NodePhase;
import io.quorate.v1.OnFail;
import io.quorate.v1.Override;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One look at one unit, or one slot of a clone: what to do next with it, or what it waits for. Policy and explainer both ask it. */
final class UnitPlanner {
    private final Survey survey;
    private final Scoring scoring;
    private final Fencing fencing;
    private final PromotionPlanner promotions;
    private final OwnedUnitPlanner owned;
    private final Sequence sequence;

    UnitPlanner(Survey survey) {
        this.survey = survey;
        this.scoring = new Scoring(survey);
        this.fencing = new Fencing(survey);
        this.promotions = new PromotionPlanner(survey, scoring, fencing);
        this.owned = new OwnedUnitPlanner(survey, scoring, fencing, promotions);
        this.sequence = new Sequence(survey, scoring, this::wish);
    }

    Scoring scoring() {
        return scoring;
    }

    /** The next step of a unit, or what it waits for. */
    Outcome look(UnitView unit) {
        // What arrives goes by what becomes of the unit, which waits for others where that has to be.
        return unit.isArrival() ? wish(unit) : sequence.next(unit);
    }

    /** What would be done with the unit if it were alone. */
    private Outcome wish(UnitView unit) {
        if (survey.state().isPaused()) {
            return inQuarantine(unit).orElseGet(() -> Outcome.because(UnitReasons.paused(survey.state())));
        }
        if (survey.isInMaintenance(unit)) {
            return Outcome.because(UnitReasons.maintenance(survey, unit));
        }
        Need frozen = survey.frozenBy(unit);
        if (frozen != null && !unit.isArrival() && !survey.migration(unit).hasArrived()) {
            return Outcome.because(TicketReasons.frozen(unit, frozen));
        }
        if (!unit.instance().hasOwnership()) {
            return free(unit);
        }
        Outcome outcome = owned.look(unit);
        if (!Units.isHeldForProbes(survey.state(), unit.instance())) {
            return outcome;
        }
        List<NodeRow> missing =
                unansweredBy(unit, unit.instance().getOwnership().getNode());
        return missing.isEmpty()
                ? outcome
                : outcome.andAlso(UnitReasons.waitingForProbe(
                        unit, missing.stream().map(NodeRow::getName).toList()));
    }

    private Outcome free(UnitView unit) {
        if (!Standing.isWanted(unit)) {
            return Outcome.because(UnitReasons.notWanted(unit));
        }
        UnitView arrival = survey.arrivalOf(unit);
        if (arrival != null) {
            return Outcome.because(UnitReasons.waitingForArrival(unit, arrival));
        }
        if (Standing.isTooMany(survey, unit)) {
            return Outcome.settled();
        }
        SortedSet<String> foundOn = survey.foundOn(unit);
        if (!foundOn.isEmpty()) {
            return Outcome.because(UnitReasons.multipleActive(survey.state(), unit, foundOn));
        }
        Need missing = survey.tickets().barring(unit);
        if (missing != null) {
            return Outcome.because(TicketReasons.missing(unit, missing));
        }
        FailureRow stop = Failures.firstWith(survey.state(), unit, OnFail.ON_FAIL_STOP);
        if (stop != null) {
            return Outcome.because(UnitReasons.failedAndHeld(ReasonCode.ON_FAIL_STOP, unit, stop));
        }
        FailureRow block = Failures.firstWith(survey.state(), unit, OnFail.ON_FAIL_BLOCK);
        if (block != null) {
            return Outcome.because(UnitReasons.failedAndHeld(ReasonCode.ON_FAIL_BLOCK, unit, block));
        }
        if (unit.isPromotion()) {
            Outcome promotion = promotions.free(unit);
            return promotion.decision() == null
                    ? promotion
                    : missingProbes(unit).orElse(promotion);
        }
        List<Candidate> candidates = scoring.candidates(unit);
        String target = scoring.aim(unit).orElse("");
        for (Candidate candidate : candidates) {
            if (candidate.node().getName().equals(target)) {
                return unit.isCopy()
                        ? inTheWay(unit, candidate.node()).orElseGet(() -> assign(unit, candidate, candidates))
                        : missingProbes(unit).orElseGet(() -> assign(unit, candidate, candidates));
            }
        }
        return unit.isCopy()
                ? withoutNode(unit, candidates)
                : Outcome.because(UnitReasons.noNodeAllowed(unit, candidates));
    }

    private Outcome withoutNode(UnitView copy, List<Candidate> candidates) {
        long others = survey.clone(copy).copies().stream()
                .filter(other -> scoring.aim(other).isPresent())
                .count();
        return others >= Clones.maxCopies(survey.state(), copy.row())
                ? Outcome.settled()
                : Outcome.because(CloneReasons.noNodeForCopy(copy, others > 0, candidates));
    }

    /** What a copy that is a thing of its node waits for is on that node only. */
    private Optional<Outcome> inTheWay(UnitView copy, NodeRow node) {
        List<UnitView> there = survey.clone(copy).copiesOn(node.getName());
        if (isFull(copy, node)) {
            return Optional.of(Outcome.because(CloneReasons.slotTaken(copy, node, there.get(0))));
        }
        if (!copy.isAnonymousCopy()) {
            return missingProbes(copy);
        }
        boolean answered = copy.instance().getProbeSince() == 0 || Units.saidNotRunning(copy.instance(), node);
        return answered
                ? Optional.empty()
                : Optional.of(Outcome.because(UnitReasons.waitingForProbe(copy, List.of(node.getName()))));
    }

    /** RestoreQuarantine: all that a restored cluster does is to take over what it finds running, where it runs. */
    private Optional<Outcome> inQuarantine(UnitView unit) {
        boolean adoptable = survey.state().meta().getPause().getQuarantine()
                && !unit.instance().hasOwnership()
                && survey.arrivalOf(unit) == null
                && Standing.isWanted(unit)
                && !Units.isInMaintenance(unit.row());
        String found = adoptable ? survey.adoptableOn(unit) : null;
        NodeRow node = found == null ? null : survey.state().node(found);
        if (node == null || !Obstacles.isPresent(node)) {
            return Optional.empty();
        }
        UnitView copy = unit.isPromotion() ? copyToAdopt(unit, node) : null;
        boolean waits = unit.isPromotion()
                ? copy == null
                : scoring.candidate(unit, node).forbiddenBy(Scoring.AUTOSTART) || (unit.isCopy() && isFull(unit, node));
        if (waits
                || (!unit.isAnonymousCopy()
                        && !unansweredBy(unit, node.getName()).isEmpty())) {
            return Optional.empty();
        }
        // not on the node's revision: each adoption on a node changes it, and apply looks at what was found there
        // anyway
        return Optional.of(Outcome.decided(new Decision.Assign(
                unit.instance().getId(),
                node.getName(),
                node.getIncarnation(),
                copy == null ? "" : copy.name(),
                Reasons.limited(List.of(UnitReasons.adopted(unit, node))),
                survey.readSet(reliedOn(survey, unit)))));
    }

    private boolean isFull(UnitView copy, NodeRow node) {
        return survey.clone(copy).copiesOn(node.getName()).size() >= Clones.maxPerNode(copy.row());
    }

    /** The copy of a promotion that was found: one that was taken over there and runs. */
    private @Nullable UnitView copyToAdopt(UnitView promotion, NodeRow node) {
        CloneView clone = survey.clone(promotion);
        for (UnitView copy : clone.copiesOn(node.getName())) {
            boolean runs = Standing.isInContact(survey, copy)
                    && !copy.instance().getOwnership().getReleasing()
                    && RunStates.isUp(copy.instance());
            if (runs && clone.promotionOf(copy) == null) {
                return copy;
            }
        }
        return null;
    }

    /** ProbeFirst: what the first grant waits for; empty when every node has said that it does not run the unit. */
    private Optional<Outcome> missingProbes(UnitView unit) {
        List<NodeRow> missing = unansweredBy(unit, "");
        for (NodeRow node : missing) {
            if (node.getPhase() == NodePhase.NODE_PHASE_LOST) {
                return Optional.of(fencing.forProbe(unit, node));
            }
        }
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(Outcome.because(UnitReasons.waitingForProbe(
                        unit, missing.stream().map(NodeRow::getName).toList())));
    }

    /** Nodes that have not answered the unit's probe; a bestEffort unit does not wait for lost ones. */
    private List<NodeRow> unansweredBy(UnitView unit, String except) {
        List<NodeRow> missing = new ArrayList<>();
        if (unit.instance().getProbeSince() == 0) {
            return missing;
        }
        for (NodeRow node : survey.nodes()) {
            boolean asked = switch (node.getPhase()) {
                case NODE_PHASE_UP, NODE_PHASE_JOINING -> true;
                case NODE_PHASE_LOST -> Units.isExclusive(unit.row());
                case NODE_PHASE_OFF, NODE_PHASE_UNSPECIFIED, UNRECOGNIZED -> false;
            };
            if (asked && !node.getName().equals(except) && !Units.saidNotRunning(unit.instance(), node)) {
                missing.add(node);
            }
        }
        return missing;
    }

    private Outcome assign(UnitView unit, Candidate target, List<Candidate> candidates) {
        NodeRow node = target.node();
        return Outcome.decided(new Decision.Assign(
                unit.instance().getId(),
                node.getName(),
                node.getIncarnation(),
                "",
                Reasons.limited(List.of(UnitReasons.assigned(unit, target, candidates))),
                survey.readSet(reliedOn(survey, unit, node.getName()))));
    }

    /** What every decision about a unit relies on: its instance, its definition, the node, its tickets, and a move that steers it. */
    static SortedSet<String> reliedOn(Survey survey, UnitView unit, String... nodes) {
        SortedSet<String> keys = new TreeSet<>();
        keys.add(Keys.instance(unit.instance().getId()));
        keys.add(unit.key());
        for (String node : nodes) {
            keys.add(Keys.node(node));
            if (Units.placement(unit.row()).getOnlyLabelsCount() > 0) {
                keys.add(Keys.nodeSpec(node));
            }
        }
        for (Need need : survey.tickets().of(unit)) {
            keys.add(need.constraint());
            keys.add(need.ticketKey());
        }
        OperationRow move = survey.move(unit);
        if (move != null) {
            keys.add(Keys.OPERATIONS + move.getId());
        }
        return keys;
    }

    /** The verb that changed how the unit is treated, for people; empty when there is none. */
    static List<Reason> overrides(UnitView unit) {
        List<Reason> reasons = new ArrayList<>();
        for (Override override : unit.row().getOverridesList()) {
            reasons.add(UnitReasons.override(unit, override));
        }
        return reasons;
    }
}
