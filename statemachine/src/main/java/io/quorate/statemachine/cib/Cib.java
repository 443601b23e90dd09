package io.quorate.statemachine.cib;

import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A CIB that was read: its options, its resources and its status section. */
final class Cib {
    private static final Element NOTHING = new Element("nothing", new TreeMap<>(), List.of(), Element.Place.START);

    private final Element root;
    private final Instant now;
    private final SortedMap<String, Element> byId = new TreeMap<>();
    private final AttributeSets sets = new AttributeSets(byId);
    private final SortedMap<String, String> options;
    private final List<Item> resources;
    private final List<Item> primitives;
    private final ResourceReader reader;

    private Cib(Element root, Instant now) throws CibException {
        this.root = root;
        this.now = now;
        root.walk().filter(element -> element.has("id")).forEach(element -> byId.putIfAbsent(element.id(), element));
        this.options = sets.of(section("crm_config"), "cluster_property_set", context());
        this.reader = new ResourceReader(configuration(), byId, sets, context());
        this.resources = reader.read(section("resources"));
        this.primitives = resources.stream().flatMap(Item::primitives).toList();
    }

    /**
     * Reads a whole CIB.
     *
     * @param now the time that rules and failures are judged by
     * @throws CibException when it is no CIB
     */
    static Cib read(InputStream in, Instant now) throws CibException {
        return read(in, Optional.of(now), now);
    }

    /**
     * Reads a whole CIB.
     *
     * @param now empty: the CIB's {@code execution-date}, which is written into one that is kept to be looked at later, or
     *     without one the clock's
     * @param clock the time outside
     * @throws CibException when it is no CIB
     */
    static Cib read(InputStream in, Optional<Instant> now, Instant clock) throws CibException {
        Element root = XmlReader.read(in);
        if (!root.name().equals("cib") || root.child("configuration").isEmpty()) {
            throw new CibException(root.at(), "this is no CIB: <cib> with a <configuration> is expected");
        }
        return new Cib(root, now.or(() -> executionDate(root)).orElse(clock));
    }

    private static Optional<Instant> executionDate(Element root) {
        long seconds = Values.leadingNumber(root.get("execution-date"));
        return seconds > 0 ? Optional.of(Instant.ofEpochSecond(seconds)) : Optional.empty();
    }

    Element configuration() {
        return root.child("configuration").orElse(NOTHING);
    }

    Element section(String name) {
        return configuration().child(name).orElse(NOTHING);
    }

    Element status() {
        return root.child("status").orElse(NOTHING);
    }

    Instant now() {
        return now;
    }

    Rules.Context context() {
        return Rules.Context.at(now);
    }

    AttributeSets sets() {
        return sets;
    }

    ResourceReader reader() {
        return reader;
    }

    List<Item> resources() {
        return resources;
    }

    /** All primitives, in the order of the file. */
    List<Item> primitives() {
        return primitives;
    }

    /** The parameters of a primitive's agent, those of its template beside its own. */
    SortedMap<String, String> parameters(Element primitive) {
        SortedMap<String, String> parameters = sets.of(primitive, "instance_attributes", context());
        element(primitive.get("template"))
                .ifPresent(template -> sets.addTo(parameters, template, "instance_attributes", context()));
        return parameters;
    }

    Optional<Element> element(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** A cluster option by its current name; what an older schema called it counts too. */
    String option(String name) {
        String value = options.get(name);
        return value != null ? value : options.getOrDefault(olderName(name), "");
    }

    private static String olderName(String option) {
        return switch (option) {
            case "fencing-enabled" -> "stonith-enabled";
            case "fencing-action" -> "stonith-action";
            case "fencing-timeout" -> "stonith-timeout";
            case "fencing-watchdog-timeout" -> "stonith-watchdog-timeout";
            case "stop-removed-resources" -> "stop-orphan-resources";
            default -> option;
        };
    }

    boolean option(String name, boolean byDefault) {
        return Values.bool(option(name), byDefault);
    }

    /** Whether nodes can be fenced at all. */
    boolean fencing() {
        return option("fencing-enabled", true);
    }

    /** Id of the node whose controller made the decisions. */
    String coordinator() {
        return root.get("dc-uuid");
    }

    Optional<String> clusterName() {
        return Optional.of(option("cluster-name")).filter(name -> !name.isEmpty());
    }

    boolean hasQuorum() {
        return Values.bool(root.find("have-quorum").orElse("1"), true);
    }
}
