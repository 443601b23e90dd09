package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Something that is to be placed: a primitive, a group, a clone, or one instance of what a clone multiplies. Mutable: the
 * working state of one run of the engine.
 */
abstract sealed class Slot permits Single, Series, Copies {
    final String id;
    final Meta meta;
    final @Nullable Slot parent;
    /** Score of every node where it may be; a node that is missing is out of the question. */
    Map<Machine, Integer> scores = new LinkedHashMap<>();
    /** The rules in which it is the dependent, and those in which it is the primary. */
    final List<Bond> bonds = new ArrayList<>();

    final List<Bond> dependents = new ArrayList<>();
    boolean assigned;
    /** Guards against going round in circles. */
    boolean assigning;

    boolean merging;
    /** Of two, the one of higher priority is placed first. */
    int priority;

    Slot(String id, Meta meta, @Nullable Slot parent) {
        this.id = id;
        this.meta = meta;
        this.parent = parent;
        this.priority = meta.priority();
    }

    /**
     * A colocation between slots.
     *
     * @param rule empty: members of a group stay together
     */
    record Bond(
            Optional<Problem.Colocation> rule,
            Slot dependent,
            Optional<Role> dependentRole,
            Slot primary,
            Optional<Role> primaryRole,
            int score,
            String attribute,
            boolean influence) {
        /** Whether what the dependent wants counts for the primary: an unimportant one that does not run here does not. */
        boolean hasInfluence() {
            return influence || dependent.isActive();
        }
    }

    abstract Stream<Slot> children();

    /** Every primitive instance inside, in order. */
    Stream<Single> singles() {
        return this instanceof Single single ? Stream.of(single) : children().flatMap(Slot::singles);
    }

    boolean isActive() {
        return singles().anyMatch(single -> !single.running.isEmpty());
    }

    /** The clone that it is an instance of, or in one of. */
    Optional<Copies> copies() {
        for (Slot slot = this; slot != null; slot = slot.parent) {
            if (slot instanceof Copies copies) {
                return Optional.of(copies);
            }
        }
        return Optional.empty();
    }

    boolean isPromotable() {
        return copies().map(copies -> copies.of.promotable()).orElse(false);
    }

    int score(Machine machine) {
        return scores.getOrDefault(machine, -Score.INFINITY);
    }

    /** Adds to the score of a node where it may be at all. */
    void add(Machine machine, int delta) {
        scores.computeIfPresent(machine, (key, score) -> Score.add(score, delta));
    }

    /** Adds to it, and makes the node possible when it was not (for clusters where nothing is by default). */
    void allow(Machine machine, int score) {
        scores.merge(machine, Score.limited(score), Score::add);
    }

    void banEverywhere() {
        scores.replaceAll((machine, score) -> -Score.INFINITY);
    }

    Map<Machine, Integer> copyOfScores() {
        return new LinkedHashMap<>(scores);
    }

    Map<Machine, Integer> view() {
        return Collections.unmodifiableMap(scores);
    }

    @Override
    public String toString() {
        return id;
    }
}
