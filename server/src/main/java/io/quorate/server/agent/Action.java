package io.quorate.server.agent;

import io.quorate.agent.v1.DesiredInstance;
import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.MigrationOrder;

/** The next step for one instance. */
public sealed interface Action {
    String instance();

    /** Begin to keep a record of an instance, or of members that were added to it. */
    record Track(String instance, DesiredInstance desired) implements Action {}

    /** Record the new token of what runs already, or of what is stopped; nothing is started or stopped. */
    record TakeOver(String instance, DesiredInstance desired) implements Action {}

    /** Find out whether a member runs. */
    record Look(String instance, String resource) implements Action {}

    /** Watch at once a member whose start was successful: it counts as running when a monitor says so. */
    record Monitor(String instance, String resource) implements Action {}

    /** Start a member under the instance's token. */
    record Start(String instance, DesiredMember member) implements Action {}

    /** Send a member to another node with migrate_to, once for the token number of the order. */
    record Send(String instance, String resource, MigrationOrder order) implements Action {}

    /** Take a member over with migrate_from, from the node that sent it. */
    record Arrive(String instance, DesiredMember member, String fromNode) implements Action {}

    /**
     * Stop a member with the definition that it was started with, and verify.
     *
     * @param forGood the token is given up with it: it is never started here again, whatever comes (Tombstone)
     */
    record Stop(String instance, String resource, boolean forGood) implements Action {}

    /** Drop the record of a stopped member that is no longer part of the instance. */
    record Forget(String instance, String resource) implements Action {}

    /** Every member is verified stopped: never start this token again, and report it released. */
    record Retire(String instance) implements Action {}

    /** Drop the record of an instance whose release is done with. */
    record Drop(String instance) implements Action {}

    /**
     * Tell a copy that others of its clone changed.
     *
     * @param change what it is told, and how things were before
     */
    record Tell(String instance, String resource, PeerChanges.Change change) implements Action {}
}
