package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Problem.Kind;
import io.quorate.statemachine.placement.Problem.Order;
import io.quorate.statemachine.placement.Problem.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads {@code rsc_order}: pairs, and sets that come one after the other. */
final class OrderReader {
    private final Cib cib;
    private final References references;
    private final List<Order> orders = new ArrayList<>();

    OrderReader(Cib cib, References references) {
        this.cib = cib;
        this.references = references;
    }

    List<Order> read() {
        cib.section("constraints").children("rsc_order").forEach(this::add);
        return List.copyOf(orders);
    }

    /** What one constraint says. */
    List<Order> read(Element element) {
        add(element);
        return List.copyOf(orders);
    }

    private void add(Element element) {
        if (element.has("first")) {
            pair(element);
        } else {
            sets(element);
        }
    }

    private void pair(Element element) {
        Step first = step(element.get("first-action"), Step.START);
        Step then = step(element.get("then-action"), first);
        for (String one : references.expanded(element.get("first"))) {
            for (String other : references.expanded(element.get("then"))) {
                boolean any = !Values.bool(element.get("require-all"), true);
                add(element, List.of(one), any, first, other, then);
            }
        }
    }

    private void sets(Element element) {
        List<String> previous = List.of();
        Step previousStep = Step.START;
        boolean previousAny = false;
        for (Element child : element.children("resource_set")) {
            Element set = cib.sets().resolved(child);
            List<String> members = references.inSet(set);
            Step step = step(set.get("action"), Step.START);
            boolean sequential = Values.bool(set.get("sequential"), true);
            boolean any = !Values.bool(set.get("require-all"), true);
            if (sequential) {
                for (int i = 1; i < members.size(); i++) {
                    add(element, List.of(members.get(i - 1)), false, step, members.get(i), step);
                }
            }
            if (!previous.isEmpty()) {
                for (String member : sequential && !members.isEmpty() ? members.subList(0, 1) : members) {
                    add(element, previous, previousAny, previousStep, member, step);
                }
            }
            previous = sequential && !any && !members.isEmpty()
                    ? members.subList(members.size() - 1, members.size())
                    : members;
            previousStep = step;
            previousAny = any;
        }
    }

    private void add(Element element, List<String> firsts, boolean any, Step first, String then, Step thenStep) {
        Kind kind = kind(element);
        boolean symmetrical = Values.bool(element.get("symmetrical"), kind != Kind.SERIALIZE);
        orders.add(new Order(element.id(), firsts, any, first, then, thenStep, kind, symmetrical));
    }

    static Kind kind(Element element) {
        if (element.has("kind")) {
            return switch (element.get("kind").toLowerCase(Locale.ROOT)) {
                case "optional" -> Kind.OPTIONAL;
                case "serialize" -> Kind.SERIALIZE;
                default -> Kind.MANDATORY;
            };
        }
        return element.has("score") && Values.score(element.get("score")) == 0 ? Kind.OPTIONAL : Kind.MANDATORY;
    }

    static Step step(String action, Step byDefault) {
        return switch (action.toLowerCase(Locale.ROOT)) {
            case "start" -> Step.START;
            case "stop" -> Step.STOP;
            case "promote" -> Step.PROMOTE;
            case "demote" -> Step.DEMOTE;
            default -> byDefault;
        };
    }
}
