package io.quorate.statemachine.placement;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps what one run of the engine chose, also for what is not up in the end. For a single thread. */
public final class Choices extends Trace {
    private final Map<String, String> chosen = new LinkedHashMap<>();

    @Override
    void chosen(Slot slot, @Nullable Node node) {
        if (node != null) {
            chosen.put(slot.id, node.name());
        }
    }

    /** The node that a slot was given before anybody asked whether what it needs is up; empty when it had none. */
    public Optional<String> of(String slot) {
        return Optional.ofNullable(chosen.get(slot));
    }
}
