package io.quorate.statemachine.policy;

import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.policy.Scoring.Candidate;
import io.quorate.v1.Contribution;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What would have to change for a unit to run on a node where it does not: each obstacle with the command that lifts it
 * or shows where it is written, or how much its score is short of the best.
 */
final class Remedies {
    private final Survey survey;
    private final UnitView unit;

    Remedies(Survey survey, UnitView unit) {
        this.survey = survey;
        this.unit = unit;
    }

    /** For every node but the one that owns it, best first. */
    List<Reason> of(List<Candidate> candidates) {
        String owner = unit.instance().getOwnership().getNode();
        Optional<Candidate> best = candidates.stream()
                .filter(each -> each.node().getName().equals(owner))
                .findFirst()
                .or(() -> candidates.stream().filter(Candidate::allowed).findFirst());
        List<Reason> remedies = new ArrayList<>();
        for (Candidate each : candidates) {
            if (each.node().getName().equals(owner)) {
                continue;
            }
            if (each.forbidden()) {
                each.verdict().getContributionsList().stream()
                        .filter(Contribution::getForbids)
                        .forEach(obstacle -> remedies.add(obstacle(each.node(), obstacle)));
            } else {
                best.filter(other -> !isSame(other, each) && other.score() >= each.score())
                        .ifPresent(other -> remedies.add(scoresLess(each, other)));
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
            case Scoring.AVOID, Scoring.ONLY -> "change placement." + obstacle.getRule() + " of " + unit.name();
            case Scoring.ONLY_LABELS -> "give the node the label, or change placement.only of " + unit.name();
            case Scoring.PIN -> "take the pin back";
            case Scoring.FAILURES -> "repair the cause and forget the failures";
            case Scoring.HEALTH -> "repair what is not well, or say allowUnhealthyNodes: true of " + unit.name();
            case Scoring.MOVE -> "the move is over when it runs elsewhere";
            case Scoring.CAPACITY -> "make room there, or ask for less utilization";
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
            case Scoring.AVOID, Scoring.ONLY, Scoring.ONLY_LABELS, Scoring.CAPACITY ->
                "quorate get " + unit.key() + " -o yaml";
            default -> "quorate get " + obstacle.getSource() + " -o yaml";
        };
    }

    private Reason scoresLess(Candidate here, Candidate best) {
        long lacks = best.score() - here.score();
        String name = here.node().getName();
        return Reasons.of(
                ReasonCode.NODE_SCORES_LESS,
                name + " scores " + here.score() + ", " + best.node().getName() + " " + best.score() + ": "
                        + (lacks == 0 ? "any score" : "more than " + lacks + " more") + " for " + name
                        + " in placement.prefer would move it",
                List.of(unit.key(), Keys.node(name)),
                "quorate move " + unit.unitName() + " --to " + name + " --pin");
    }
}
