package io.quorate.statemachine.policy;

import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.placement.Score;
import io.quorate.statemachine.policy.Scoring.Candidate;
import io.quorate.v1.Contribution;
import io.quorate.v1.NodeVerdict;
import io.quorate.v1.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** What a promotion is worth on each node, in words: what the agent there says, and the rules about that role. */
final class PromotionScoring {
    private final Survey survey;
    private final ClusterState state;
    private final ProblemBuilder builder;

    PromotionScoring(Survey survey, ProblemBuilder builder) {
        this.survey = survey;
        this.state = survey.state();
        this.builder = builder;
    }

    /** @param standing what verbs ask for counts where they are heard by it */
    Candidate candidate(UnitView promotion, NodeRow node, Standing standing) {
        String name = node.getName();
        List<Contribution> all = new ArrayList<>(Scoring.ofNode(node));
        CloneView clone = survey.clone(promotion);
        boolean hasCopy = !clone.copiesOn(name).isEmpty();
        if (!hasCopy) {
            all.add(Scoring.forbids(Scoring.COPY, promotion.key(), "has no copy"));
        }
        if (Failures.bans(state, promotion, name)) {
            all.add(Scoring.ofFailures(promotion, name));
        }
        List<Contribution> rules = rules(promotion, name);
        OptionalInt said = Clones.promotionScore(state, promotion.row(), name);
        if (said.isPresent()) {
            all.add(ofScore(promotion, said.getAsInt()));
        } else if (rules.isEmpty() && hasCopy) {
            all.add(Scoring.forbids(Scoring.PROMOTION, promotion.key(), "its agent gave no promotion score"));
        }
        all.addAll(rules);
        all.addAll(wishes(promotion, name, standing));
        boolean forbidden = all.stream().anyMatch(Contribution::getForbids);
        long score = Math.min(
                Score.INFINITY, all.stream().mapToLong(Contribution::getScore).sum());
        NodeVerdict verdict = NodeVerdict.newBuilder()
                .setNode(name)
                .setAllowed(!forbidden && score >= 0)
                .setScore(score)
                .addAllContributions(all)
                .build();
        return new Candidate(node, verdict, survey.ownedBy(name).size());
    }

    private static Contribution ofScore(UnitView promotion, int score) {
        String text = "promotion score " + Score.inWords(score);
        return score <= -Score.INFINITY
                ? Scoring.forbids(Scoring.PROMOTION, promotion.key(), text)
                : Scoring.adds(Scoring.PROMOTION, promotion.key(), score, text);
    }

    private List<Contribution> wishes(UnitView promotion, String node, Standing standing) {
        List<Contribution> wishes = new ArrayList<>();
        OperationRow move = standing.move();
        standing.wishes(survey, promotion, node).forEach((rule, score) -> {
            String source =
                    rule.equals(Scoring.MOVE) && move != null ? Keys.OPERATIONS + move.getId() : promotion.key();
            String asked = switch (rule) {
                case Scoring.PIN -> "pinned there";
                case Scoring.RESTART -> "needs no restart";
                default -> "move requested";
            };
            wishes.add(
                    score < 0
                            ? Scoring.forbids(rule, source, "move away requested")
                            : Scoring.adds(rule, source, score, asked));
        });
        return wishes;
    }

    private List<Contribution> rules(UnitView promotion, String node) {
        List<Contribution> rules = new ArrayList<>();
        for (String key : survey.relations().sources(promotion.party())) {
            ObjectRow row = state.object(key);
            if (row == null || row.getLocation().getRole() != Role.ROLE_PROMOTED) {
                continue;
            }
            builder.machine(node)
                    .flatMap(machine -> NodeMatching.score(row.getLocation(), machine, survey.nowWallMillis()))
                    .ifPresent(score -> {
                        String text = Keys.bare(key) + " " + Score.inWords(score);
                        rules.add(
                                score <= -Score.INFINITY
                                        ? Scoring.forbids(Scoring.LOCATION, key, text)
                                        : Scoring.adds(Scoring.LOCATION, key, score, text));
                    });
        }
        return rules;
    }
}
