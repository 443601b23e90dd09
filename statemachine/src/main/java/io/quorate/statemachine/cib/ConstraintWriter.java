package io.quorate.statemachine.cib;

import io.quorate.v1.ColocationSpec;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.TicketConstraintSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Collects the rules that are written, each with a name of its own and with what it was made of. */
final class ConstraintWriter {
    private static final int MAX_NAME = 64;

    private final List<Written> written = new ArrayList<>();
    private final Set<String> names = new TreeSet<>();

    /**
     * A rule that is written.
     *
     * @param element what it was made of
     * @param subject what the findings call that
     * @param weight how much it binds, up to infinity, which is what must be
     */
    record Written(Manifest manifest, Element element, String subject, int weight) {
        boolean isMust() {
            return weight >= Values.INFINITY;
        }

        String name() {
            return manifest.getMeta().getName();
        }
    }

    List<Written> written() {
        return Collections.unmodifiableList(written);
    }

    void remove(Written one) {
        written.remove(one);
    }

    /** Returns the name. */
    String add(Element element, String subject, String wish, LocationSpec.Builder spec) {
        boolean bans = spec.getNodesMap().containsValue(-Values.INFINITY)
                || spec.getRulesList().stream().anyMatch(rule -> rule.getScore() <= -Values.INFINITY);
        return add(
                element,
                subject,
                bans ? Values.INFINITY : 0,
                named("location ", wish).setLocation(spec));
    }

    /** Returns the name. */
    String add(Element element, String subject, String wish, ColocationSpec.Builder spec) {
        int weight = spec.hasScore() ? Math.abs(spec.getScore()) : Values.INFINITY;
        return add(element, subject, weight, named("colocation ", wish).setColocation(spec));
    }

    /** Returns the name. */
    String add(Element element, String subject, String wish, boolean must, OrderSpec.Builder spec) {
        return add(
                element,
                subject,
                must ? Values.INFINITY : 0,
                named("order ", wish).setOrder(spec));
    }

    /** Returns the name. */
    String add(Element element, String subject, String wish, TicketConstraintSpec.Builder spec) {
        return add(element, subject, Values.INFINITY, named("ticket ", wish).setTicketConstraint(spec));
    }

    private String add(Element element, String subject, int weight, Manifest.Builder manifest) {
        Written one = new Written(manifest.build(), element, subject, weight);
        written.add(one);
        return one.name();
    }

    /** What is left of an id when only letters, digits, dots, underscores and dashes are: the first that is free of it, -2, -3... */
    private Manifest.Builder named(String kind, String wish) {
        String clean = wish.replaceAll("[^A-Za-z0-9._-]", "-").replaceFirst("^[^A-Za-z0-9]+", "");
        String base = clean.isEmpty() ? "rule" : clean;
        String name = base.substring(0, Math.min(MAX_NAME, base.length()));
        for (int number = 2; !names.add(kind + name); number++) {
            String suffix = "-" + number;
            name = base.substring(0, Math.min(MAX_NAME - suffix.length(), base.length())) + suffix;
        }
        return Manifest.newBuilder().setMeta(ObjectMeta.newBuilder().setName(name));
    }
}
