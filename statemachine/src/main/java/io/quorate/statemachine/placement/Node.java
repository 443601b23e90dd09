package io.quorate.statemachine.placement;

/** A machine of one problem with its number: what is known by node is kept in arrays, at that number. */
final class Node {
    final int index;
    /** Its place among the names in ascending order. */
    final int rank;

    final Machine machine;
    /** Whether something may be started there now. */
    final boolean available;

    Node(int index, int rank, Machine machine) {
        this.index = index;
        this.rank = rank;
        this.machine = machine;
        this.available = machine.isAvailable();
    }

    String name() {
        return machine.name();
    }

    @Override
    public String toString() {
        return name();
    }
}
