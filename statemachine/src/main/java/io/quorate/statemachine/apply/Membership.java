package io.quorate.statemachine.apply;

import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.Keys;
import java.util.Collection;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Which group each resource is a member of, and which clone makes copies of each resource or group, among some objects. */
final class Membership {
    private final NavigableMap<String, String> groups = new TreeMap<>();
    private final NavigableMap<String, String> clones = new TreeMap<>();

    private Membership() {}

    /** What the objects say by themselves. */
    static Membership of(Collection<ObjectRow> rows) {
        Membership membership = new Membership();
        rows.forEach(membership::add);
        return membership;
    }

    /**
     * A group or clone that is about to go has what is its own until another one has it.
     *
     * @param going of which those are asked that no row of {@code staying} contradicts
     */
    static Membership of(Collection<ObjectRow> staying, Collection<ObjectRow> going) {
        Membership membership = of(going);
        staying.forEach(membership::add);
        return membership;
    }

    private void add(ObjectRow row) {
        String name = Keys.bare(row.getKey());
        row.getGroup().getMembersList().forEach(member -> groups.put(member, name));
        if (row.hasClone()) {
            clones.put(row.getClone().getOf(), name);
        }
    }

    /** Name of the resource's group; empty when it is in none. */
    String groupOf(String resource) {
        return groups.getOrDefault(resource, "");
    }

    /** Name of the clone that copies this resource or group by itself; empty when none does. */
    String cloneOf(String name) {
        return clones.getOrDefault(name, "");
    }

    /** Key of the unit that a resource is placed with. */
    String unitOf(String resource) {
        String group = groupOf(resource);
        String clone = cloneOf(group.isEmpty() ? resource : group);
        if (!clone.isEmpty()) {
            return Keys.clone(clone);
        }
        return group.isEmpty() ? Keys.resource(resource) : Keys.group(group);
    }

    /** Name of the unit that has this name or contains what has it; the name itself where nothing contains it. */
    String outermost(String name) {
        String group = groupOf(name);
        String inner = group.isEmpty() ? name : group;
        String clone = cloneOf(inner);
        return clone.isEmpty() ? inner : clone;
    }
}
