package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.UnitImport.Unit;
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
        if (item.isFenceDevice()) {
            return Optional.of(new Obstacle(
                    Kind.FENCE_DEVICE, id + " is a fence device: it is there for whoever fences, and has no place"));
        }
        return Optional.of(new Obstacle(
                Kind.LEFT_OUT,
                item.enclosingClone()
                        .filter(clone -> clone.kind() == Item.Kind.CLONE)
                        .map(clone -> id + " was left out: clones come in a later version")
                        .orElse(id + " was left out")));
    }

    /** The unit that a rule about this is about; there is one unless there is an obstacle. */
    Unit unit(String id) {
        return units.unit(id).orElseThrow();
    }

    /** Whether what is said of this is said of the whole unit, not of a member of a group. */
    boolean isUnit(String id) {
        return unit(id).name.equals(id);
    }
}
