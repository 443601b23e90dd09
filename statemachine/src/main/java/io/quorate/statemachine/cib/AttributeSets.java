package io.quorate.statemachine.cib;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The name-value pairs of blocks such as {@code meta_attributes}: those with the highest score first, rules asked, references followed. */
final class AttributeSets {
    private static final Comparator<Element> HIGHEST_SCORE_FIRST =
            Comparator.comparing((Element block) -> -Values.score(block.get("score")));

    private final Map<String, Element> byId;

    /** @param byId every element of the document that has an id */
    AttributeSets(Map<String, Element> byId) {
        this.byId = byId;
    }

    /** The pairs of all blocks of that name among the children of an element. */
    SortedMap<String, String> of(Element parent, String block, Rules.Context context) {
        SortedMap<String, String> values = new TreeMap<>();
        addTo(values, parent, block, context);
        return values;
    }

    /** Adds what is not there yet. */
    void addTo(SortedMap<String, String> values, Element parent, String block, Rules.Context context) {
        List<Element> blocks = new ArrayList<>();
        parent.children(block).forEach(child -> blocks.add(resolved(child)));
        blocks.sort(HIGHEST_SCORE_FIRST);
        for (Element each : blocks) {
            boolean applies =
                    each.children("rule").stream().map(this::resolved).allMatch(rule -> Rules.holds(rule, context));
            if (applies) {
                addPairs(values, each, 0);
            }
        }
    }

    private void addPairs(SortedMap<String, String> values, Element block, int depth) {
        for (Element child : block.children()) {
            Element pair = resolved(child);
            if (pair.name().equals("nvpair")) {
                String name = child.find("name").orElse(pair.get("name"));
                if (pair.has("value")) {
                    values.putIfAbsent(name, pair.get("value"));
                }
            } else if (pair.name().equals("attributes") && depth == 0) {
                // Schemas before 1.0 wrapped the pairs once more.
                addPairs(values, pair, 1);
            }
        }
    }

    /** The element that an {@code id-ref} names, or the element itself. */
    Element resolved(Element element) {
        return element.find("id-ref").map(byId::get).orElse(element);
    }
}
