package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Role;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What nodes are and what runs on them at one moment.
 *
 * @param nodes by name, in the order of the file
 * @param running what is active, instance by instance; instances are not told apart by number
 */
public record Snapshot(Map<String, NodeState> nodes, List<Running> running) {
    public Snapshot {
        nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
        running = List.copyOf(running);
    }

    /**
     * What a node is.
     *
     * @param unclean nobody can say what it does: it has to be fenced
     * @param pending it has not joined yet
     * @param health {@code red} or {@code yellow}; empty: nothing is wrong
     */
    public record NodeState(
            boolean online,
            boolean unclean,
            boolean pending,
            boolean standby,
            boolean maintenance,
            Optional<String> health) {
        /** What it is once it was fenced or has left: nothing of it is in doubt any more. */
        NodeState gone() {
            return new NodeState(false, false, false, standby, maintenance, health);
        }

        NodeState joined() {
            return new NodeState(true, false, false, standby, maintenance, health);
        }
    }

    /**
     * An active instance of a primitive.
     *
     * @param starting its start has not ended
     * @param flags what else is known of it, in Pacemaker's words: {@code failed}, {@code blocked}, {@code unmanaged}, ...
     */
    public record Running(String resource, String node, Role role, boolean starting, List<String> flags) {
        public Running {
            flags = List.copyOf(flags);
        }
    }
}
