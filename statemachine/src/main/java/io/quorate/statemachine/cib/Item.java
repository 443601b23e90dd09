package io.quorate.statemachine.cib;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A resource of a CIB with what is inside it, its template merged in and its meta-attributes resolved. */
final class Item {
    /** What holds what. */
    enum Kind {
        PRIMITIVE,
        GROUP,
        CLONE,
        BUNDLE
    }

    static final String REMOTE_CONNECTION = "ocf:pacemaker:remote";
    /** How long after a failure a connection is made again. */
    static final String RECONNECT = "reconnect_interval";

    private final Kind kind;
    private final String id;
    private final String agent;
    private final @Nullable Item parent;
    private final SortedMap<String, String> meta;
    private final List<OperationLine> operations;
    private final SortedMap<String, String> utilization = new TreeMap<>();
    private final List<Item> children = new ArrayList<>();

    Item(
            Kind kind,
            String id,
            String agent,
            @Nullable Item parent,
            SortedMap<String, String> meta,
            List<OperationLine> operations) {
        this.kind = kind;
        this.id = id;
        this.agent = agent;
        this.parent = parent;
        this.meta = Collections.unmodifiableSortedMap(new TreeMap<>(meta));
        this.operations = List.copyOf(operations);
    }

    /**
     * One configured operation.
     *
     * @param intervalMillis 0 for one that does not recur
     * @param options everything said about it, attributes of the line and of its blocks
     */
    record OperationLine(String name, long intervalMillis, SortedMap<String, String> options) {
        OperationLine {
            options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
        }

        String option(String key) {
            return options.getOrDefault(key, "");
        }

        boolean isEnabled() {
            return Values.bool(option("enabled"), true);
        }
    }

    void add(Item child) {
        children.add(child);
    }

    Kind kind() {
        return kind;
    }

    String id() {
        return id;
    }

    /** {@code ocf:heartbeat:IPaddr2}; for a bundle what runs its containers; empty for what holds others. */
    String agent() {
        return agent;
    }

    /** {@code ocf}, {@code stonith} and so on. */
    String agentClass() {
        int colon = agent.indexOf(':');
        return colon < 0 ? agent : agent.substring(0, colon);
    }

    boolean isFenceDevice() {
        return agentClass().equals("stonith");
    }

    /** A connection to a remote node, which has its name. */
    boolean isRemoteConnection() {
        return agent.equals(REMOTE_CONNECTION);
    }

    Optional<Item> parent() {
        return Optional.ofNullable(parent);
    }

    List<Item> children() {
        return Collections.unmodifiableList(children);
    }

    List<OperationLine> operations() {
        return operations;
    }

    SortedMap<String, String> metaMap() {
        return meta;
    }

    /** How much it takes of what nodes have. */
    SortedMap<String, String> utilization() {
        return utilization;
    }

    String meta(String name) {
        return meta.getOrDefault(name, "");
    }

    boolean has(String name) {
        return meta.containsKey(name);
    }

    boolean meta(String name, boolean byDefault) {
        return Values.bool(meta(name), byDefault);
    }

    /** Itself and everything inside. */
    Stream<Item> walk() {
        return Stream.concat(Stream.of(this), children.stream().flatMap(Item::walk));
    }

    Stream<Item> primitives() {
        return walk().filter(item -> item.kind == Kind.PRIMITIVE);
    }

    /** The clone that it is in, at whatever depth; a bundle is one, of containers. */
    Optional<Item> enclosingClone() {
        for (Item item = this; item != null; item = item.parent) {
            if (item.kind == Kind.CLONE || item.kind == Kind.BUNDLE) {
                return Optional.of(item);
            }
        }
        return Optional.empty();
    }

    /** Whether it is a resource by itself that Pacemaker moves without stopping it. */
    boolean isMigratable() {
        return kind == Kind.PRIMITIVE
                && parent == null
                && agentClass().equals("ocf")
                && !isRemoteConnection()
                && meta("allow-migrate", false);
    }

    boolean isPromotable() {
        return enclosingClone().map(clone -> clone.meta("promotable", false)).orElse(false);
    }

    boolean isUnique() {
        return enclosingClone()
                .map(clone -> clone.meta("globally-unique", false))
                .orElse(false);
    }

    /** Neither unmanaged nor in maintenance by what is said about it. */
    boolean isManaged() {
        return meta("is-managed", true) && !meta("maintenance", false);
    }

    String targetRole() {
        return meta("target-role").toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return id;
    }
}
