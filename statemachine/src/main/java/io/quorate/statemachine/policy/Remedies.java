package io.quorate.statemachine.policy;

import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.placement.Score;
import io.quorate.statemachine.policy.Scoring.Candidate;
import io.quorate.v1.Contribution;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * What would have to change for a unit to run on a node where it does not: first what holds it on all of them, then each
 * obstacle with the command that lifts it or shows where it is written, or how much its score is short of the best.
 */
final class Remedies {
    private final Survey survey;
    private final UnitView unit;

    Remedies(Survey survey, UnitView unit) {
        this.survey = survey;
        this.unit = unit;
    }

    /** For every node but the one that owns it, best first. */
    List<Reason> of(List<Candidate> candidates, Held held) {
        return of(candidates, held, unit::isOwnedBy, this::movesIt);
    }

    /** Of a clone: for every node that has no copy and is not about to get one. */
    List<Reason> ofCopies(List<Candidate> candidates, Held held, Predicate<String> isThere) {
        return of(candidates, held, isThere, this::movesACopy);
    }

    /** Of a promotable clone: for every node on which nothing is promoted, nor about to be. */
    List<Reason> ofPromotions(List<Candidate> candidates, Held held, Predicate<String> isThere) {
        return of(candidates, held, isThere, this::promotesAnother);
    }

    /**
     * @param held what no score helps against
     * @param isThere whether a node has it, or one of them, already
     * @param scoresLess what is said of a node that may have it, and of the least of those that have it, or would
     */
    private List<Reason> of(
            List<Candidate> candidates,
            Held held,
            Predicate<String> isThere,
            BiFunction<Candidate, Candidate, Reason> scoresLess) {
        Optional<Candidate> least = candidates.stream()
                .filter(each -> isThere.test(each.node().getName()))
                .reduce((better, worse) -> worse)
                .or(() -> candidates.stream().filter(Candidate::allowed).findFirst());
        List<Reason> remedies = new ArrayList<>(held.lifts());
        for (Candidate each : candidates) {
            if (isThere.test(each.node().getName())) {
                continue;
            }
            if (each.forbidden()) {
                each.verdict().getContributionsList().stream()
                        .filter(Contribution::getForbids)
                        // that other copies have all places is nothing while none can come
                        .filter(obstacle -> !(held.whole() && obstacle.getRule().equals(Scoring.COPIES)))
                        .forEach(obstacle -> remedies.add(obstacle(each.node(), obstacle)));
            } else if (!held.whole()) {
                least.filter(other -> !isSame(other, each) && other.score() >= each.score())
                        .ifPresent(other -> remedies.add(scoresLess.apply(each, other)));
            }
        }
        return remedies;
    }

    private static boolean isSame(Candidate one, Candidate other) {
        return one.node().getName().equals(other.node().getName());
    }

    private Reason obstacle(NodeRow node, Contribution obstacle) {
        return Reasons.of(
                ReasonCode.NODE_FORBIDDEN,
                node.getName() + ": " + obstacle.getText() + "; " + words(node, obstacle),
                List.of(unit.key(), Keys.node(node.getName())),
                command(node, obstacle));
    }

    private String words(NodeRow node, Contribution obstacle) {
        return switch (obstacle.getRule()) {
            case Scoring.PHASE -> "it joins by itself when its agent runs again";
            case Scoring.DRAIN -> "end the drain";
            case Scoring.MAINTENANCE -> "end the maintenance";
            case Scoring.AUTOSTART -> "take the service out of the boot of " + node.getName();
            case Scoring.AVOID, Scoring.ONLY -> "change placement." + obstacle.getRule() + " of " + unit.unitName();
            case Scoring.ONLY_LABELS -> "give the node the label, or change placement.only of " + unit.unitName();
            case Scoring.PIN -> "take the pin back";
            case Scoring.FAILURES -> "repair the cause and forget the failures";
            case Scoring.HEALTH -> "repair what is not well, or say allowUnhealthyNodes: true of " + unit.unitName();
            case Scoring.MOVE -> "the move is over when it runs elsewhere";
            case Scoring.COPY -> "a copy has to run there first";
            case Scoring.FOUND -> "stop it there, or say multipleActive: stopUnexpected";
            case Scoring.COPIES -> "raise instances.max of " + unit.unitName();
            case Scoring.CAPACITY -> "make room there, or ask for less utilization";
            case Scoring.PROMOTION -> "it says with crm_attribute --promotion what its copy is worth";
            default -> "change " + obstacle.getSource();
        };
    }

    private String command(NodeRow node, Contribution obstacle) {
        return switch (obstacle.getRule()) {
            case Scoring.PHASE -> "quorate history " + Keys.node(node.getName());
            case Scoring.DRAIN -> "quorate node resume " + node.getName();
            case Scoring.MAINTENANCE -> "quorate node maintenance " + node.getName() + " --end";
            case Scoring.AUTOSTART -> "systemctl disable --now " + Obstacles.autostart(survey.state(), unit, node);
            case Scoring.PIN -> "quorate unpin " + unit.unitName();
            case Scoring.FAILURES -> "quorate failures clear " + unit.unitName() + " --on " + node.getName();
            case Scoring.MOVE -> "quorate operation list";
            case Scoring.FOUND -> "quorate probe " + unit.unitName();
            case Scoring.PROMOTION -> "quorate logs " + unit.unitName() + " --on " + node.getName();
            case Scoring.COPY -> "quorate explain " + unit.unitName() + " --on " + node.getName();
            case Scoring.AVOID, Scoring.ONLY, Scoring.ONLY_LABELS, Scoring.CAPACITY, Scoring.COPIES ->
                "quorate get " + unit.key() + " -o yaml";
            default -> "quorate get " + obstacle.getSource() + " -o yaml";
        };
    }

    private Reason movesIt(Candidate here, Candidate best) {
        String name = here.node().getName();
        return scoresLess(
                here,
                best,
                " for " + name + " in placement.prefer would move it",
                "quorate move " + unit.unitName() + " --to " + name + " --pin");
    }

    private Reason movesACopy(Candidate here, Candidate least) {
        String name = here.node().getName();
        String command = "quorate get " + unit.key() + " -o yaml";
        if (least.score() < Score.INFINITY) {
            return scoresLess(here, least, " for " + name + " in placement.prefer would move a copy there", command);
        }
        return Reasons.of(
                ReasonCode.NODE_SCORES_LESS,
                name + " may have a copy, but copies that run stay where they are; raise instances.max of "
                        + unit.unitName(),
                List.of(unit.key(), Keys.node(name)),
                command);
    }

    private Reason promotesAnother(Candidate here, Candidate least) {
        String name = here.node().getName();
        return scoresLess(
                here,
                least,
                " for " + name + ", from its agent or a location with role: promoted, would promote the copy there",
                "quorate move " + unit.unitName() + " --promoted --to " + name + " --pin");
    }

    private Reason scoresLess(Candidate here, Candidate best, String whatItDoes, String command) {
        long lacks = best.score() - here.score();
        String name = here.node().getName();
        return Reasons.of(
                ReasonCode.NODE_SCORES_LESS,
                name + " scores " + here.score() + ", " + best.node().getName() + " " + best.score() + ": "
                        + (lacks == 0 ? "any score" : "more than " + lacks + " more") + whatItDoes,
                List.of(unit.key(), Keys.node(name)),
                command);
    }
}
