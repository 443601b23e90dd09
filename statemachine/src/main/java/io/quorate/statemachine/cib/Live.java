package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.OnFail;
import io.quorate.statemachine.placement.Role;

/** What a node's history says of one resource there. Mutable while it is read. */
final class Live {
    final Item item;
    /** As the history calls it: {@code db:2}. */
    final String historyId;

    final NodeStatus node;
    Role role = Role.STOPPED;
    OnFail onFail = OnFail.IGNORE;
    boolean failed;
    boolean failureIgnored;
    boolean blocked;
    boolean orphan;
    /** Of a bundle's replica: its container is there, whatever is inside. */
    boolean occupied;
    /** It moved away while it ran, and nobody has stopped yet what is left of it. */
    boolean leftover;
    /** It came here while it ran, and nobody knows whether it arrived. */
    boolean arriving;
    /** Its parameters are others by now than those that it runs with. */
    boolean outdated;
    /** An operation that runs; empty for none. */
    String pending = "";
    /** It cannot run on this node: its agent is not there, or refuses its parameters. */
    boolean banned;
    /** It must stop, or may not start, whatever else is wanted. */
    boolean stopped;

    Live(Item item, String historyId, NodeStatus node) {
        this.item = item;
        this.historyId = historyId;
        this.node = node;
    }

    boolean isActive() {
        return role.isActive();
    }

    /** Whether somebody who asks what runs is told of it: instances of clones in a guest that is gone run no more. */
    boolean isListed() {
        boolean gone = node.kind == NodeStatus.Kind.GUEST && !node.online;
        return isActive() && !(gone && item.enclosingClone().isPresent());
    }

    /** As what it is up when nothing more is known. */
    Role active() {
        return item.isPromotable() ? Role.UNPROMOTED : Role.STARTED;
    }

    @Override
    public String toString() {
        return historyId + " " + role + " on " + node;
    }
}
