package io.quorate.statemachine.policy;

import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Quorum;
import io.quorate.statemachine.model.SiteTickets.Need;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.policy.Explanation.Survival;
import io.quorate.statemachine.policy.Scoring.Candidate;
import io.quorate.v1.NodePhase;
import io.quorate.v1.PlacementStrategy;
import io.quorate.v1.Reason;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Would a unit come back by itself if the node that it is on were lost now? It needs another node that may run it beside
 * all that would have to move with it, enough voters, and a way to prove that the lost node is off (or that it may run twice for a while).
 */
final class SurvivalCheck {
    private final Survey survey;
    private final Scoring scoring;
    private final SortedMap<String, Scoring> withoutNode = new TreeMap<>();

    SurvivalCheck(Survey survey, Scoring scoring) {
        this.survey = survey;
        this.scoring = scoring;
    }

    Survival of(UnitView unit) {
        Optional<Reason> whyNot = standsStill(unit);
        if (whyNot.isPresent()) {
            return Survival.no(whyNot.get());
        }
        OwnershipRow ownership = unit.instance().getOwnership();
        boolean arrived = survey.migration(unit).hasArrived();
        NodeRow node = survey.state().node(arrived ? ownership.getDeparture().getNode() : ownership.getNode());
        if (node == null || node.getPhase() != NodePhase.NODE_PHASE_UP) {
            return Survival.no(UnitReasons.notOnAnUpNode(unit));
        }
        return on(unit, node);
    }

    /** The same for a unit that nobody owns, as if it ran where it would be placed now; empty when no node may run it. */
    Optional<Survival> wherePlaced(UnitView unit) {
        Optional<Reason> whyNot = standsStill(unit);
        return whyNot.isPresent()
                ? whyNot.map(Survival::no)
                : scoring.aim(unit).map(node -> survey.state().node(node)).map(node -> on(unit, node));
    }

    /**
     * Would a clone go on if any one of the nodes that it is on were lost now? As many copies as its {@code min}, at least
     * one, would have to run without it, and of a promotable one that is promoted there, another could be promoted.
     */
    Survival ofClone(CloneView clone) {
        UnitView any = clone.copies().isEmpty() ? null : clone.copies().get(0);
        Optional<Reason> whyNot = any == null ? Optional.empty() : standsStill(any);
        if (any == null || whyNot.isPresent()) {
            return whyNot.map(Survival::no).orElse(Survival.YES);
        }
        SortedSet<String> nodes = new TreeSet<>();
        for (UnitView copy : clone.copies()) {
            if (Standing.isInContact(survey, copy)) {
                nodes.add(copy.instance().getOwnership().getNode());
            }
        }
        if (nodes.isEmpty()) {
            return Survival.no(UnitReasons.notOnAnUpNode(any));
        }
        for (String name : nodes) {
            NodeRow node = survey.state().node(name);
            Optional<Reason> breaks = node == null ? Optional.empty() : breaks(clone, any, node);
            if (breaks.isPresent()) {
                return Survival.no(breaks.get());
            }
        }
        return Survival.YES;
    }

    /** What a clone would lack without a node; empty: nothing. */
    private Optional<Reason> breaks(CloneView clone, UnitView any, NodeRow node) {
        String name = node.getName();
        if (!quorumHolds(name)) {
            return Optional.of(quorumAtRisk(name));
        }
        List<UnitView> promoted = clone.promotions().stream()
                .filter(promotion -> promotion.isOwnedBy(name))
                .toList();
        boolean needsFence = Units.isExclusive(any.row()) && !survey.hasFencePath(name);
        if (!promoted.isEmpty() && needsFence) {
            return Optional.of(UnitReasons.wouldNotMove(promoted.get(0), node));
        }
        Scoring ifLost = ifLost(any, name);
        // A copy that nobody can prove to be off is not replaced.
        int left = (int) clone.copies().stream()
                .filter(copy -> copy.isOwnedBy(name)
                        ? !needsFence
                        : !copy.instance().hasOwnership() || Standing.isInContact(survey, copy))
                .filter(copy -> ifLost.aim(copy).isPresent())
                .count();
        int needed = Math.max(1, any.row().getClone().getMin());
        if (left < needed) {
            return Optional.of(CloneReasons.tooFewLeft(any, node, left, needed));
        }
        return promoted.stream()
                .filter(promotion -> ifLost.aimedCopy(promotion).isEmpty())
                .findFirst()
                .map(promotion -> CloneReasons.noOtherCopy(promotion, node));
    }

    /** What keeps a unit as it is, wherever it might be; empty: nothing. */
    Optional<Reason> standsStill(UnitView unit) {
        if (survey.state().isPaused()) {
            return Optional.of(UnitReasons.paused(survey.state()));
        }
        if (survey.isInMaintenance(unit)) {
            return Optional.of(UnitReasons.maintenance(survey, unit));
        }
        if (!Units.isUnit(unit.row()) || !Units.isWanted(unit.row())) {
            return Optional.of(UnitReasons.notWanted(unit));
        }
        Need frozen = survey.frozenBy(unit);
        return frozen != null
                ? Optional.of(TicketReasons.frozen(unit, frozen))
                : Optional.ofNullable(survey.tickets().barring(unit)).map(need -> TicketReasons.missing(unit, need));
    }

    private Survival on(UnitView unit, NodeRow node) {
        String name = node.getName();
        Optional<Reason> noPlace = isBound(unit) ? noPlaceBesideOthers(unit, node) : noPlace(unit, node);
        if (noPlace.isPresent()) {
            return Survival.no(noPlace.get());
        }
        if (Units.isExclusive(unit.row()) && !survey.hasFencePath(name)) {
            return Survival.no(UnitReasons.wouldNotMove(unit, node));
        }
        return quorumHolds(name) ? Survival.YES : Survival.no(quorumAtRisk(name));
    }

    /** Whether other units have a say in where this one may run. */
    private boolean isBound(UnitView unit) {
        return !survey.relations().partners(unit.party()).isEmpty()
                || survey.state().settings().placementStrategy() != PlacementStrategy.PLACEMENT_STRATEGY_DEFAULT;
    }

    private Optional<Reason> noPlaceBesideOthers(UnitView unit, NodeRow node) {
        Scoring ifLost = ifLost(unit, node.getName());
        return ifLost.aim(unit).isPresent()
                ? Optional.empty()
                : Optional.of(UnitReasons.noOtherNode(unit, node, ifLost.candidates(unit)));
    }

    private Optional<Reason> noPlace(UnitView unit, NodeRow node) {
        if (survey.hasOpenNodeFor(unit, node.getName())) {
            return Optional.empty();
        }
        List<Candidate> others = survey.nodes().stream()
                .filter(each -> !each.getName().equals(node.getName()))
                .map(each -> scoring.alone(unit, each))
                .toList();
        return Optional.of(UnitReasons.noOtherNode(unit, node, others));
    }

    /** Only units that are bound to each other, however remotely, matter to each other, unless room counts. */
    private Scoring ifLost(UnitView unit, String node) {
        boolean alone = survey.state().settings().placementStrategy() == PlacementStrategy.PLACEMENT_STRATEGY_DEFAULT;
        List<UnitView> units = alone ? survey.boundTogether(unit) : survey.units();
        return withoutNode.computeIfAbsent(node + "/" + units.get(0).key(), key -> scoring.without(units, node));
    }

    /** Losing a node loses the voter of that name, if there is one. */
    private boolean quorumHolds(String node) {
        return survey.state().voters().values().stream()
                        .noneMatch(
                                voter -> !voter.getRemoved() && voter.getName().equals(node))
                || Quorum.without(survey.state(), List.of(node)).holds();
    }

    private static Reason quorumAtRisk(String node) {
        return Reasons.of(
                ReasonCode.QUORUM_AT_RISK,
                "with " + node + " a voter would be lost, and the others that are up are no majority",
                List.of(Keys.node(node)),
                "quorate member list");
    }
}
