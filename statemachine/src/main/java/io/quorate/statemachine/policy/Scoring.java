package io.quorate.statemachine.policy;

import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Contribution;
import io.quorate.v1.NodePhase;
import io.quorate.v1.NodeVerdict;
import io.quorate.v1.Placement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What each node is worth to a unit: which rules allow or forbid it, and what they add to its score. The policy decides by
 * these verdicts and the explainer prints the same ones.
 */
final class Scoring {
    static final String PHASE = "phase";
    static final String DRAIN = "drain";
    static final String ONLY = "only";
    static final String AVOID = "avoid";
    static final String ONLY_LABELS = "onlyLabels";
    static final String AUTOSTART = "autostart";
    static final String PIN = "pin";
    static final String FAILURES = "failures";
    static final String MOVE = "move";
    static final String PREFER = "prefer";
    static final String STICKINESS = "stickiness";

    /** More than all preferences and any stickiness together: a running move wins against everything but a rule. */
    static final long MOVE_SCORE = 1_000_000_000L;

    private final Survey survey;

    Scoring(Survey survey) {
        this.survey = survey;
    }

    /** A node's verdict with its place in the order of candidates. */
    record Candidate(NodeRow node, NodeVerdict verdict, int load) {
        boolean allowed() {
            return verdict.getAllowed();
        }

        long score() {
            return verdict.getScore();
        }

        boolean forbiddenBy(String... rules) {
            List<String> wanted = List.of(rules);
            return verdict.getContributionsList().stream()
                    .anyMatch(each -> each.getForbids() && wanted.contains(each.getRule()));
        }

        /** Why the node may not run the unit, in a few words; its score when it may. */
        String inWords() {
            List<String> words = new ArrayList<>();
            for (Contribution each : verdict.getContributionsList()) {
                if (allowed() || each.getForbids()) {
                    words.add(each.getText());
                }
            }
            String name = node.getName();
            if (allowed()) {
                return name + " " + score() + (words.isEmpty() ? "" : " (" + String.join(", ", words) + ")");
            }
            return name + ": " + String.join(", ", words);
        }
    }

    /** Allowed nodes before others, then by score, then the least loaded, then by name. */
    static final Comparator<Candidate> BEST_FIRST = Comparator.comparing((Candidate each) -> !each.allowed())
            .thenComparing(Comparator.comparingLong(Candidate::score).reversed())
            .thenComparingInt(Candidate::load)
            .thenComparing(each -> each.node().getName());

    /** Verdicts on all nodes, best first. */
    List<Candidate> candidates(UnitView unit) {
        List<Candidate> candidates = new ArrayList<>();
        for (NodeRow node : survey.nodes()) {
            candidates.add(candidate(unit, node));
        }
        candidates.sort(BEST_FIRST);
        return candidates;
    }

    /** The best allowed node; with {@code except}, of the others. */
    static Optional<Candidate> best(List<Candidate> candidates, @Nullable String except) {
        return candidates.stream()
                .filter(each -> each.allowed() && !each.node().getName().equals(except))
                .findFirst();
    }

    Candidate candidate(UnitView unit, NodeRow node) {
        List<Contribution> all = new ArrayList<>();
        addNodeRules(unit, node, all);
        addPlacementRules(unit, node, all);
        addVerbRules(unit, node, all);
        addFailureRule(unit, node, all);
        addScores(unit, node, all);
        long score = 0;
        boolean allowed = true;
        for (Contribution each : all) {
            score += each.getScore();
            allowed &= !each.getForbids();
        }
        NodeVerdict verdict = NodeVerdict.newBuilder()
                .setNode(node.getName())
                .setAllowed(allowed)
                .setScore(score)
                .addAllContributions(all)
                .build();
        return new Candidate(node, verdict, survey.ownedBy(node.getName()).size());
    }

    /** Whether the unit's file lets it run on a node at all, in whichever phase the node is. */
    static boolean isEligible(ClusterState state, UnitView unit, String node) {
        return placementObstacles(state, unit, node).isEmpty();
    }

    private void addNodeRules(UnitView unit, NodeRow node, List<Contribution> all) {
        String key = Keys.node(node.getName());
        if (node.getPhase() != NodePhase.NODE_PHASE_UP) {
            all.add(forbids(PHASE, key, "is " + NodeWords.phase(node.getPhase())));
        }
        if (node.hasDrain()) {
            all.add(forbids(DRAIN, key, "is draining"));
        }
        for (ObjectRow member : Units.members(survey.state(), unit.row())) {
            String service = member.getResource().getSystemd().getUnit();
            if (member.getResource().hasSystemd()
                    && Units.isExclusive(unit.row())
                    && node.getAutostartUnitsList().contains(service)) {
                all.add(forbids(AUTOSTART, key, "starts " + service + " at boot"));
            }
        }
    }

    private void addPlacementRules(UnitView unit, NodeRow node, List<Contribution> all) {
        placementObstacles(survey.state(), unit, node.getName())
                .forEach((rule, text) -> all.add(forbids(rule, unit.key(), text)));
    }

    private static Map<String, String> placementObstacles(ClusterState state, UnitView unit, String node) {
        Placement placement = Units.placement(unit.row());
        Map<String, String> obstacles = new TreeMap<>();
        if (placement.getOnlyCount() > 0 && !placement.getOnlyList().contains(node)) {
            obstacles.put(ONLY, "not in only " + placement.getOnlyList());
        }
        if (placement.getAvoidList().contains(node)) {
            obstacles.put(AVOID, "in avoid " + placement.getAvoidList());
        }
        ObjectRow spec = state.object(Keys.nodeSpec(node));
        Map<String, String> labels =
                spec == null ? new TreeMap<>() : spec.getNode().getLabelsMap();
        new TreeMap<>(placement.getOnlyLabelsMap()).forEach((label, value) -> {
            if (!value.equals(labels.get(label))) {
                obstacles.merge(ONLY_LABELS, "lacks label " + label + "=" + value, (one, other) -> one + ", " + other);
            }
        });
        return obstacles;
    }

    private void addVerbRules(UnitView unit, NodeRow node, List<Contribution> all) {
        String pinned = Units.pinnedTo(unit.row());
        if (pinned != null && !pinned.equals(node.getName())) {
            all.add(forbids(PIN, unit.key(), "pinned to " + pinned));
        }
        OperationRow move = survey.move(unit);
        if (move != null && move.getNode().equals(node.getName())) {
            all.add(adds(MOVE, Keys.OPERATIONS + move.getId(), MOVE_SCORE, "move requested"));
        }
        if (move != null && leavesBy(move, unit) && node.getName().equals(formerNode(unit))) {
            all.add(adds(MOVE, Keys.OPERATIONS + move.getId(), -MOVE_SCORE, "move away requested"));
        }
    }

    /** A move that names no node lasts until the first grant after it; until then every other node is better. */
    static boolean leavesBy(OperationRow move, UnitView unit) {
        return move.getNode().isEmpty() && unit.instance().getHighestToken().getRevision() < move.getStartedRevision();
    }

    private static String formerNode(UnitView unit) {
        return unit.instance().hasOwnership()
                ? unit.instance().getOwnership().getNode()
                : unit.instance().getLastNode();
    }

    private void addFailureRule(UnitView unit, NodeRow node, List<Contribution> all) {
        if (Failures.bans(survey.state(), unit, node.getName())) {
            int count = Failures.countOn(unit.instance(), node.getName());
            all.add(forbids(
                    FAILURES, Keys.instance(unit.instance().getId()), "failed " + UnitReasons.times(count) + " there"));
        }
    }

    private void addScores(UnitView unit, NodeRow node, List<Contribution> all) {
        Integer prefer = Units.placement(unit.row()).getPreferMap().get(node.getName());
        if (prefer != null) {
            all.add(adds(PREFER, unit.key(), prefer, "prefer " + prefer));
        }
        if (unit.isOwnedBy(node.getName())) {
            int stickiness = Units.stickiness(unit.row());
            all.add(adds(STICKINESS, unit.key(), stickiness, "stickiness " + stickiness));
        }
    }

    private static Contribution forbids(String rule, String source, String text) {
        return Contribution.newBuilder()
                .setRule(rule)
                .setSource(source)
                .setForbids(true)
                .setText(text)
                .build();
    }

    private static Contribution adds(String rule, String source, long score, String text) {
        return Contribution.newBuilder()
                .setRule(rule)
                .setSource(source)
                .setScore(score)
                .setText(text)
                .build();
    }
}
