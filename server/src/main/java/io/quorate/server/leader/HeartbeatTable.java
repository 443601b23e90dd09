package io.quorate.server.leader;

import io.quorate.log.v1.NodeRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * When each node was last heard, by arrival, on this leader's monotonic clock. Soft state: a new leader begins with an
 * empty table and gives every node its full time (NewLeader). Written by the loop's thread only; {@link #ages} may be
 * read from any thread.
 */
final class HeartbeatTable {

    /** Why a node is suspected, for history. */
    static final String SILENT = "silent";

    static final String BROKEN = "connection broken, kernel answered";
    static final String DETACHED = "announced restart of its agent took too long";

    /**
     * What is known of one node in this term.
     *
     * @param heardNanos the last sign of life; the start of the watch for a node that never spoke
     * @param acceptedNanos arrival of the last renewal that was answered with a lease; the start of the watch before that
     * @param deadlineNanos past it the node counts as lost
     * @param spoke whether this leader has heard the node itself
     */
    record Contact(
            long incarnation,
            long session,
            long heardNanos,
            long acceptedNanos,
            long deadlineNanos,
            boolean spoke,
            String suspicion) {

        private Contact heard(long atNanos, long newDeadlineNanos, String newSuspicion) {
            return new Contact(
                    incarnation,
                    session,
                    Math.max(heardNanos, atNanos),
                    acceptedNanos,
                    Math.max(deadlineNanos, newDeadlineNanos),
                    true,
                    newSuspicion);
        }

        private Contact accepted(long atNanos) {
            return new Contact(
                    incarnation,
                    session,
                    heardNanos,
                    Math.max(acceptedNanos, atNanos),
                    deadlineNanos,
                    spoke,
                    suspicion);
        }

        private Contact deadline(long newDeadlineNanos, String newSuspicion) {
            return new Contact(incarnation, session, heardNanos, acceptedNanos, newDeadlineNanos, spoke, newSuspicion);
        }
    }

    private final ConcurrentSkipListMap<String, Contact> contacts = new ConcurrentSkipListMap<>();

    /**
     * Begins to watch a node, or begins again when it has registered anew: a registration is a sign of life.
     *
     * @param firstOfTerm whether the row was there when this leader began, so that the node has not spoken to it
     */
    void track(NodeRow row, long nowNanos, long timeoutNanos, boolean firstOfTerm) {
        Contact known = contacts.get(row.getName());
        if (known != null && known.session == row.getSession() && known.incarnation == row.getIncarnation()) {
            if (row.getDetaching() && !known.suspicion.equals(DETACHED)) {
                contacts.put(row.getName(), known.deadline(nowNanos + timeoutNanos, DETACHED));
            }
            return;
        }
        contacts.put(
                row.getName(),
                new Contact(
                        row.getIncarnation(),
                        row.getSession(),
                        nowNanos,
                        nowNanos,
                        nowNanos + timeoutNanos,
                        !firstOfTerm,
                        row.getDetaching() ? DETACHED : SILENT));
    }

    /** Records a sign of life of the agent process that the table knows; others are ignored. */
    void heard(String node, long incarnation, long session, long arrivalNanos, long timeoutNanos) {
        contacts.computeIfPresent(
                node,
                (name, known) -> known.incarnation == incarnation && known.session == session
                        ? known.heard(
                                arrivalNanos,
                                arrivalNanos + timeoutNanos,
                                known.suspicion.equals(DETACHED) ? DETACHED : SILENT)
                        : known);
    }

    /** Records that a renewal which arrived then was answered with a lease. */
    void accepted(String node, long incarnation, long arrivalNanos) {
        contacts.computeIfPresent(
                node, (name, known) -> known.incarnation == incarnation ? known.accepted(arrivalNanos) : known);
    }

    /**
     * The node's kernel closed the connection: its agent died, the machine lives. It gets the grace to come back,
     * counted from when its silence would have been noticed at the latest, so that breaking again and again gains
     * nothing.
     */
    void connectionBroken(String node, long session, long nowNanos, long suspectNanos, long graceNanos) {
        contacts.computeIfPresent(node, (name, known) -> {
            if (known.session != session || known.suspicion.equals(DETACHED)) {
                return known;
            }
            long from = Math.min(nowNanos, known.heardNanos + suspectNanos);
            return known.deadline(Math.max(known.deadlineNanos, from + graceNanos), BROKEN);
        });
    }

    /** The leader itself was late: nobody may be blamed for that time. */
    void extend(long lateNanos) {
        contacts.replaceAll((name, known) -> known.deadline(known.deadlineNanos + lateNanos, known.suspicion));
    }

    /** The contacts whose deadline has passed, by node. */
    Map<String, Contact> overdue(long nowNanos) {
        Map<String, Contact> result = new TreeMap<>();
        contacts.forEach((name, known) -> {
            if (nowNanos - known.deadlineNanos > 0) {
                result.put(name, known);
            }
        });
        return result;
    }

    Optional<Contact> contact(String node) {
        return Optional.ofNullable(contacts.get(node));
    }

    /** Whether the node renewed its lease within the given time. */
    boolean fresh(String node, long incarnation, long nowNanos, long withinNanos) {
        Contact known = contacts.get(node);
        return known != null
                && known.incarnation == incarnation
                && known.spoke
                && nowNanos - known.heardNanos <= withinNanos;
    }

    /** Stops watching nodes that are no longer in the state. */
    void retain(Set<String> nodes) {
        List<String> gone = new ArrayList<>();
        for (String name : contacts.keySet()) {
            if (!nodes.contains(name)) {
                gone.add(name);
            }
        }
        gone.forEach(contacts::remove);
    }

    /** Time since each node was last heard. Any thread. */
    Map<String, Duration> ages(long nowNanos) {
        Map<String, Duration> result = new TreeMap<>();
        contacts.forEach((name, known) -> result.put(name, Duration.ofNanos(Math.max(0, nowNanos - known.heardNanos))));
        return result;
    }
}
