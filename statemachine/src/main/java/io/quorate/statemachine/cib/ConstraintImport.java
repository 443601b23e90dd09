package io.quorate.statemachine.cib;

import io.quorate.statemachine.apply.CircleSearch;
import io.quorate.statemachine.cib.ConstraintWriter.Written;
import io.quorate.statemachine.cib.UnitImport.Unit;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.statemachine.model.Violation;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What becomes of constraints: placements of units, locations, colocations, orders and ticket constraints. What cannot be said is told, and where
 * it must hold its loss counts as a loss of protection.
 */
final class ConstraintImport {
    /** After so many no file is worth more of the work of looking for them. */
    private static final int MAX_CIRCLES = 100;

    private final Cib cib;
    private final Findings findings;
    private final UnitImport units;
    private final References references;
    private final Targets targets;
    private final ConstraintWriter writer = new ConstraintWriter();

    ConstraintImport(Cib cib, Findings findings, UnitImport units) {
        this.cib = cib;
        this.findings = findings;
        this.units = units;
        this.references = new References(cib);
        this.targets = new Targets(cib, units);
    }

    void read() {
        RuleImport rules = new RuleImport(cib);
        LocationImport locations = new LocationImport(cib, findings, references, targets, rules, writer);
        ColocationImport colocations = new ColocationImport(cib, findings, references, targets, rules, writer);
        OrderImport orders = new OrderImport(cib, findings, references, targets, writer);
        TicketImport tickets = new TicketImport(cib, findings, references, targets, writer);
        for (Element element : cib.section("constraints").children()) {
            String subject = element.name() + " " + element.id();
            switch (element.name()) {
                case "rsc_location" -> locations.read(element);
                case "rsc_colocation" -> colocations.read(element);
                case "rsc_order" -> orders.read(element);
                case "rsc_ticket" -> tickets.read(element);
                default -> findings.lost(element, subject, "this constraint is not known");
            }
            for (Element set : element.children("resource_set")) {
                String named = set.id().isEmpty() ? set.get("id-ref") : set.id();
                findings.kept(set, subject + " set " + named, "part of the constraint that it stands in");
            }
        }
        cib.primitives().stream()
                .filter(item -> item.has("container") && units.unit(item.id()).isPresent())
                .forEach(this::contained);
        units.units().forEach(this::unpromoted);
        locations.finish(units.units());
    }

    /** In ours a promotable clone is promoted somewhere unless a rule is against it everywhere. */
    private void unpromoted(Unit clone) {
        String name = "";
        for (CloneImport.Unpromoted reason : clone.unpromoted) {
            if (name.isEmpty()) {
                LocationSpec.Builder nowhere = LocationSpec.newBuilder()
                        .setResource(clone.name)
                        .setRole(Role.ROLE_PROMOTED)
                        .addAllRules(Condition.ALWAYS.rules(-Values.INFINITY).orElseThrow());
                name = writer.add(reason.element(), reason.subject(), clone.name + "-unpromoted", nowhere);
            }
            findings.changed(
                    reason.element(),
                    reason.subject(),
                    "the location " + name + " keeps it from being promoted: delete that once it may be");
        }
    }

    /** What is in a container runs where that runs, and after it. */
    private void contained(Item item) {
        Element element = cib.element(item.id()).orElseThrow();
        String subject = "primitive " + item.id() + " meta container";
        String container = item.meta("container");
        boolean inGuest =
                cib.primitives().stream().anyMatch(other -> other.id().equals(container) && other.has("remote-node"));
        Optional<Targets.Obstacle> obstacle = targets.obstacle(container);
        if (inGuest || obstacle.isPresent()) {
            String why = obstacle.map(Targets.Obstacle::text).orElse("guests that are nodes are not supported");
            findings.protectionLost(element, subject, why);
        } else if (targets.unit(item.id()) == targets.unit(container)) {
            findings.changed(element, subject, "they are in one group or clone");
        } else {
            String wish = item.id() + "-in-" + container;
            String inside = targets.name(item.id());
            String outside = targets.name(container);
            ColocationSpec.Builder beside =
                    ColocationSpec.newBuilder().setResource(inside).setWithResource(outside);
            OrderSpec.Builder after = OrderSpec.newBuilder().setFirst(outside).setThen(inside);
            String name = writer.add(element, subject, wish, beside);
            writer.add(element, subject, wish, true, after);
            findings.changed(
                    element,
                    subject,
                    "the colocation and the order " + name + "; its failures count for itself, not for the container");
        }
    }

    /** The rules that a cluster would accept beside these objects; the others get another verdict. */
    List<Manifest> acceptedBeside(List<Manifest> objects) {
        Set<String> names = new TreeSet<>();
        for (Manifest object : objects) {
            if (object.hasResource() || object.hasGroup() || object.hasClone()) {
                names.add(object.getMeta().getName());
            }
        }
        for (Written one : List.copyOf(writer.written())) {
            Optional<String> refusal = refusal(one.manifest(), names);
            refusal.ifPresent(why -> drop(one, "it would be refused: " + why));
        }
        breakCircles(objects);
        return writer.written().stream().map(Written::manifest).toList();
    }

    private static Optional<String> refusal(Manifest manifest, Set<String> names) {
        for (Violation violation : ManifestRules.check(manifest)) {
            String where = violation.field().isEmpty() ? "" : violation.field() + ": ";
            return Optional.of(where + violation.message());
        }
        return named(manifest).stream()
                .filter(name -> !names.contains(name))
                .findFirst()
                .map(name -> name + " was left out");
    }

    private static List<String> named(Manifest manifest) {
        List<String> named = new ArrayList<>(List.of(
                manifest.getLocation().getResource(),
                manifest.getColocation().getResource(),
                manifest.getColocation().getWithResource(),
                manifest.getOrder().getFirst(),
                manifest.getOrder().getThen()));
        manifest.getColocation().getSetsList().stream()
                .map(ConstraintSet::getResourcesList)
                .forEach(named::addAll);
        manifest.getOrder().getSetsList().stream()
                .map(ConstraintSet::getResourcesList)
                .forEach(named::addAll);
        named.addAll(manifest.getTicketConstraint().getResourcesList());
        named.removeIf(String::isEmpty);
        return named;
    }

    private void drop(Written one, String why) {
        writer.remove(one);
        findings.revoke(one.element(), one.subject());
        if (one.isMust()) {
            findings.protectionLost(one.element(), one.subject(), why);
        } else {
            findings.lost(one.element(), one.subject(), why);
        }
    }

    /** Pacemaker cuts a circle somewhere; a cluster of ours refuses it, so that of each the weakest rule is left out. */
    private void breakCircles(List<Manifest> objects) {
        for (int found = 0; found < MAX_CIRCLES; found++) {
            List<Manifest> all = new ArrayList<>(objects);
            writer.written().forEach(one -> all.add(one.manifest()));
            Optional<CircleSearch.Circle> circle = CircleSearch.find(all);
            if (circle.isEmpty()) {
                return;
            }
            weakest(circle.get())
                    .ifPresent(one ->
                            drop(one, "it closes a circle: " + circle.get().words()));
        }
        for (Written one : List.copyOf(writer.written())) {
            if (one.manifest().hasColocation() || one.manifest().hasOrder()) {
                drop(one, "there are more than " + MAX_CIRCLES + " circles of constraints: none was taken over");
            }
        }
    }

    /** Of equals the last in the file: that is the one that somebody added to a configuration that worked. */
    private Optional<Written> weakest(CircleSearch.Circle circle) {
        Optional<Written> weakest = Optional.empty();
        for (Written one : writer.written()) {
            boolean inIt = circle.sources().contains(Keys.of(one.manifest()));
            if (inIt && weakest.map(other -> one.weight() <= other.weight()).orElse(true)) {
                weakest = Optional.of(one);
            }
        }
        return weakest;
    }
}
