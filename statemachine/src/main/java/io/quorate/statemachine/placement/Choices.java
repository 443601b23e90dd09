package io.quorate.statemachine.placement;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Keeps what one run of the engine chose, also for what is not up in the end. For a single thread. */
public final class Choices extends Trace {
    private final Map<String, String> chosen = new LinkedHashMap<>();
    private final Set<String> promoted = new TreeSet<>();
    private final Set<String> demoted = new TreeSet<>();
    private final Map<String, Answer.Placed> answers = new LinkedHashMap<>();
    private final NavigableSet<String> left = new TreeSet<>();
    private final SortedMap<String, String> turns = new TreeMap<>();
    private String turn = "";

    @Override
    void turn(Slot slot) {
        turn = slot.id;
    }

    @Override
    void chosen(Slot slot, @Nullable Node node) {
        if (!slot.id.equals(turn)) {
            turns.put(slot.id, turn);
        }
        if (node != null) {
            chosen.put(slot.id, node.name());
        }
    }

    @Override
    void promoted(Slot instance) {
        promoted.add(instance.id);
    }

    @Override
    void demoted(Slot instance) {
        demoted.add(instance.id);
    }

    @Override
    void placed(Slot slot, Answer.Placed placed) {
        if (slot.copies().isPresent()) {
            answers.put(slot.id, placed);
        }
    }

    @Override
    void left(Single single) {
        left.add(single.id);
    }

    /** Whether an instance of a clone was to be promoted before anybody asked whether what that needs is up. */
    public boolean isPromoted(String slot) {
        return promoted.contains(slot);
    }

    /** Whether an instance of a clone is promoted, might have stayed so, and is not to be. */
    public boolean isDemoted(String slot) {
        return demoted.contains(slot);
    }

    /** What the answer says of an instance of a clone; empty: it is nowhere. */
    public Optional<Answer.Placed> placed(String slot) {
        return Optional.ofNullable(answers.get(slot));
    }

    /** Primitives that were given another place although where they are there was one for them. */
    public NavigableSet<String> left() {
        return left;
    }

    /** The top-level slots in whose turns others were placed, which depend on these, by the others' ids. */
    public SortedMap<String, String> turns() {
        return turns;
    }

    /** The node that a slot was given before anybody asked whether what it needs is up; empty when it had none. */
    public Optional<String> of(String slot) {
        return Optional.ofNullable(chosen.get(slot));
    }
}
