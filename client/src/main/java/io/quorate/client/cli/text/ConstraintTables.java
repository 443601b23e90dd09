package io.quorate.client.cli.text;

import io.quorate.client.ObjectNames;
import io.quorate.client.manifest.ManifestWriter;
import io.quorate.statemachine.model.LongForms;
import io.quorate.v1.AnyObject;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.Follow;
import io.quorate.v1.Manifest;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Tables of what objects say of where others run, and when. */
public final class ConstraintTables {
    private ConstraintTables() {}

    /** A line each: name, what it says, revision. */
    public static String constraints(String kind, List<AnyObject> objects) {
        Table table = new Table(kind, "RULE", "REV");
        for (AnyObject object : objects) {
            for (RuleText.Line line : RuleText.lines(ManifestWriter.manifest(object))) {
                table.row(
                        ObjectNames.meta(object).getName(),
                        line.text(),
                        Long.toString(ObjectNames.meta(object).getRevision()));
            }
        }
        return table.render();
    }

    /** Where each rule of these objects is written, and what it says. */
    public static String rules(List<Rule> rules) {
        if (rules.isEmpty()) {
            return "no rules\n";
        }
        Table table = new Table("WRITTEN IN", "RULE");
        rules.forEach(rule -> table.row(rule.where(), rule.text()));
        return table.render();
    }

    /**
     * A rule and its place.
     *
     * @param object the object that says it
     * @param field where in it; empty for an object that says nothing else
     */
    public record Rule(AnyObject object, String field, String text) {
        /** {@code groups/web placement.near.db}. */
        public String where() {
            return ObjectNames.key(object) + (field.isEmpty() ? "" : " " + field);
        }
    }

    /** Every rule that is about one of the names, in the order of the objects. */
    public static List<Rule> touching(List<AnyObject> objects, Set<String> names) {
        List<Rule> rules = new ArrayList<>();
        for (AnyObject object : objects) {
            Manifest manifest = ManifestWriter.manifest(object);
            boolean own = (object.hasGroup() || object.hasResource() || object.hasClone())
                    && names.contains(manifest.getMeta().getName());
            for (RuleText.Line line : RuleText.lines(manifest)) {
                if (own || namesIn(manifest, line.field()).stream().anyMatch(names::contains)) {
                    rules.add(new Rule(object, line.field(), line.text()));
                }
            }
        }
        return rules;
    }

    /** The others that one rule of an object names. */
    private static List<String> namesIn(Manifest manifest, String field) {
        return switch (manifest.getSpecCase()) {
            case RESOURCE ->
                others(
                        manifest.getResource().getPlacement(),
                        manifest.getResource().getFollow(),
                        field);
            case GROUP ->
                others(manifest.getGroup().getPlacement(), manifest.getGroup().getFollow(), field);
            case CLONE ->
                others(manifest.getClone().getPlacement(), manifest.getClone().getFollow(), field);
            case LOCATION -> List.of(manifest.getLocation().getResource());
            case COLOCATION -> {
                ColocationSpec spec = manifest.getColocation();
                yield all(spec.getResource(), spec.getWithResource(), spec.getSetsList());
            }
            case ORDER -> {
                OrderSpec spec = manifest.getOrder();
                yield all(spec.getFirst(), spec.getThen(), spec.getSetsList());
            }
            case TICKET_CONSTRAINT -> manifest.getTicketConstraint().getResourcesList();
            case FENCE_DEVICE, FENCE_PLAN, NODE, SETTINGS, SPEC_NOT_SET -> List.of();
        };
    }

    private static List<String> others(Placement placement, Follow follow, String field) {
        return LongForms.colocations("", placement, follow).stream()
                .filter(one -> one.field().equals(field))
                .map(one -> one.spec().getWithResource())
                .toList();
    }

    private static List<String> all(String one, String other, List<ConstraintSet> sets) {
        List<String> names = new ArrayList<>(List.of(one, other));
        sets.forEach(set -> names.addAll(set.getResourcesList()));
        return names;
    }
}
