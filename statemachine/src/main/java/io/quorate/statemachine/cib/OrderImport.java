package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Problem.Kind;
import io.quorate.statemachine.placement.Problem.Order;
import io.quorate.statemachine.placement.Problem.Step;
import io.quorate.statemachine.placement.Role;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.OrderAction;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What happens before what. */
final class OrderImport {
    private final Cib cib;
    private final Findings findings;
    private final References references;
    private final Targets targets;
    private final ConstraintWriter writer;

    OrderImport(Cib cib, Findings findings, References references, Targets targets, ConstraintWriter writer) {
        this.cib = cib;
        this.findings = findings;
        this.references = references;
        this.targets = targets;
        this.writer = writer;
    }

    void read(Element element) {
        String subject = "rsc_order " + element.id();
        boolean must = OrderReader.kind(element) == Kind.MANDATORY;
        RelationImport verdict = new RelationImport(targets);
        if (references.of(element).size() > RelationImport.MAX_RESOURCES) {
            verdict.lost("it names more than " + RelationImport.MAX_RESOURCES + " resources", must);
            verdict.tell(findings, element, subject, 0, "order", "");
            return;
        }
        List<Order> possible = new ArrayList<>();
        for (Order order : new OrderReader(cib, references).read(element)) {
            List<String> firsts = possibleFirsts(order, verdict, must);
            if (!firsts.isEmpty()) {
                boolean choice =
                        firsts.size() > 1 || targets.unit(firsts.get(0)).isClone();
                possible.add(new Order(
                        order.id(),
                        targets.names(firsts),
                        order.any() && choice,
                        order.firstStep(),
                        targets.name(order.then()),
                        order.thenStep(),
                        order.kind(),
                        order.symmetrical()));
            }
        }
        if (!element.has("first") && element.children("resource_set").isEmpty()) {
            verdict.lost("it names no resources in a way that is known", must);
        }
        if (possible.size() > RelationImport.MAX_RULES) {
            verdict.lost("it would take more than " + RelationImport.MAX_RULES + " orders", must);
            possible.clear();
        }
        write(element, subject, must, possible, verdict);
    }

    private void write(Element element, String subject, boolean must, List<Order> possible, RelationImport verdict) {
        String name = "";
        int written = 0;
        List<ConstraintSet> sets = verdict.isWhole() && possible.size() > 1 ? sets(element) : List.of();
        if (!sets.isEmpty()) {
            name = writer.add(
                    element, subject, element.id(), must, spec(possible.get(0)).addAllSets(sets));
            written = 1;
        } else {
            for (Order order : possible) {
                name = writer.add(element, subject, element.id(), must, single(order));
                written++;
            }
        }
        verdict.tell(findings, element, subject, written, "order", name);
    }

    /** Of several that all have to come first each one counts for itself; where one is enough they belong together. */
    private List<String> possibleFirsts(Order order, RelationImport verdict, boolean must) {
        List<String> firsts = new ArrayList<>();
        for (String first : order.firsts()) {
            if (isPossible(order, first, verdict, must)) {
                firsts.add(first);
            } else if (order.any() && order.firsts().size() > 1) {
                verdict.lost("one of " + String.join(", ", order.firsts()) + " was enough", must);
                return List.of();
            }
        }
        return firsts;
    }

    private boolean isPossible(Order order, String first, RelationImport verdict, boolean must) {
        if (!verdict.isPossible(first, order.then(), must)) {
            return false;
        }
        Optional<String> role = obstacle(first, order.firstStep()).or(() -> obstacle(order.then(), order.thenStep()));
        if (role.isPresent()) {
            verdict.lost(role.get(), must);
            return false;
        }
        if (targets.unit(first) != targets.unit(order.then())) {
            return true;
        }
        List<String> members = targets.unit(first).members;
        boolean asInGroup = order.firstStep() == Step.START
                && order.thenStep() == Step.START
                && members.contains(first)
                && members.indexOf(first) < members.indexOf(order.then());
        if (asInGroup) {
            verdict.changed("their group starts " + first + " before " + order.then());
        } else {
            String unit = targets.unit(first).isClone() ? "clone" : "group";
            verdict.lost(first + " and " + order.then() + " are one " + unit + ", which has an order of its own", must);
        }
        return false;
    }

    private Optional<String> obstacle(String id, Step step) {
        boolean ofRole = step == Step.PROMOTE || step == Step.DEMOTE;
        return targets.obstacle(id, Optional.of(Role.PROMOTED).filter(role -> ofRole));
    }

    private static OrderSpec.Builder spec(Order order) {
        OrderSpec.Builder spec = OrderSpec.newBuilder();
        switch (order.kind()) {
            case MANDATORY -> {}
            case OPTIONAL -> spec.setKind(OrderKind.ORDER_KIND_OPTIONAL);
            case SERIALIZE -> spec.setKind(OrderKind.ORDER_KIND_SERIALIZE);
        }
        return spec.setAsymmetrical(!order.symmetrical() && order.kind() != Kind.SERIALIZE);
    }

    private static OrderSpec.Builder single(Order order) {
        if (order.firsts().size() == 1 && !order.any()) {
            OrderSpec.Builder spec = spec(order).setFirst(order.firsts().get(0)).setThen(order.then());
            if (order.firstStep() != Step.START || order.thenStep() != Step.START) {
                spec.setFirstAction(action(order.firstStep())).setThenAction(action(order.thenStep()));
            }
            return spec;
        }
        return spec(order)
                .addSets(set(order.firsts(), true, order.any(), order.firstStep()))
                .addSets(set(List.of(order.then()), false, false, order.thenStep()));
    }

    private static OrderAction action(Step step) {
        return switch (step) {
            case START -> OrderAction.ORDER_ACTION_START;
            case STOP -> OrderAction.ORDER_ACTION_STOP;
            case PROMOTE -> OrderAction.ORDER_ACTION_PROMOTE;
            case DEMOTE -> OrderAction.ORDER_ACTION_DEMOTE;
        };
    }

    /** @param any one of them is enough; of one clone, one copy */
    private static ConstraintSet set(List<String> names, boolean parallel, boolean any, Step step) {
        ConstraintSet.Builder set = ConstraintSet.newBuilder()
                .addAllResources(names)
                .setParallel((parallel && names.size() > 1) || any)
                .setAny(any);
        return step == Step.START ? set.build() : set.setAction(action(step)).build();
    }

    /** The sets that say the whole constraint; empty when ours cannot. */
    private List<ConstraintSet> sets(Element element) {
        List<ConstraintSet> sets = new ArrayList<>();
        if (element.has("first")) {
            Step first = OrderReader.step(element.get("first-action"), Step.START);
            List<String> firsts = references.expanded(element.get("first"));
            boolean any = !Values.bool(element.get("require-all"), true);
            if (any && firsts.stream().anyMatch(id -> targets.unit(id).isClone())) {
                return List.of();
            }
            sets.add(set(targets.names(firsts), true, false, first));
            sets.add(set(
                    targets.names(references.expanded(element.get("then"))),
                    true,
                    false,
                    OrderReader.step(element.get("then-action"), first)));
        }
        for (Element child : element.children("resource_set")) {
            Element set = cib.sets().resolved(child);
            boolean sequential = Values.bool(set.get("sequential"), true);
            boolean any = !Values.bool(set.get("require-all"), true);
            List<String> names = targets.names(references.inSet(set));
            if (sequential && any && names.size() > 1) {
                return List.of();
            }
            boolean choice = names.size() > 1
                    || names.stream().anyMatch(id -> targets.unit(id).isClone());
            sets.add(set(names, !sequential, any && choice, OrderReader.step(set.get("action"), Step.START)));
        }
        return ColocationImport.areGood(sets) ? sets : List.of();
    }
}
