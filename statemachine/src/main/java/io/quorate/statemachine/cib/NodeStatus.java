package io.quorate.statemachine.cib;

import java.util.Collections;
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

    NodeStatus(String id, String name, Kind kind) {
        this.id = id;
        this.name = name;
        this.kind = kind;
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
