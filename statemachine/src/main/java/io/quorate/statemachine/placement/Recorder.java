package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Slot.Bond;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps how one run of the engine came to its scores, and tells it for one slot and node as a table of contributions.
 * For a single thread; for the one problem that it was made for.
 */
public final class Recorder extends Trace {
    private static final Map<String, String> NO_TEXTS = Collections.emptySortedMap();

    private final Problem problem;
    private final Map<String, Problem.Location> locations = new LinkedHashMap<>();
    private final Map<String, List<Step>> steps = new LinkedHashMap<>();
    private final Map<String, Integer> indexes = new LinkedHashMap<>();

    public Recorder(Problem problem) {
        this.problem = problem;
        problem.locations().forEach(location -> locations.put(location.id(), location));
        problem.machines().forEach(machine -> indexes.put(machine.name(), indexes.size()));
    }

    /**
     * What one rule adds to the score of a node.
     *
     * @param rule id of the location or colocation; empty for what is no rule
     * @param other id of the slot that it was about; empty for what is about the slot alone
     * @param score minus infinity forbids the node
     * @param text for people: {@code must be near db, which is on n2}
     */
    public record Contribution(Cause cause, String rule, String other, int score, String text) {
        public boolean forbids() {
            return score <= -Score.INFINITY;
        }
    }

    /** One change of a slot's scores. */
    private static final class Step {
        final Cause cause;
        final String rule;
        final @Nullable Bond bond;
        /** Where the primary was then, for a colocation. */
        final Optional<String> place;
        /** Scores by the number of the node, after the step. */
        final int[] after;
        /** What is to be said about single nodes. */
        final Map<String, String> texts;

        Step(
                Cause cause,
                String rule,
                @Nullable Bond bond,
                Optional<String> place,
                int[] after,
                Map<String, String> texts) {
            this.cause = cause;
            this.rule = rule;
            this.bond = bond;
            this.place = place;
            this.after = after;
            this.texts = texts;
        }
    }

    @Override
    void located(Slot slot, String rule) {
        add(slot, new Step(Cause.LOCATION, rule, null, Optional.empty(), slot.scores.clone(), NO_TEXTS), true);
    }

    @Override
    void scored(Slot slot, Cause cause) {
        add(slot, new Step(cause, "", null, Optional.empty(), slot.scores.clone(), NO_TEXTS), false);
    }

    @Override
    void followed(Slot dependent, Bond bond) {
        Optional<String> place =
                bond.primary().singles().flatMap(Recorder::place).findFirst();
        add(dependent, new Step(Cause.COLOCATION, rule(bond), bond, place, dependent.scores.clone(), NO_TEXTS), true);
    }

    @Override
    void heard(Slot primary, Bond bond) {
        add(
                primary,
                new Step(Cause.INFLUENCE, rule(bond), bond, Optional.empty(), primary.scores.clone(), NO_TEXTS),
                false);
    }

    @Override
    void limited(Slot slot, Map<String, Integer> needed, NodeChoice choice) {
        Map<String, String> texts = new TreeMap<>();
        for (Node node : choice.nodes()) {
            needed.forEach((what, amount) -> {
                int left = choice.left(node, what);
                if (left < amount) {
                    String text = "needs " + amount + " " + what + ", has " + Math.max(0, left) + " left";
                    texts.merge(node.name(), text, (one, more) -> one + ", " + more);
                }
            });
        }
        add(slot, new Step(Cause.CAPACITY, "", null, Optional.empty(), slot.scores.clone(), texts), !texts.isEmpty());
    }

    private static Stream<String> place(Single single) {
        @Nullable Node node = single.assignedTo;
        return node == null ? Stream.empty() : Stream.of(node.name());
    }

    private static String rule(Bond bond) {
        return bond.rule().map(Problem.Colocation::id).orElse("");
    }

    private void add(Slot slot, Step step, boolean always) {
        List<Step> before = steps.computeIfAbsent(slot.id, id -> new ArrayList<>());
        int[] last = before.isEmpty() ? new int[step.after.length] : before.get(before.size() - 1).after;
        if (always || !Arrays.equals(last, step.after)) {
            before.add(step);
        }
    }

    /** A slot's score on a node when its node was chosen; minus infinity when it may not be there. */
    public int score(String slot, String machine) {
        List<Step> all = steps.getOrDefault(slot, List.of());
        int index = index(machine);
        if (index < 0) {
            return -Score.INFINITY;
        }
        int score = all.isEmpty() ? 0 : all.get(all.size() - 1).after[index];
        boolean forbidden = contributions(slot, machine).stream().anyMatch(Contribution::forbids);
        return forbidden ? -Score.INFINITY : score;
    }

    private int index(String machine) {
        return indexes.getOrDefault(machine, -1);
    }

    /** Everything that led to a slot's score on a node, in the order in which it counted. */
    public List<Contribution> contributions(String slot, String machine) {
        List<Contribution> all = new ArrayList<>();
        int index = index(machine);
        if (index < 0) {
            return all;
        }
        Machine node = problem.machines().get(index);
        if (!node.isAvailable()) {
            all.add(new Contribution(Cause.NOT_AVAILABLE, "", "", -Score.INFINITY, "takes nothing new"));
        }
        int before = 0;
        for (Step step : steps.getOrDefault(slot, List.of())) {
            int score = contribution(step, node, before, step.after[index]);
            before = step.after[index];
            if (score != 0) {
                all.add(new Contribution(step.cause, step.rule, other(slot, step), score, text(step, node, score)));
            }
        }
        return all;
    }

    private static String other(String slot, Step step) {
        if (step.bond == null) {
            return "";
        }
        // What a clone hears, its instances hear too.
        boolean isPrimary =
                step.cause == Cause.INFLUENCE || step.bond.primary().id.equals(slot);
        return isPrimary ? step.bond.dependent().id : step.bond.primary().id;
    }

    /** What the step added. A ban after a ban does not show in the scores: what the rule says counts. */
    private int contribution(Step step, Machine node, int before, int after) {
        int moved = after <= -Score.INFINITY && before > -Score.INFINITY
                ? -Score.INFINITY
                : before <= -Score.INFINITY ? 0 : after - before;
        return switch (step.cause) {
            case LOCATION -> {
                Problem.Location location = locations.get(step.rule);
                yield location == null ? moved : location.scores().getOrDefault(node.name(), 0);
            }
            case COLOCATION -> mandatory(step, node).orElse(moved);
            case CAPACITY -> step.texts.containsKey(node.name()) ? -Score.INFINITY : 0;
            case NOT_AVAILABLE, OPT_IN, STICKINESS, KEPT, FAILURES, NOT_WANTED, INFLUENCE, FULL, PROMOTION -> moved;
        };
    }

    private Optional<Integer> mandatory(Step step, Machine node) {
        if (step.bond == null || step.bond.rule().isEmpty() || !(step.bond.primary() instanceof Single)) {
            return Optional.empty();
        }
        Problem.Colocation rule = step.bond.rule().get();
        boolean same = step.place
                .flatMap(this::machine)
                .flatMap(primary -> primary.attribute(rule.attribute()))
                .filter(value -> node.attribute(rule.attribute()).equals(Optional.of(value)))
                .isPresent();
        if (rule.score() >= Score.INFINITY) {
            return Optional.of(same ? 0 : -Score.INFINITY);
        }
        return rule.score() <= -Score.INFINITY ? Optional.of(same ? -Score.INFINITY : 0) : Optional.empty();
    }

    private Optional<Machine> machine(String name) {
        int index = index(name);
        return index < 0 ? Optional.empty() : Optional.of(problem.machines().get(index));
    }

    private static String text(Step step, Machine node, int score) {
        String amount = Score.inWords(score);
        Bond bond = step.bond;
        return switch (step.cause) {
            case NOT_AVAILABLE -> "takes nothing new";
            case OPT_IN -> "nothing says that it may run there";
            case LOCATION -> step.rule + " " + amount;
            case STICKINESS -> "stickiness " + amount;
            case KEPT -> "stays there for now";
            case FAILURES -> "failed too often there";
            case NOT_WANTED -> "is not wanted";
            case COLOCATION -> bond == null ? amount : colocation(bond, step.place, amount);
            case INFLUENCE -> bond == null ? amount : "good for " + bond.dependent().id + " " + amount;
            case CAPACITY -> step.texts.getOrDefault(node.name(), "has not enough left");
            case FULL -> "takes no more instances";
            case PROMOTION -> "promotion " + amount;
        };
    }

    private static String colocation(Bond bond, Optional<String> place, String amount) {
        String primary = bond.primary().id;
        String where = place.map(name -> "is on " + name).orElse("runs nowhere");
        if (bond.score() >= Score.INFINITY) {
            return "must be near " + primary + ", which " + where;
        }
        if (bond.score() <= -Score.INFINITY) {
            return "must be apart from " + primary + ", which " + where;
        }
        return (bond.score() > 0 ? "near " : "apart from ") + primary + " " + amount;
    }
}
