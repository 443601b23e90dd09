package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.Item.Kind;
import io.quorate.statemachine.cib.Item.OperationLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code resources}: templates merged, meta-attributes inherited, defaults applied. */
final class ResourceReader {
    private final AttributeSets sets;
    private final Map<String, Element> byId;
    /** A node may have the id of the connection to it. */
    private final Map<String, Element> primitives = new TreeMap<>();

    private final Optional<Element> resourceDefaults;
    private final Optional<Element> operationDefaults;
    private final Rules.Context context;

    ResourceReader(Element configuration, Map<String, Element> byId, AttributeSets sets, Rules.Context context) {
        this.sets = sets;
        this.byId = byId;
        this.resourceDefaults = configuration.child("rsc_defaults");
        this.operationDefaults = configuration.child("op_defaults");
        this.context = context;
    }

    List<Item> read(Element resources) throws CibException {
        List<Item> items = new ArrayList<>();
        for (Element element : resources.children()) {
            read(element, null).ifPresent(items::add);
        }
        return List.copyOf(items);
    }

    private Optional<Item> read(Element element, @Nullable Item parent) throws CibException {
        Kind kind;
        switch (element.name()) {
            case "primitive" -> kind = Kind.PRIMITIVE;
            case "group" -> kind = Kind.GROUP;
            case "clone", "master" -> kind = Kind.CLONE;
            case "bundle" -> kind = Kind.BUNDLE;
            default -> {
                return Optional.empty();
            }
        }
        if (kind == Kind.PRIMITIVE) {
            primitives.put(element.id(), element);
        }
        Optional<Element> template = template(element);
        String agent = kind == Kind.PRIMITIVE ? agent(element, template) : "";
        Rules.Context asked = context.withAgent(agent);
        SortedMap<String, String> meta = new TreeMap<>();
        sets.addTo(meta, element, "meta_attributes", asked);
        template.ifPresent(base -> sets.addTo(meta, base, "meta_attributes", asked));
        if (element.name().equals("master")) {
            meta.put("promotable", "true");
        }
        if (parent != null) {
            parent.metaMap().forEach((name, value) -> meta.putIfAbsent(name, value));
        }
        resourceDefaults.ifPresent(defaults -> sets.addTo(meta, defaults, "meta_attributes", asked));
        if (agent.equals(Item.REMOTE_CONNECTION)) {
            String interval = sets.of(element, "instance_attributes", asked).getOrDefault("reconnect_interval", "");
            if (Values.millis(interval).orElse(0) > 0) {
                // The failure of a connection is forgotten when it is time for the next attempt.
                meta.put("failure-timeout", interval);
                meta.put(Item.RECONNECT, interval);
            }
        }
        String runner = kind == Kind.BUNDLE ? Bundle.describe(element, meta) : agent;
        Item item = new Item(kind, element.id(), runner, parent, meta, operations(element, template, asked));
        sets.addTo(item.utilization(), element, "utilization", asked);
        template.ifPresent(base -> sets.addTo(item.utilization(), base, "utilization", asked));
        for (Element child : element.children()) {
            read(child, item).ifPresent(item::add);
        }
        return Optional.of(item);
    }

    private Optional<Element> template(Element element) throws CibException {
        if (!element.has("template")) {
            return Optional.empty();
        }
        Element template = byId.get(element.get("template"));
        if (template == null || !template.name().equals("template")) {
            throw new CibException(
                    element.at(), element.id() + " names the template " + element.get("template") + ": there is none");
        }
        return Optional.of(template);
    }

    private static String agent(Element element, Optional<Element> template) {
        Element source = element.has("class") ? element : template.orElse(element);
        String provider = source.get("provider");
        return source.get("class") + ":" + (provider.isEmpty() ? "" : provider + ":") + source.get("type");
    }

    /** A resource's own operations win over those of its template with the same name and interval. */
    private List<OperationLine> operations(Element element, Optional<Element> template, Rules.Context asked) {
        List<OperationLine> lines = new ArrayList<>();
        List<Element> sources = new ArrayList<>(List.of(element));
        template.ifPresent(sources::add);
        for (Element source : sources) {
            for (Element block : source.children("operations")) {
                for (Element line : sets.resolved(block).children("op")) {
                    OperationLine operation = operation(sets.resolved(line), asked);
                    boolean known = lines.stream()
                            .anyMatch(other -> other.name().equals(operation.name())
                                    && other.intervalMillis() == operation.intervalMillis());
                    if (!known) {
                        lines.add(operation);
                    }
                }
            }
        }
        return lines;
    }

    private OperationLine operation(Element line, Rules.Context asked) {
        String name = line.get("name");
        long interval = Values.millis(line.get("interval")).orElse(0);
        return new OperationLine(name, interval, options(line, name, interval, asked));
    }

    private SortedMap<String, String> options(Element line, String name, long interval, Rules.Context asked) {
        Rules.Context context = asked.withOperation(name + ":" + interval);
        SortedMap<String, String> options = sets.of(line, "meta_attributes", context);
        options.putAll(line.attributes());
        operationDefaults.ifPresent(defaults -> sets.addTo(options, defaults, "meta_attributes", context));
        return options;
    }

    /** What its agent is told on a node with these attributes. */
    SortedMap<String, String> parameters(Item item, SortedMap<String, String> node) {
        SortedMap<String, String> parameters = new TreeMap<>();
        Rules.Context asked = context.withAgent(item.agent()).withNode(node);
        Element element = primitives.get(item.id());
        if (element != null) {
            sets.addTo(parameters, element, "instance_attributes", asked);
            Element template = byId.get(element.get("template"));
            if (template != null) {
                sets.addTo(parameters, template, "instance_attributes", asked);
            }
            // This value stands for none.
            parameters.values().removeIf("#default"::equals);
        }
        return parameters;
    }

    /** What the defaults say of an operation that is not configured. */
    SortedMap<String, String> defaults(Item item, String name, long interval) {
        SortedMap<String, String> options = new TreeMap<>();
        operationDefaults.ifPresent(defaults -> sets.addTo(
                options,
                defaults,
                "meta_attributes",
                context.withAgent(item.agent()).withOperation(name + ":" + interval)));
        return options;
    }
}
