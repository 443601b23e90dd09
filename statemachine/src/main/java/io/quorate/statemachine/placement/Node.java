package io.quorate.statemachine.placement;

/** A machine of one problem with its number: what is known by node is kept in arrays, at that number. */
final class Node {
    final int index;
    /** Its place among the names in ascending order. */
    final int rank;

    final Machine machine;
    /** Whether something may be started there; of a remote node or guest, once what connects to it has its place. */
    boolean available;
    /** What connects to it has a place, and so whatever was in doubt there will be known. */
    boolean connects;

    Node(int index, int rank, Machine machine) {
        this.index = index;
        this.rank = rank;
        this.machine = machine;
        this.available = machine.isAvailable();
    }

    /** What connects to it has been given a place, or none. */
    void connect(boolean up) {
        connects = up && (machine.isGuest() || machine.pending() || !machine.unclean());
        available = connects && !machine.standby() && !machine.shuttingDown() && !machine.maintenance();
    }

    String name() {
        return machine.name();
    }

    @Override
    public String toString() {
        return name();
    }
}
