package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Slot.Bond;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hears how a run of the engine comes to its scores. {@link None} costs one empty call for each step, {@link Choices} keeps
 * what was chosen, {@link Recorder} all that it hears.
 */
public abstract sealed class Trace permits Trace.None, Choices, Recorder {
    Trace() {}

    /** The scores of a slot have just been changed by a location. */
    void located(Slot slot, String rule) {}

    /** The scores of a slot have just been changed by something about itself. */
    void scored(Slot slot, Cause cause) {}

    /** A dependent's scores have just been changed by where its primary is. */
    void followed(Slot dependent, Bond bond) {}

    /** A primary's scores have just been changed by what a dependent wants. */
    void heard(Slot primary, Bond bond) {}

    /** The nodes where not that much is left are out. */
    void limited(Slot slot, Map<String, Integer> needed, NodeChoice choice) {}

    /** Now a top-level slot is placed, with those before it that it depends on. */
    void turn(Slot slot) {}

    /** A slot was given a node, or none. */
    void chosen(Slot slot, @Nullable Node node) {}

    /** An instance of a clone is to be promoted where it is. */
    void promoted(Slot instance) {}

    /** What is where in the end. */
    void placed(Slot slot, Answer.Placed placed) {}

    /** It was given another place than that where it is and might have stayed. */
    void left(Single single) {}

    /** An instance that is promoted, and might have stayed so, is not to be. */
    void demoted(Slot instance) {}

    /** Why a score is what it is. */
    public enum Cause {
        /** The node takes nothing new. */
        NOT_AVAILABLE,
        LOCATION,
        /** Nothing says that it may be there. */
        OPT_IN,
        /** It runs there. */
        STICKINESS,
        /** It stays there whatever is better. */
        KEPT,
        /** It failed there too often. */
        FAILURES,
        /** Nothing wants it to run. */
        NOT_WANTED,
        /** It follows, or keeps away from, something that has been placed. */
        COLOCATION,
        /** Something that will follow it, or keep away from it, has wishes of its own. */
        INFLUENCE,
        /** The node has not enough left. */
        CAPACITY,
        /** The node has as many instances of the clone as it may have, or there are as many as there may be. */
        FULL,
        /** The agent there said what being promoted there is worth. */
        PROMOTION
    }

    /** Nobody listens. */
    static final class None extends Trace {}
}
