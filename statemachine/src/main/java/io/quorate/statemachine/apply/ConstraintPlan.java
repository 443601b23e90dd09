package io.quorate.statemachine.apply;

import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.apply.Circles.Edge;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.LongForms;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.OrderAction;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the constraints among some objects, in short and in long, say together: whom they name, and their circles. */
final class ConstraintPlan {
    private final NavigableMap<String, ObjectRow> objects;
    private final Membership membership;

    /** @param objects by key, all that there are to be */
    ConstraintPlan(NavigableMap<String, ObjectRow> objects) {
        this.objects = objects;
        this.membership = Membership.of(objects.values());
    }

    /** The names of resources, groups and clones that an object's constraints hold, in order. */
    static NavigableSet<String> names(ObjectRow row) {
        NavigableSet<String> names = new TreeSet<>();
        switch (row.getSpecCase()) {
            case RESOURCE, GROUP, CLONE -> {
                names.addAll(Units.placement(row).getNearMap().keySet());
                names.addAll(Units.placement(row).getApartFromMap().keySet());
                names.add(Units.follow(row).getResource());
            }
            case LOCATION -> names.add(row.getLocation().getResource());
            case COLOCATION -> {
                names.add(row.getColocation().getResource());
                names.add(row.getColocation().getWithResource());
                row.getColocation().getSetsList().forEach(set -> names.addAll(set.getResourcesList()));
            }
            case ORDER -> {
                names.add(row.getOrder().getFirst());
                names.add(row.getOrder().getThen());
                row.getOrder().getSetsList().forEach(set -> names.addAll(set.getResourcesList()));
            }
            case TICKET_CONSTRAINT -> names.addAll(row.getTicketConstraint().getResourcesList());
            case FENCE_DEVICE, FENCE_PLAN, NODE, SPEC_NOT_SET -> {}
        }
        names.remove("");
        return names;
    }

    /** A name that a constraint holds and that is no resource, group or clone; null when there is none. */
    @Nullable
    String dangling(ObjectRow row) {
        for (String name : names(row)) {
            boolean there = objects.containsKey(Keys.resource(name))
                    || objects.containsKey(Keys.group(name))
                    || objects.containsKey(Keys.clone(name));
            if (!there) {
                return name;
            }
        }
        return null;
    }

    /** Keys of the objects whose constraints name it. */
    List<String> naming(String name) {
        List<String> keys = new ArrayList<>();
        for (ObjectRow row : objects.values()) {
            if (names(row).contains(name)) {
                keys.add(row.getKey());
            }
        }
        return keys;
    }

    /** One that is placed by where another is, which is placed by where the first one is; null when there is none. */
    @Nullable
    List<Edge> colocationCircle() {
        Circles circles = new Circles();
        for (ObjectRow row : objects.values()) {
            if (isUnit(row)) {
                LongForms.colocations(row).forEach(one -> together(circles, row.getKey(), one.spec()));
            } else if (row.hasColocation()) {
                together(circles, row.getKey(), row.getColocation());
            }
        }
        return circles.find();
    }

    /** What is inside a group or clone says of its place counts for nothing: its unit decides it. */
    private boolean isUnit(ObjectRow row) {
        String name = Keys.bare(row.getKey());
        boolean placed = row.hasClone() || row.hasGroup() || row.hasResource();
        return placed && membership.outermost(name).equals(name);
    }

    private void together(Circles circles, String source, ColocationSpec spec) {
        if (spec.hasScore() && spec.getScore() == 0) {
            return;
        }
        if (spec.getSetsCount() == 0) {
            depends(circles, source, spec.getResource(), spec.getWithResource());
            return;
        }
        boolean apart = spec.hasScore() && spec.getScore() < 0;
        for (int i = 0; i < spec.getSetsCount(); i++) {
            ConstraintSet set = spec.getSets(i);
            List<String> names = set.getResourcesList();
            for (int j = 1; j < names.size() && (!set.getParallel() || apart); j++) {
                depends(circles, source, names.get(j), names.get(j - 1));
            }
            String gate = source + " " + i;
            if (i > 0) { // of the set before: its first one, or all of them
                List<String> before = spec.getSets(i - 1).getResourcesList();
                String last = names.get(names.size() - 1);
                boolean all = spec.getSets(i - 1).getParallel();
                for (String dependent : all ? before : before.subList(0, 1)) {
                    circles.add(new Edge(unitOf(dependent), gate, source, dependent + " with " + last));
                }
                for (String primary : set.getParallel() ? names : List.of(last)) {
                    circles.add(new Edge(gate, unitOf(primary), source, ""));
                }
            }
        }
    }

    private void depends(Circles circles, String source, String dependent, String primary) {
        circles.add(new Edge(unitOf(dependent), unitOf(primary), source, dependent + " with " + primary));
    }

    /** Name of the unit that has this name or contains what has it. */
    String unitOf(String name) {
        return membership.outermost(name);
    }

    /** One that waits for itself by mandatory orders; null when there is none. */
    @Nullable
    List<Edge> orderCircle() {
        Circles circles = new Circles();
        for (ObjectRow row : objects.values()) {
            if (isUnit(row)) {
                LongForms.orders(row).forEach(one -> sequence(circles, row.getKey(), one.spec()));
            } else if (row.hasOrder()) {
                sequence(circles, row.getKey(), row.getOrder());
            }
        }
        if (circles.isEmpty()) {
            return null;
        }
        for (ObjectRow row : objects.values()) {
            if (row.hasGroup()) {
                members(circles, row, row.getGroup().getMembersList());
            } else if (row.hasClone()) {
                members(circles, row, List.of(row.getClone().getOf()));
                promotions(circles, row);
            }
        }
        return circles.find();
    }

    /** A copy is promoted once it runs, and demoted before it stops. */
    private void promotions(Circles circles, ObjectRow clone) {
        String name = Keys.bare(clone.getKey());
        String source = clone.getKey();
        circles.add(new Edge(
                end(name, OrderAction.ORDER_ACTION_START),
                begin(name, OrderAction.ORDER_ACTION_PROMOTE),
                source,
                words(name, OrderAction.ORDER_ACTION_START, name, OrderAction.ORDER_ACTION_PROMOTE)));
        circles.add(new Edge(
                end(name, OrderAction.ORDER_ACTION_DEMOTE),
                begin(name, OrderAction.ORDER_ACTION_STOP),
                source,
                words(name, OrderAction.ORDER_ACTION_DEMOTE, name, OrderAction.ORDER_ACTION_STOP)));
    }

    /** A group begins with its first member and is done with its last, as a clone with what it copies; its stop is the way back. */
    private void members(Circles circles, ObjectRow group, List<String> members) {
        String name = Keys.bare(group.getKey());
        for (OrderAction action : List.of(OrderAction.ORDER_ACTION_START, OrderAction.ORDER_ACTION_STOP)) {
            boolean starts = action == OrderAction.ORDER_ACTION_START;
            String before = begin(name, action);
            for (int i = 0; i < members.size(); i++) {
                String member = members.get(starts ? i : members.size() - 1 - i);
                String last = i == 0 ? "" : members.get(starts ? i - 1 : members.size() - i);
                String words = i == 0 ? "" : words(last, action, member, action);
                circles.add(new Edge(before, begin(member, action), group.getKey(), words));
                before = end(member, action);
            }
            circles.add(new Edge(before, end(name, action), group.getKey(), ""));
        }
    }

    private void sequence(Circles circles, String source, OrderSpec spec) {
        if (spec.getKind() != OrderKind.ORDER_KIND_UNSPECIFIED && spec.getKind() != OrderKind.ORDER_KIND_MANDATORY) {
            return;
        }
        Orders orders = new Orders(circles, source, !spec.getAsymmetrical());
        if (spec.getSetsCount() == 0) {
            OrderAction first = actionOf(spec.getFirstAction());
            OrderAction then = spec.getThenActionValue() == 0 ? first : spec.getThenAction();
            orders.add(spec.getFirst(), first, spec.getThen(), then);
            return;
        }
        for (int i = 0; i < spec.getSetsCount(); i++) {
            ConstraintSet set = spec.getSets(i);
            List<String> names = set.getResourcesList();
            OrderAction action = actionOf(set.getAction());
            for (int j = 1; j < names.size() && !set.getParallel(); j++) {
                orders.add(names.get(j - 1), action, names.get(j), action);
            }
            // where one is enough nobody waits for all: no circle through it is one for sure
            if (i > 0 && !spec.getSets(i - 1).getAny()) {
                orders.add(spec.getSets(i - 1), set, source + " " + i);
            }
        }
    }

    /** Writes the orders of one object into the graph, and their way back when they have one. */
    private final class Orders {
        private final Circles circles;
        private final String source;
        private final boolean symmetrical;

        Orders(Circles circles, String source, boolean symmetrical) {
            this.circles = circles;
            this.source = source;
            this.symmetrical = symmetrical;
        }

        void add(String first, OrderAction firstAction, String then, OrderAction thenAction) {
            step(first, firstAction, then, thenAction);
            if (symmetrical) {
                step(then, opposite(thenAction), first, opposite(firstAction));
            }
        }

        private void step(String first, OrderAction firstAction, String then, OrderAction thenAction) {
            String words = words(first, firstAction, then, thenAction);
            circles.add(new Edge(end(first, firstAction), begin(then, thenAction), source, words));
        }

        void add(ConstraintSet before, ConstraintSet after, String gate) {
            OrderAction first = actionOf(before.getAction());
            OrderAction then = actionOf(after.getAction());
            List<String> firsts = before.getResourcesList();
            List<String> thens = after.getResourcesList();
            List<String> lasts = before.getParallel() ? firsts : firsts.subList(firsts.size() - 1, firsts.size());
            List<String> heads = after.getParallel() ? thens : thens.subList(0, 1);
            gate(lasts, first, heads, then, gate);
            if (symmetrical) {
                gate(heads, opposite(then), lasts, opposite(first), gate + " back");
            }
        }

        /** Each of the ones before each of the others, with as many edges as there are of both. */
        private void gate(List<String> firsts, OrderAction first, List<String> thens, OrderAction then, String gate) {
            for (String one : firsts) {
                circles.add(new Edge(end(one, first), gate, source, words(one, first, thens.get(0), then)));
            }
            for (String one : thens) {
                circles.add(new Edge(gate, begin(one, then), source, ""));
            }
        }
    }

    private static OrderAction actionOf(OrderAction action) {
        return action == OrderAction.ORDER_ACTION_UNSPECIFIED ? OrderAction.ORDER_ACTION_START : action;
    }

    private static OrderAction opposite(OrderAction action) {
        return switch (action) {
            case ORDER_ACTION_STOP -> OrderAction.ORDER_ACTION_START;
            case ORDER_ACTION_PROMOTE -> OrderAction.ORDER_ACTION_DEMOTE;
            case ORDER_ACTION_DEMOTE -> OrderAction.ORDER_ACTION_PROMOTE;
            case ORDER_ACTION_START, ORDER_ACTION_UNSPECIFIED, UNRECOGNIZED -> OrderAction.ORDER_ACTION_STOP;
        };
    }

    private static String words(String first, OrderAction firstAction, String then, OrderAction thenAction) {
        return first + verb(firstAction) + " before " + then + (firstAction == thenAction ? "" : verb(thenAction));
    }

    private static String verb(OrderAction action) {
        return switch (action) {
            case ORDER_ACTION_STOP -> " stops";
            case ORDER_ACTION_PROMOTE -> " is promoted";
            case ORDER_ACTION_DEMOTE -> " is demoted";
            case ORDER_ACTION_START, ORDER_ACTION_UNSPECIFIED, UNRECOGNIZED -> " starts";
        };
    }

    private static String begin(String name, OrderAction action) {
        return action.getNumber() + " " + name;
    }

    /** A group or clone has begun to start or stop before it is done; anything else is one step. */
    private String end(String name, OrderAction action) {
        boolean steps = action == OrderAction.ORDER_ACTION_START || action == OrderAction.ORDER_ACTION_STOP;
        boolean inside = objects.containsKey(Keys.group(name)) || objects.containsKey(Keys.clone(name));
        return begin(name, action) + (steps && inside ? " done" : "");
    }
}
