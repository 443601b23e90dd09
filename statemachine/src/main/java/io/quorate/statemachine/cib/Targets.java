package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.UnitImport.Unit;
import io.quorate.statemachine.placement.Role;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a constraint may be about, and why not. */
final class Targets {
    private final UnitImport units;
    private final SortedMap<String, Item> items = new TreeMap<>();

    /** Why something cannot be named in a rule. */
    enum Kind {
        /** Nothing of that name was configured: the constraint said nothing of it. */
        NOT_THERE,
        /** It is needed by nobody's rules: devices are used wherever they are wanted. */
        FENCE_DEVICE,
        /** It was not taken over. */
        LEFT_OUT
    }

    /**
     * What keeps a name out of a rule.
     *
     * @param text in a sentence
     */
    record Obstacle(Kind kind, String text) {}

    Targets(Cib cib, UnitImport units) {
        this.units = units;
        cib.resources().stream().flatMap(Item::walk).forEach(item -> items.putIfAbsent(item.id(), item));
    }

    Optional<Obstacle> obstacle(String id) {
        if (units.unit(id).isPresent()) {
            return Optional.empty();
        }
        Item item = items.get(id);
        if (item == null) {
            return Optional.of(new Obstacle(Kind.NOT_THERE, "there is no resource " + id));
        }
        if (UnitImport.isOfFenceDevices(item)) {
            return Optional.of(new Obstacle(
                    Kind.FENCE_DEVICE, id + " is a fence device: it is there for whoever fences, and has no place"));
        }
        return Optional.of(new Obstacle(Kind.LEFT_OUT, id + " was left out"));
    }

    /** The unit that a rule about this is about; there is one unless there is an obstacle. */
    Unit unit(String id) {
        return units.unit(id).orElseThrow();
    }

    /** What a rule of ours about this names: of all that is inside a clone the clone, as Pacemaker takes it. */
    String name(String id) {
        Unit unit = unit(id);
        return unit.isClone() ? unit.name : id;
    }

    List<String> names(List<String> ids) {
        return ids.stream().map(this::name).distinct().toList();
    }

    /** Whether what is said of this is said of the whole unit, not of a member of a group. */
    boolean isUnit(String id) {
        return unit(id).name.equals(name(id));
    }

    /** Why a rule about this role of it would say nothing; empty when it says something. */
    Optional<String> obstacle(String id, Optional<Role> role) {
        if (role.isEmpty() || role.get() == Role.STARTED) {
            return Optional.empty();
        }
        if (role.get() == Role.STOPPED) {
            return Optional.of("rules about " + id + " where it is stopped are not supported");
        }
        return unit(id).isPromotable() ? Optional.empty() : Optional.of(id + " is not promotable");
    }

    /** The role as rules of ours say it. */
    static io.quorate.v1.Role role(Optional<Role> role) {
        return role.map(each -> switch (each) {
                    case PROMOTED -> io.quorate.v1.Role.ROLE_PROMOTED;
                    case UNPROMOTED -> io.quorate.v1.Role.ROLE_UNPROMOTED;
                    case STARTED, STOPPED -> io.quorate.v1.Role.ROLE_UNSPECIFIED;
                })
                .orElse(io.quorate.v1.Role.ROLE_UNSPECIFIED);
    }
}
