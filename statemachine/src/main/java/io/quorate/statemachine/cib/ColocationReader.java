package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Problem.Colocation;
import io.quorate.statemachine.placement.Role;
import io.quorate.statemachine.placement.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads {@code rsc_colocation}: pairs, and sets whose members stay together and of which each depends on the next. */
final class ColocationReader {
    private final Cib cib;
    private final References references;
    /** Where a colocation does not say, those of these influence nothing. */
    private final Set<String> notCritical = new TreeSet<>();

    private final List<Colocation> found = new ArrayList<>();

    ColocationReader(Cib cib, References references) {
        this.cib = cib;
        this.references = references;
        cib.resources().stream()
                .flatMap(Item::walk)
                .filter(item -> !item.meta("critical", true))
                .forEach(item -> notCritical.add(item.id()));
    }

    List<Colocation> read() {
        cib.section("constraints").children("rsc_colocation").forEach(this::add);
        return List.copyOf(found);
    }

    /** What one constraint says. */
    List<Colocation> read(Element element) {
        add(element);
        return List.copyOf(found);
    }

    private void add(Element element) {
        int score = element.has("score") ? Values.score(element.get("score")) : Score.INFINITY;
        if (!element.has("rsc")) {
            sets(element, score);
            return;
        }
        for (String dependent : references.expanded(element.get("rsc"))) {
            for (String primary : references.expanded(element.get("with-rsc"))) {
                add(
                        element,
                        dependent,
                        role(element.get("rsc-role")),
                        primary,
                        role(element.get("with-rsc-role")),
                        score);
            }
        }
    }

    private record Members(List<String> ids, Optional<Role> role, boolean sequential) {}

    private void sets(Element element, int score) {
        Members last = null;
        for (Element child : element.children("resource_set")) {
            Element set = cib.sets().resolved(child);
            int own = set.has("score") ? Values.score(set.get("score")) : score;
            Members members =
                    new Members(references.inSet(set), role(set.get("role")), Values.bool(set.get("sequential"), true));
            inside(element, members, own);
            if (last != null) {
                between(element, last, members, score);
            }
            last = members;
        }
    }

    /** In sequence, each depends on the one before it; what shall not be together keeps away from every other. */
    private void inside(Element element, Members set, int score) {
        for (int i = 1; set.sequential() && i < set.ids().size(); i++) {
            for (String other : set.ids().subList(score < 0 ? 0 : i - 1, i)) {
                add(element, set.ids().get(i), set.role(), other, set.role(), score);
            }
        }
    }

    private void between(Element element, Members dependent, Members primary, int score) {
        List<String> dependents = dependent.sequential() && !dependent.ids().isEmpty()
                ? dependent.ids().subList(0, 1)
                : dependent.ids();
        List<String> primaries = primary.sequential() && !primary.ids().isEmpty()
                ? primary.ids().subList(primary.ids().size() - 1, primary.ids().size())
                : primary.ids();
        for (String one : dependents) {
            for (String other : primaries) {
                add(element, one, dependent.role(), other, primary.role(), score);
            }
        }
    }

    private void add(
            Element element,
            String dependent,
            Optional<Role> dependentRole,
            String primary,
            Optional<Role> primaryRole,
            int score) {
        found.add(new Colocation(
                element.id(),
                dependent,
                dependentRole,
                primary,
                primaryRole,
                score,
                element.find("node-attribute").orElse("#uname"),
                Values.bool(element.get("influence"), !notCritical.contains(dependent))));
    }

    static Optional<Role> role(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "promoted", "master" -> Optional.of(Role.PROMOTED);
            case "unpromoted", "slave" -> Optional.of(Role.UNPROMOTED);
            case "stopped" -> Optional.of(Role.STOPPED);
            default -> Optional.empty();
        };
    }
}
