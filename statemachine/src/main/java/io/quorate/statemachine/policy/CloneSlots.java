package io.quorate.statemachine.policy;

import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The slots of a clone that the placement engine gives places to, and what the places that it found mean for each slot. The
 * engine has instances without owners: which numbered slot is meant is decided here. What owns a place keeps it; a new one
 * goes to the lowest free slot, rather to one that was there before.
 */
final class CloneSlots {
    private final CloneView clone;
    private final List<UnitView> copies = new ArrayList<>();
    private final List<UnitView> promotions = new ArrayList<>();
    private final SortedMap<String, Integer> instances = new TreeMap<>();
    private final int max;

    /** A place that the engine found for one instance. */
    record Place(String node, boolean promoted) {}

    /**
     * Where slots should be.
     *
     * @param nodes slot: its node
     * @param copies promotion: the copy that it is to be of
     */
    record Targets(SortedMap<String, String> nodes, SortedMap<String, String> copies) {}

    CloneSlots(ClusterState state, CloneView clone, SortedMap<String, Standing> standings) {
        this.clone = clone;
        this.max = Clones.maxCopies(state, clone.row());
        for (UnitView copy : clone.copies()) {
            Standing standing = standings.getOrDefault(copy.name(), Standing.NOWHERE);
            if (standing.wanted()) {
                copies.add(copy);
            }
        }
        // What runs comes first: the engine fills its instances in this order.
        copies.sort((one, other) -> Boolean.compare(isFree(standings, one), isFree(standings, other)));
        copies.forEach(copy -> instances.put(copy.name(), instances.size()));
        for (UnitView promotion : clone.promotions()) {
            if (standings.getOrDefault(promotion.name(), Standing.NOWHERE).wanted()) {
                promotions.add(promotion);
            }
        }
    }

    private static boolean isFree(SortedMap<String, Standing> standings, UnitView copy) {
        return standings.getOrDefault(copy.name(), Standing.NOWHERE).node().isEmpty();
    }

    /** In the order of the engine's instances. */
    List<UnitView> copies() {
        return copies;
    }

    /** Copies that the engine may place. */
    int max() {
        return Math.min(max, copies.size());
    }

    /** Copies that it may promote. */
    int maxPromoted() {
        return Math.min(Clones.maxPromoted(clone.row()), promotions.size());
    }

    /** The id of what a clone is a clone of, in the engine: no name that anything else could have. */
    static String definition(CloneView clone) {
        return "copy of " + clone.row().getMeta().getName();
    }

    /** The engine's instance that stands for a copy; empty when it has none. */
    Optional<String> instance(String copy) {
        return Optional.ofNullable(instances.get(copy)).map(this::instance);
    }

    private String instance(int number) {
        return definition(clone) + ":" + number;
    }

    /** The ids of the engine's instances. */
    List<String> instances() {
        return IntStream.range(0, copies.size()).mapToObj(this::instance).toList();
    }

    /**
     * @param later places that there are slots for once the others have theirs
     * @param promoted promotions that have their copy already
     */
    Targets targets(List<Place> places, List<Place> later, SortedMap<String, String> promoted) {
        SortedMap<String, Place> taken = new TreeMap<>();
        take(new ArrayList<>(places), taken);
        take(new ArrayList<>(later), taken);
        Targets targets = new Targets(new TreeMap<>(), new TreeMap<>());
        taken.forEach((copy, place) -> targets.nodes().put(copy, place.node()));
        promotions(taken, promoted, targets);
        return targets;
    }

    private void take(List<Place> open, SortedMap<String, Place> taken) {
        take(
                open,
                copies,
                taken,
                (copy, place) -> copy.isOwnedBy(place.node()) && isPromoted(copy) == place.promoted());
        take(open, copies, taken, (copy, place) -> copy.isOwnedBy(place.node()));
        take(open, copies, taken, (copy, place) -> isFreeAfter(copy, place.node()));
        take(open, byNumber(copies), taken, (copy, place) -> !copy.instance().hasOwnership());
        take(open, byNumber(copies), taken, (copy, place) -> true);
    }

    /**
     * Slots that were given another place although where they are there was one for them.
     *
     * @param left whether an instance of the engine was
     * @param demoted the node where one might have stayed promoted, and is not to; empty: none
     */
    List<String> left(Predicate<String> left, Function<String, Optional<String>> demoted) {
        List<String> slots = new ArrayList<>();
        for (int number = 0; number < copies.size(); number++) {
            if (left.test(instance(number))) {
                slots.add(copies.get(number).name());
            }
            Optional<String> node = demoted.apply(instance(number));
            promotions.stream()
                    .filter(promotion -> node.map(promotion::isOwnedBy).orElse(false))
                    .forEach(promotion -> slots.add(promotion.name()));
        }
        return slots;
    }

    private boolean isPromoted(UnitView copy) {
        return clone.promotionOf(copy) != null;
    }

    private static boolean isFreeAfter(UnitView slot, String node) {
        return !slot.instance().hasOwnership() && slot.instance().getLastNode().equals(node);
    }

    private static List<UnitView> byNumber(List<UnitView> slots) {
        List<UnitView> sorted = new ArrayList<>(slots);
        sorted.sort((one, other) -> Integer.compare(one.number(), other.number()));
        return sorted;
    }

    /** Gives open places to the first slots that have none and fit. */
    private static void take(
            List<Place> open, List<UnitView> slots, SortedMap<String, Place> taken, BiPredicate<UnitView, Place> fits) {
        for (Iterator<Place> places = open.iterator(); places.hasNext(); ) {
            Place place = places.next();
            for (UnitView slot : slots) {
                if (!taken.containsKey(slot.name()) && fits.test(slot, place)) {
                    taken.put(slot.name(), place);
                    places.remove();
                    break;
                }
            }
        }
    }

    private void promotions(SortedMap<String, Place> placed, SortedMap<String, String> promoted, Targets targets) {
        List<UnitView> open = new ArrayList<>();
        for (UnitView copy : byNumber(copies)) {
            Place place = placed.get(copy.name());
            if (place != null && place.promoted()) {
                open.add(copy);
            }
        }
        promote(open, placed, targets, (promotion, copy) -> copy.name().equals(promoted.get(promotion.name())));
        promote(open, placed, targets, (promotion, copy) -> promotion.isOfCopy(copy.name()));
        promote(
                open,
                placed,
                targets,
                (promotion, copy) -> isFreeAfter(promotion, targets.nodes().getOrDefault(copy.name(), "")));
        promote(
                open,
                placed,
                targets,
                (promotion, copy) -> !promotion.instance().hasOwnership());
        promote(open, placed, targets, (promotion, copy) -> true);
    }

    private void promote(
            List<UnitView> open,
            SortedMap<String, Place> placed,
            Targets targets,
            BiPredicate<UnitView, UnitView> fits) {
        for (Iterator<UnitView> copies = open.iterator(); copies.hasNext(); ) {
            UnitView copy = copies.next();
            Place place = placed.get(copy.name());
            for (UnitView promotion : promotions) {
                boolean has = targets.copies().containsKey(promotion.name());
                if (place != null && !has && fits.test(promotion, copy)) {
                    targets.nodes().put(promotion.name(), place.node());
                    targets.copies().put(promotion.name(), copy.name());
                    copies.remove();
                    break;
                }
            }
        }
    }
}
