package io.quorate.statemachine.policy;

import io.quorate.v1.NodeVerdict;
import io.quorate.v1.Reason;
import io.quorate.v1.RunState;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What there is to say about one state.
 *
 * @param summary one sentence about the whole cluster
 * @param attention what needs a person, worst first
 * @param units by key, {@code groups/web}
 * @param nodes by name, what is to be said about each; empty for a node as it should be
 */
public record Explanation(
        String summary,
        List<Reason> attention,
        SortedMap<String, OfUnit> units,
        SortedMap<String, List<Reason>> nodes) {
    public Explanation {
        attention = List.copyOf(attention);
        units = Collections.unmodifiableSortedMap(new TreeMap<>(units));
        nodes = Collections.unmodifiableSortedMap(new TreeMap<>(nodes));
    }

    /**
     * One unit.
     *
     * @param key {@code groups/web}
     * @param node that owns it; of a clone, the first one where it is promoted; empty when nobody does
     * @param wanted whether it should run
     * @param reasons why it is not running, not moving or waiting; empty when it runs as it should
     * @param survival whether it goes on after the loss of the node that it is on; a clone: of any of its nodes
     * @param slots of a clone, copies by number and then promotions; empty for others
     */
    public record OfUnit(
            String key,
            String node,
            RunState state,
            boolean wanted,
            List<Reason> reasons,
            Survival survival,
            List<OfSlot> slots) {
        public OfUnit(
                String key, String node, RunState state, boolean wanted, List<Reason> reasons, Survival survival) {
            this(key, node, state, wanted, reasons, survival, List.of());
        }

        public OfUnit {
            reasons = List.copyOf(reasons);
            slots = List.copyOf(slots);
        }
    }

    /**
     * One copy of a clone, or one promotion.
     *
     * @param id {@code db:0}, {@code db:promoted:0}
     * @param node that owns it; empty when nobody does
     * @param copy of an owned promotion: the copy that is promoted; else empty
     * @param state of a promotion: RUNNING when the copy is promoted
     * @param reasons why it is where it is not, or waits; empty when it is as it should be
     */
    public record OfSlot(String id, String node, String copy, RunState state, List<Reason> reasons) {
        public OfSlot {
            reasons = List.copyOf(reasons);
        }
    }

    /** Whether a unit survives the loss of its node; if not, why. */
    public record Survival(boolean survives, Optional<Reason> whyNot) {
        static final Survival YES = new Survival(true, Optional.empty());

        static Survival no(Reason why) {
            return new Survival(false, Optional.of(why));
        }
    }

    /**
     * Where a unit may run and what each node is worth to it, best first, by the policy's own scores.
     *
     * @param reasons why it is where it is, or what it waits for
     * @param remedies what would have to change for it to run on the other nodes: first what holds it on all of them, which
     *     names no node, then what is about one, which is its second object
     * @param copies of a clone
     */
    public record OfPlacement(
            String key,
            String node,
            List<NodeVerdict> verdicts,
            List<Reason> reasons,
            List<Reason> remedies,
            Optional<OfCopies> copies) {
        public OfPlacement {
            verdicts = List.copyOf(verdicts);
            reasons = List.copyOf(reasons);
            remedies = List.copyOf(remedies);
        }
    }

    /**
     * Where a clone has copies, and may have one promoted.
     *
     * @param nodes that have copies
     * @param verdicts what each node is worth to what is promoted, best first; empty: it is not promotable
     * @param remedies what would have to change for a copy on another node to be promoted
     */
    public record OfCopies(List<String> nodes, List<NodeVerdict> verdicts, List<Reason> remedies) {
        public OfCopies {
            nodes = List.copyOf(nodes);
            verdicts = List.copyOf(verdicts);
            remedies = List.copyOf(remedies);
        }
    }
}
