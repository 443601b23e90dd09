package io.quorate.statemachine.placement;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A node: where things can run.
 *
 * @param online a member, or connected to
 * @param unclean nobody can say what it does: before it is fenced, what ran there counts as running
 * @param pending a member that has not joined yet: nothing is started there, and nothing is known of it; of a remote node:
 *     it is unclean only when no connection to it can be made
 * @param standby it may run nothing
 * @param maintenance nothing is done with what runs there
 * @param shuttingDown everything has to leave it
 * @param fencible somebody can switch it off
 * @param container the resource that is this node: for a remote node the connection, which has its name; for a guest the
 *     virtual machine; for the inside of a bundle's replica the bundle with its number ({@code web:2}): nothing else runs there
 * @param attributes for rules and for colocation by attribute; {@code #uname} is its name
 * @param capacity how much of each thing it has, for utilization
 */
public record Machine(
        String name,
        boolean online,
        boolean unclean,
        boolean pending,
        boolean standby,
        boolean maintenance,
        boolean shuttingDown,
        boolean fencible,
        Optional<String> container,
        SortedMap<String, String> attributes,
        SortedMap<String, Integer> capacity) {
    public Machine {
        attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
        capacity = Collections.unmodifiableSortedMap(new TreeMap<>(capacity));
    }

    /** Whether something may be started there now. */
    public boolean isAvailable() {
        return online && !unclean && !pending && !standby && !shuttingDown && !maintenance;
    }

    /** Another resource is this node: it is fenced by recovering that. */
    boolean isGuest() {
        return container.isPresent() && !container.get().equals(name);
    }

    boolean isReplica() {
        return container.isPresent() && container.get().indexOf(':') >= 0;
    }

    /** The same node, off and known to be. */
    public Machine asOff() {
        return new Machine(
                name,
                false,
                false,
                false,
                standby,
                maintenance,
                shuttingDown,
                fencible,
                container,
                attributes,
                capacity);
    }

    Machine asUnclean() {
        return new Machine(
                name,
                online,
                true,
                pending,
                standby,
                maintenance,
                shuttingDown,
                fencible,
                container,
                attributes,
                capacity);
    }

    /** The value of an attribute; the name is one. */
    public Optional<String> attribute(String attribute) {
        return attribute.equals("#uname") ? Optional.of(name) : Optional.ofNullable(attributes.get(attribute));
    }
}
