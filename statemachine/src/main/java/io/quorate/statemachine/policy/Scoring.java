package io.quorate.statemachine.policy;

import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.placement.Recorder;
import io.quorate.statemachine.placement.Score;
import io.quorate.v1.Contribution;
import io.quorate.v1.NodePhase;
import io.quorate.v1.NodeVerdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What each node is worth to a unit: which rules allow or forbid it, and what they add to its score, as the placement
 * engine counted it. The policy decides by these verdicts and the explainer prints the same ones.
 */
final class Scoring {
    static final String PHASE = "phase";
    static final String DRAIN = "drain";
    static final String MAINTENANCE = "maintenance";
    static final String ONLY = "only";
    static final String AVOID = "avoid";
    static final String ONLY_LABELS = "onlyLabels";
    static final String AUTOSTART = "autostart";
    static final String PIN = "pin";
    static final String FAILURES = "failures";
    static final String HEALTH = "health";
    static final String MOVE = "move";
    static final String PREFER = "prefer";
    static final String STICKINESS = "stickiness";

    static final String LOCATION = "location";
    static final String NEAR = "near";
    static final String APART = "apartFrom";
    static final String INFLUENCE = "influence";
    static final String CAPACITY = "capacity";
    static final String FOUND = "found";
    static final String COPIES = "copies";
    static final String COPY = "copy";
    static final String PROMOTION = "promotion";
    static final String RESTART = "restart";
    static final String HELD = "held";

    private static final List<String> RANKS = List.of(
            PHASE,
            DRAIN,
            MAINTENANCE,
            AUTOSTART,
            AVOID,
            ONLY,
            ONLY_LABELS,
            PIN,
            MOVE,
            FAILURES,
            HEALTH,
            PREFER,
            STICKINESS,
            LOCATION,
            NEAR,
            APART,
            INFLUENCE,
            CAPACITY,
            FOUND,
            COPIES,
            COPY,
            PROMOTION,
            RESTART);

    private final Survey survey;
    private @Nullable Aims aims;

    Scoring(Survey survey) {
        this.survey = survey;
    }

    private Scoring(Survey survey, Aims aims) {
        this.survey = survey;
        this.aims = aims;
    }

    /** What the nodes would be to these units if one of them were off, and all that it owns free. */
    Scoring without(List<UnitView> units, String lost) {
        return new Scoring(survey, aims().without(units, lost));
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

        /** Whether some rule excludes the node; otherwise its score decides. */
        boolean forbidden() {
            return verdict.getContributionsList().stream().anyMatch(Contribution::getForbids);
        }

        /** Why the node may not run the unit, in a few words; its score when it may. */
        String inWords() {
            List<String> words = new ArrayList<>();
            for (Contribution each : verdict.getContributionsList()) {
                if (!forbidden() || each.getForbids()) {
                    words.add(each.getText());
                }
            }
            String name = node.getName();
            if (!forbidden()) {
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

    /** The node where the unit should be, by everything that counts; empty: nowhere. */
    Optional<String> target(UnitView unit) {
        return aims().target(unit.instance().getId());
    }

    /** The target, or the node that would be it if what has to come first were up. */
    Optional<String> aim(UnitView unit) {
        return target(unit).or(() -> aims().solution().choice(unit.instance().getId()));
    }

    /** The copy that a promotion should be of, or would be if what has to come first were up; empty: none. */
    Optional<String> aimedCopy(UnitView promotion) {
        return aims().solution()
                .copy(promotion.name())
                .or(() -> aims().solution().copyChoice(promotion.name()));
    }

    Aims aims() {
        if (aims == null) {
            aims = new Aims(survey);
        }
        return aims;
    }

    /** What a node would be to the unit if no other unit were there: only what its file, verbs and failures say. */
    Candidate alone(UnitView unit, NodeRow node) {
        List<Contribution> all = new ArrayList<>(ofNode(node));
        String name = node.getName();
        String service = Obstacles.autostart(survey.state(), unit, node);
        if (!service.isEmpty()) {
            all.add(forbids(AUTOSTART, Keys.node(name), "starts " + service + " at boot"));
        }
        Obstacles.ofFile(survey.state(), unit, name).forEach((rule, text) -> all.add(forbids(rule, unit.key(), text)));
        String pinned = unit.pinnedTo();
        if (pinned != null && !pinned.equals(name)) {
            all.add(forbids(PIN, unit.key(), "pinned to " + pinned));
        }
        if (Failures.bans(survey.state(), unit, name)) {
            all.add(ofFailures(unit, name));
        }
        if (HealthView.bans(survey.state(), unit, name)) {
            all.add(forbids(HEALTH, Keys.node(name), HealthView.inWords(survey.state(), name)));
        }
        NodeVerdict verdict = NodeVerdict.newBuilder()
                .setNode(name)
                .setAllowed(all.isEmpty())
                .addAllContributions(all)
                .build();
        return new Candidate(node, verdict, survey.ownedBy(name).size());
    }

    Candidate candidate(UnitView unit, NodeRow node) {
        if (unit.isPromotion()) {
            Standing standing = aims().standing(unit.name());
            return new PromotionScoring(survey, aims().builder()).candidate(unit, node, standing);
        }
        String id = aims().solution().engineId(unit);
        String name = node.getName();
        List<Contribution> all = new ArrayList<>();
        for (Recorder.Contribution each : aims().recorder().contributions(id, name)) {
            all.addAll(contributions(unit, node, each));
        }
        all.sort(Comparator.comparingInt(each -> RANKS.indexOf(each.getRule())));
        boolean forbidden = all.stream().anyMatch(Contribution::getForbids);
        long score = forbidden
                ? all.stream().mapToLong(Contribution::getScore).sum()
                : aims().recorder().score(id, name);
        NodeVerdict verdict = NodeVerdict.newBuilder()
                .setNode(name)
                .setAllowed(!forbidden && score >= 0)
                .setScore(score)
                .addAllContributions(all)
                .build();
        return new Candidate(node, verdict, survey.ownedBy(name).size());
    }

    /** What the engine heard, in the words of the files and verbs that it comes from. */
    private List<Contribution> contributions(UnitView unit, NodeRow node, Recorder.Contribution heard) {
        return switch (heard.cause()) {
            case NOT_AVAILABLE -> ofNode(node);
            case LOCATION -> List.of(ofLocation(unit, node, heard));
            case STICKINESS -> List.of(ofStickiness(unit, heard));
            case KEPT -> List.of(of(heard, STICKINESS, unit.key(), heard.text()));
            case COLOCATION -> {
                Relations.Near near = survey.relations().near(heard.rule());
                yield List.of(of(heard, near.score() > 0 ? NEAR : APART, near.source(), heard.text()));
            }
            case INFLUENCE -> {
                Relations.Near near = survey.relations().near(heard.rule());
                yield List.of(of(heard, INFLUENCE, near.source(), ofInfluence(near, heard)));
            }
            case CAPACITY -> List.of(of(heard, CAPACITY, Keys.nodeSpec(node.getName()), heard.text()));
            case FULL -> List.of(forbids(COPIES, unit.key(), ofCopies(unit, node)));
            case PROMOTION -> List.of(of(heard, PROMOTION, unit.key(), "promotion score " + heard.score()));
            case OPT_IN, FAILURES, NOT_WANTED -> List.of();
        };
    }

    private String ofCopies(UnitView copy, NodeRow node) {
        List<String> there = survey.clone(copy).copies().stream()
                .filter(other ->
                        other.isOwnedBy(node.getName()) || target(other).equals(Optional.of(node.getName())))
                .map(UnitView::name)
                .toList();
        return there.isEmpty()
                ? "no more than " + Clones.maxCopies(survey.state(), copy.row()) + " copies"
                : "has " + String.join(", ", there);
    }

    static List<Contribution> ofNode(NodeRow node) {
        List<Contribution> all = new ArrayList<>();
        String key = Keys.node(node.getName());
        if (node.getPhase() != NodePhase.NODE_PHASE_UP) {
            all.add(forbids(PHASE, key, "is " + NodeWords.phase(node.getPhase())));
        }
        if (node.hasDrain()) {
            all.add(forbids(DRAIN, key, "is draining"));
        }
        if (node.hasMaintenance()) {
            all.add(forbids(MAINTENANCE, key, "is in maintenance"));
        }
        return all;
    }

    private Contribution ofLocation(UnitView unit, NodeRow node, Recorder.Contribution heard) {
        String rule = ProblemBuilder.rule(heard.rule());
        String name = node.getName();
        OperationRow move = survey.move(unit);
        return switch (rule) {
            case AUTOSTART ->
                forbids(
                        AUTOSTART,
                        Keys.node(name),
                        "starts " + Obstacles.autostart(survey.state(), unit, node) + " at boot");
            case AVOID, ONLY, ONLY_LABELS ->
                forbids(
                        rule,
                        unit.key(),
                        Obstacles.ofFile(survey.state(), unit, name).getOrDefault(rule, ""));
            case PIN -> forbids(PIN, unit.key(), "pinned to " + Units.pinnedTo(unit.row()));
            case FAILURES -> ofFailures(unit, name);
            case HEALTH -> ofHealth(node, heard);
            case FOUND -> forbids(FOUND, Keys.node(name), "a copy that nobody owns runs there");
            case MOVE ->
                of(
                        heard,
                        MOVE,
                        move == null ? "" : Keys.OPERATIONS + move.getId(),
                        heard.forbids() ? "move away requested" : "move requested");
            case STICKINESS -> of(heard, STICKINESS, unit.key(), "was there");
            case APART ->
                forbids(
                        APART,
                        ProblemBuilder.source(heard.rule()),
                        "left to what must be apart from it and stays there");
            case PREFER -> of(heard, PREFER, unit.key(), "prefer " + heard.score());
            default -> {
                String source = ProblemBuilder.source(heard.rule());
                yield of(heard, LOCATION, source, Keys.bare(source) + " " + Score.inWords(heard.score()));
            }
        };
    }

    private Contribution ofHealth(NodeRow node, Recorder.Contribution heard) {
        String unwell = HealthView.inWords(survey.state(), node.getName());
        String words = unwell.isEmpty() ? "health" : unwell;
        return of(
                heard,
                HEALTH,
                Keys.node(node.getName()),
                heard.forbids() ? words : words + " " + Score.inWords(heard.score()));
    }

    static Contribution ofFailures(UnitView unit, String node) {
        String times = UnitReasons.times(Failures.countOn(unit, node));
        return forbids(FAILURES, Keys.instance(unit.instance().getId()), "failed " + times + " there");
    }

    private Contribution ofStickiness(UnitView unit, Recorder.Contribution heard) {
        int usual = Units.stickiness(unit.row());
        if (unit.isSlot() && heard.score() != usual) {
            return of(heard, STICKINESS, unit.key(), "runs there");
        }
        String text = aims().standing(unit.instance().getId()).stickiness() == usual
                ? "stickiness " + heard.score()
                : "stays there for now";
        return of(heard, STICKINESS, unit.key(), text);
    }

    private static String ofInfluence(Relations.Near near, Recorder.Contribution heard) {
        if (heard.forbids()) {
            return near.score() > 0
                    ? heard.other() + ", which must be near it, may not run there"
                    : "left to " + heard.other() + ", which must be apart from it";
        }
        String how = near.score() < 0 ? "left to " : heard.score() > 0 ? "good for " : "bad for ";
        return how + heard.other() + " " + heard.score();
    }

    /** A move that names no node lasts until the first grant after it; until then every other node is better. */
    static boolean leavesBy(OperationRow move, UnitView unit) {
        return move.getNode().isEmpty() && unit.instance().getHighestToken().getRevision() < move.getStartedRevision();
    }

    static String formerNode(UnitView unit) {
        return unit.instance().hasOwnership()
                ? unit.instance().getOwnership().getNode()
                : unit.instance().getLastNode();
    }

    private static Contribution of(Recorder.Contribution heard, String rule, String source, String text) {
        return heard.forbids() ? forbids(rule, source, text) : adds(rule, source, heard.score(), text);
    }

    static Contribution forbids(String rule, String source, String text) {
        return Contribution.newBuilder()
                .setRule(rule)
                .setSource(source)
                .setForbids(true)
                .setText(text)
                .build();
    }

    static Contribution adds(String rule, String source, long score, String text) {
        return Contribution.newBuilder()
                .setRule(rule)
                .setSource(source)
                .setScore(score)
                .setText(text)
                .build();
    }
}
