package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    /** The clone that it is an instance of, or in one of; of a clone: itself. */
    private final @Nullable Copies copies;
    /** Score of every node, at its number; minus infinity: it is out of the question. */
    int[] scores;
    /** The rules in which it is the dependent, and those in which it is the primary. */
    final List<Bond> bonds = new ArrayList<>(0);

    final List<Bond> dependents = new ArrayList<>(0);
    /** The same with those that it has by being inside something, once somebody asked. */
    @Nullable
    List<Bond> allBonds;

    @Nullable
    List<Bond> allDependents;

    /** The mandatory orders in which others wait for it. */
    final List<Precedence> precedes = new ArrayList<>(0);

    boolean assigned;
    /** Guards against going round in circles. */
    boolean assigning;

    boolean speaking;
    /** The last hearing in which it said what it wants. */
    @Nullable
    Hearing heardBy;

    /** Something in it runs. */
    boolean active;
    /** Of two, the one of higher priority is placed first. */
    int priority;

    Slot(String id, Meta meta, @Nullable Slot parent, int nodes) {
        this.id = id;
        this.meta = meta;
        this.parent = parent;
        this.priority = meta.priority();
        this.copies = this instanceof Copies self ? self : parent == null ? null : parent.copies;
        this.scores = new int[nodes];
    }

    /**
     * A colocation between slots.
     *
     * @param rule empty: members of a group stay together
     * @param sites which nodes count as the same
     */
    record Bond(
            Optional<Problem.Colocation> rule,
            Slot dependent,
            Optional<Role> dependentRole,
            Slot primary,
            Optional<Role> primaryRole,
            int score,
            Sites sites,
            boolean influence) {
        /** Whether what the dependent wants counts for the primary: an unimportant one that does not run here does not. */
        boolean hasInfluence() {
            return influence || dependent.active;
        }

        boolean isMandatory() {
            return score >= Score.INFINITY;
        }

        /** Together, or apart, at any price. */
        boolean isStrict() {
            return score >= Score.INFINITY || score <= -Score.INFINITY;
        }

        /** It decides which instance is promoted, not where instances run. */
        boolean isForPromotion() {
            return dependentRole.isPresent() && dependentRole.get() == Role.PROMOTED;
        }

        /** Whether it is about a primary in this role; without a role, or with the least, every role will do. */
        boolean isAbout(Role role) {
            return primaryRole.isEmpty()
                    || primaryRole.get().compareTo(Role.UNPROMOTED) < 0
                    || primaryRole.get() == role;
        }
    }

    abstract Stream<Slot> children();

    /** Every primitive instance inside, in order. */
    abstract Stream<Single> singles();

    /** The first primitive instance inside: where that goes, all of it goes, but for clones. */
    abstract Single first();

    /** The clone that it is an instance of, or in one of; of a clone: itself. */
    Optional<Copies> copies() {
        return Optional.ofNullable(copies);
    }

    boolean isPromotable() {
        return copies != null && copies.of.promotable();
    }

    boolean isInside(Slot whole) {
        for (Slot each = parent; each != null; each = each.parent) {
            if (each == whole) {
                return true;
            }
        }
        return false;
    }

    int score(Node node) {
        return scores[node.index];
    }

    void add(Node node, int delta) {
        scores[node.index] = Score.add(scores[node.index], delta);
    }

    void ban(Node node) {
        scores[node.index] = -Score.INFINITY;
    }

    void banEverywhere() {
        Arrays.fill(scores, -Score.INFINITY);
    }

    @Override
    public String toString() {
        return id;
    }
}
