package io.quorate.statemachine.cib;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A node as a CIB shows it. Mutable while the status section is read: what runs on a node says something of it, too. */
final class NodeStatus {
    /** What kind of machine it is. */
    enum Kind {
        MEMBER,
        REMOTE,
        GUEST
    }

    final String id;
    final String name;
    final Kind kind;
    final SortedMap<String, String> attributes = new TreeMap<>();
    /** How much it has of what resources use. */
    final SortedMap<String, String> capacity = new TreeMap<>();

    /** The resource that is this node, for a guest: a virtual machine or the container of a bundle's replica. */
    final Optional<String> container;
    /** Of a bundle's replica: which. */
    final Optional<Bundle.Replica> replica;

    boolean online;
    /** Nobody can say what it does: it has to be fenced. */
    boolean unclean;
    /** A member that has not joined yet: it runs nothing. */
    boolean pending;

    boolean standby;
    boolean maintenance;
    /** It wants to leave: everything has to move off it. */
    boolean shuttingDown;
    /** Nothing was ever heard of it. */
    boolean unseen = true;

    /** Nothing in the configuration connects to it any more. */
    boolean removed;
    /** There is a connection to it, for a remote node. */
    boolean connected;
    /** It is unclean only as long as the connection to it cannot be made again somewhere. */
    boolean revocable;

    private NodeStatus(
            String id, String name, Kind kind, Optional<String> container, Optional<Bundle.Replica> replica) {
        this.id = id;
        this.name = name;
        this.kind = kind;
        this.container = container;
        this.replica = replica;
    }

    NodeStatus(String id, String name, Kind kind) {
        this(id, name, kind, Optional.empty(), Optional.empty());
    }

    /** A node that is a resource. */
    static NodeStatus guest(String name, String container) {
        return new NodeStatus(name, name, Kind.GUEST, Optional.of(container), Optional.empty());
    }

    /** The inside of a bundle's replica. */
    static NodeStatus replica(Bundle.Replica replica) {
        return new NodeStatus(
                replica.node(), replica.node(), Kind.GUEST, Optional.of(replica.container()), Optional.of(replica));
    }

    SortedMap<String, String> attributes() {
        return Collections.unmodifiableSortedMap(attributes);
    }

    boolean isMember() {
        return kind == Kind.MEMBER;
    }

    @Override
    public String toString() {
        return name;
    }
}
