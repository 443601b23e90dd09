package io.quorate.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * A made-up cluster that is at rest: everything runs where its rules want it. The same numbers give the same cluster.
 *
 * <p>Of the resources a fifth is in groups of four. A tenth as many rules prefer a node or forbid one, a twentieth as many
 * colocate, and a twentieth as many order; each is about a group or about a primitive outside of groups.
 */
final class MadeCluster {
    private static final int BLOCK = 20;
    private static final int MEMBERS = 4;

    /** Higher than stickiness: it is where the rule wants it. */
    static final int PREFERENCE = 200;

    static final int STICKINESS = 100;

    /** How strongly a rule binds. */
    enum Binding {
        MUST,
        SHOULD,
        MUST_NOT
    }

    /** A primitive, or a group of some, that runs on one node. */
    static final class Unit {
        final String id;
        /** Of a group its members, else the primitive alone. */
        final List<String> primitives;

        int node;

        Unit(String id, List<String> primitives, int node) {
            this.id = id;
            this.primitives = List.copyOf(primitives);
            this.node = node;
        }

        boolean isGroup() {
            return primitives.size() > 1;
        }
    }

    /** A unit and a node: should be there, or must not. */
    record Location(Unit unit, int node, Binding binding) {}

    /** Of two units the one that goes where the other is, or keeps away from it. */
    record Colocation(Unit dependent, Unit primary, Binding binding) {}

    /** Of two units the one that starts first. */
    record Order(Unit first, Unit then, Binding binding) {}

    final int nodes;
    final int resources;
    final List<Unit> units = new ArrayList<>();
    final List<Location> locations = new ArrayList<>();
    final List<Colocation> colocations = new ArrayList<>();
    final List<Order> orders = new ArrayList<>();
    private final Random random;

    /**
     * Makes one.
     *
     * @param nodes at least two
     * @param resources primitives in all
     */
    MadeCluster(int nodes, int resources, long seed) {
        this.nodes = nodes;
        this.resources = resources;
        this.random = new Random(seed);
        makeUnits();
        List<Unit> free = new ArrayList<>(units);
        Collections.shuffle(free, random);
        Set<Unit> located = new LinkedHashSet<>(free.subList(0, resources / 10));
        located.forEach(this::locate);
        List<Integer> dependents = new ArrayList<>();
        for (int i = 1; i < units.size(); i++) {
            if (!located.contains(units.get(i))) {
                dependents.add(i);
            }
        }
        Collections.shuffle(dependents, random);
        // In the order of the configuration: when a primary has moved to its own primary, what depends on it follows.
        dependents.subList(0, Math.min(resources / 20, dependents.size())).stream()
                .sorted()
                .forEach(this::colocate);
        for (int i = 0; i < resources / 20; i++) {
            int then = 1 + random.nextInt(units.size() - 1);
            orders.add(new Order(units.get(random.nextInt(then)), units.get(then), mustOrShould()));
        }
    }

    private void makeUnits() {
        int made = 0;
        while (made < resources) {
            int groupAt = resources - made < BLOCK ? -1 : random.nextInt(BLOCK - MEMBERS + 1);
            int end = Math.min(resources, made + BLOCK);
            for (int place = 0; made < end; place++) {
                List<String> primitives = new ArrayList<>();
                for (int i = 0; i < (place == groupAt ? MEMBERS : 1); i++) {
                    primitives.add(name("r", ++made));
                }
                String id = primitives.size() > 1 ? primitives.get(0).replace('r', 'g') : primitives.get(0);
                units.add(new Unit(id, primitives, random.nextInt(nodes)));
            }
        }
    }

    private void locate(Unit unit) {
        boolean forbidden = random.nextInt(5) == 0;
        int node = forbidden ? another(unit.node) : unit.node;
        locations.add(new Location(unit, node, forbidden ? Binding.MUST_NOT : Binding.SHOULD));
    }

    private void colocate(int dependent) {
        Unit unit = units.get(dependent);
        Unit primary = units.get(random.nextInt(dependent));
        Binding binding = random.nextInt(5) == 0 ? Binding.MUST_NOT : mustOrShould();
        unit.node = binding == Binding.MUST_NOT ? another(primary.node) : primary.node;
        colocations.add(new Colocation(unit, primary, binding));
    }

    private Binding mustOrShould() {
        return random.nextBoolean() ? Binding.MUST : Binding.SHOULD;
    }

    private int another(int node) {
        return (node + 1 + random.nextInt(nodes - 1)) % nodes;
    }

    /** Ordered by name as by number. */
    static String name(String kind, int number) {
        return String.format(Locale.ROOT, "%s%05d", kind, number);
    }
}
