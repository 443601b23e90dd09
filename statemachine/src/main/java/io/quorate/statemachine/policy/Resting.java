package io.quorate.statemachine.policy;

/**
 * A unit that a look found where it should be, with nothing more to say of it, and all that rules bind it to as well. While
 * nothing but other instances changes, every look would find the same; only what it puts on its node counts for others.
 *
 * @param position its place among all units of the survey
 * @param turn that of the unit in whose turn the engine places it: itself, or one that depends on it and comes earlier
 */
record Resting(UnitView unit, int position, int turn) {
    String id() {
        return unit.instance().getId();
    }

    String node() {
        return unit.instance().getOwnership().getNode();
    }
}
