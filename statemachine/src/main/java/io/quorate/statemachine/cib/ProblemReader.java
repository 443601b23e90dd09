package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Machine;
import io.quorate.statemachine.placement.Meta;
import io.quorate.statemachine.placement.OnFail;
import io.quorate.statemachine.placement.Options;
import io.quorate.statemachine.placement.Problem;
import io.quorate.statemachine.placement.Problem.Activity;
import io.quorate.statemachine.placement.Problem.Location;
import io.quorate.statemachine.placement.Problem.LossPolicy;
import io.quorate.statemachine.placement.Problem.Ticketed;
import io.quorate.statemachine.placement.Resource;
import io.quorate.statemachine.placement.Role;
import io.quorate.statemachine.placement.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Makes a problem for the placement engine of a CIB. */
final class ProblemReader {
    private final Cib cib;
    private final StatusReader.Status status;
    private final References references;

    private ProblemReader(Cib cib, StatusReader.Status status) {
        this.cib = cib;
        this.status = status;
        this.references = new References(cib);
    }

    static Problem read(Cib cib) {
        return read(cib, StatusReader.read(cib));
    }

    static Problem read(Cib cib, StatusReader.Status status) {
        return new ProblemReader(cib, status).problem();
    }

    private Problem problem() {
        List<Resource> resources = new ArrayList<>();
        cib.resources().forEach(item -> resource(item).ifPresent(resources::add));
        status.orphans().stream()
                .filter(item -> status.lives().stream().anyMatch(live -> live.item == item && live.isActive()))
                .forEach(item -> resource(item).ifPresent(resources::add));
        Contained contained = Contained.of(cib);
        return new Problem(
                options(),
                status.nodes().values().stream().map(this::machine).toList(),
                resources,
                with(with(locations(), contained.locations()), new ShutdownLocks(cib, status).locations()),
                with(new ColocationReader(cib, references).read(), contained.colocations()),
                with(new OrderReader(cib, references).read(), contained.orders()),
                tickets(),
                with(activities(), new UnknownPlaces(cib, status).activities()),
                promotionScores(),
                failCounts(),
                status.parts().stream().map(this::activity).toList());
    }

    private static <T> List<T> with(List<T> configured, List<T> implied) {
        return Stream.concat(configured.stream(), implied.stream()).toList();
    }

    private Options options() {
        Options.NoQuorum noQuorum = switch (cib.option("no-quorum-policy").toLowerCase(Locale.ROOT)) {
            case "ignore" -> Options.NoQuorum.IGNORE;
            case "freeze" -> Options.NoQuorum.FREEZE;
            case "demote" -> Options.NoQuorum.DEMOTE;
            case "suicide", "fence" -> Options.NoQuorum.FENCE;
            default -> Options.NoQuorum.STOP;
        };
        Options.Strategy strategy = switch (cib.option("placement-strategy").toLowerCase(Locale.ROOT)) {
            case "utilization" -> Options.Strategy.UTILIZATION;
            case "balanced" -> Options.Strategy.BALANCED;
            case "minimal" -> Options.Strategy.MINIMAL;
            default -> Options.Strategy.DEFAULT;
        };
        return new Options(
                cib.fencing(),
                cib.hasQuorum(),
                noQuorum,
                cib.option("symmetric-cluster", true),
                cib.option("maintenance-mode", false),
                cib.option("stop-all-resources", false),
                cib.option("start-failure-is-fatal", true),
                cib.option("stop-removed-resources", true),
                strategy,
                cib.option("concurrent-fencing", true),
                false);
    }

    private Machine machine(NodeStatus node) {
        SortedMap<String, Integer> capacity = new TreeMap<>();
        node.capacity.forEach((name, value) -> capacity.put(name, (int) Values.leadingNumber(value)));
        return new Machine(
                node.name,
                node.online,
                node.unclean,
                node.pending || node.revocable,
                node.standby,
                node.maintenance,
                node.shuttingDown,
                cib.fencing() || node.kind == NodeStatus.Kind.GUEST,
                node.replica
                        .map(Bundle.Replica::instance)
                        .or(() -> node.container)
                        .or(() -> Optional.of(node.name).filter(name -> node.connected)),
                node.attributes(),
                capacity);
    }

    private Optional<Resource> resource(Item item) {
        return switch (item.kind()) {
            case PRIMITIVE -> Optional.of(primitive(item));
            case GROUP -> item.children().isEmpty() ? Optional.empty() : Optional.of(group(item));
            case CLONE -> item.children().isEmpty() ? Optional.empty() : Optional.of(clone(item));
            case BUNDLE -> Optional.of(bundle(item));
        };
    }

    private Resource.Primitive primitive(Item item) {
        SortedMap<String, Integer> utilization = new TreeMap<>();
        item.utilization().forEach((name, value) -> utilization.put(name, (int) Values.leadingNumber(value)));
        return new Resource.Primitive(item.id(), meta(item), item.agent(), item.isFenceDevice(), utilization);
    }

    private Resource.Group group(Item item) {
        return new Resource.Group(
                item.id(), meta(item), item.primitives().map(this::primitive).toList());
    }

    private Resource.Clone clone(Item item) {
        Item inner = item.children().get(0);
        return clone(item, inner.kind() == Item.Kind.GROUP ? group(inner) : primitive(inner));
    }

    /** Replicas are instances of what has the bundle's name; each can be told from the others, as its container can. */
    private Resource.Clone bundle(Item item) {
        Resource.Primitive replica = primitive(item);
        Resource.Container container = new Resource.Container(
                item.agent(),
                Bundle.of(item).inner().map(Item::id),
                Optional.of(item.meta("ip-range-start")).filter(address -> address.indexOf('.') > 0));
        Resource.Clone clone = clone(
                item,
                new Resource.Primitive(
                        replica.id(),
                        replica.meta(),
                        replica.agent(),
                        false,
                        replica.utilization(),
                        Optional.of(container)));
        return new Resource.Clone(
                clone.id(),
                clone.meta(),
                clone.of(),
                clone.max(),
                number(item, "clone-node-max", 1),
                clone.min(),
                clone.interleave(),
                clone.ordered(),
                true,
                clone.promotable(),
                clone.promotedMax(),
                clone.promotedPerNode());
    }

    private Resource.Clone clone(Item item, Resource of) {
        boolean promotable = item.meta("promotable", false);
        int nodes = (int) status.nodes().values().stream()
                .filter(node -> node.replica.isEmpty())
                .count();
        boolean unique = item.meta("globally-unique", false);
        int perNode = unique || item.has("clone-node-max") ? number(item, "clone-node-max", 1) : 1;
        return new Resource.Clone(
                item.id(),
                meta(item),
                of,
                number(item, "clone-max", Math.max(1, nodes)),
                unique ? perNode : 1,
                number(item, "clone-min", 0),
                item.meta("interleave", false),
                item.meta("ordered", false),
                unique,
                promotable,
                number(item, item.has("promoted-max") ? "promoted-max" : "master-max", 1),
                number(item, item.has("promoted-node-max") ? "promoted-node-max" : "master-node-max", 1));
    }

    private static int number(Item item, String name, int byDefault) {
        return item.has(name) ? Values.instances(item.meta(name)) : byDefault;
    }

    private Meta meta(Item item) {
        Optional<Role> target = switch (item.targetRole()) {
            case "stopped" -> Optional.of(Role.STOPPED);
            case "started" -> Optional.of(Role.PROMOTED);
            case "promoted", "master" -> Optional.of(Role.PROMOTED);
            case "unpromoted", "slave" -> Optional.of(Role.UNPROMOTED);
            default -> Optional.empty();
        };
        OptionalLong timeout = Values.millis(item.meta("failure-timeout"));
        return new Meta(
                (int) Values.leadingNumber(item.meta("priority")),
                item.meta("is-managed", true),
                item.meta("maintenance", false),
                item.meta("critical", true),
                target,
                item.has("resource-stickiness")
                        ? OptionalInt.of(Values.score(item.meta("resource-stickiness")))
                        : OptionalInt.empty(),
                Meta.Requires.FENCING,
                item.has("migration-threshold")
                        ? OptionalInt.of(Values.score(item.meta("migration-threshold")))
                        : OptionalInt.of(Score.INFINITY),
                timeout,
                switch (item.meta("multiple-active").toLowerCase(Locale.ROOT)) {
                    case "block" -> Meta.MultipleActive.BLOCK;
                    case "stop_only" -> Meta.MultipleActive.STOP_ONLY;
                    case "stop_unexpected" -> Meta.MultipleActive.STOP_UNEXPECTED;
                    default -> Meta.MultipleActive.STOP_START;
                },
                item.meta("allow-migrate", item.isRemoteConnection()),
                item.meta("allow-unhealthy-nodes", false));
    }

    private List<Ticketed> tickets() {
        SortedMap<String, Element> states = new TreeMap<>();
        cib.status().all("tickets", "ticket_state").forEach(state -> states.put(state.id(), state));
        List<Ticketed> found = new ArrayList<>();
        for (Element element : cib.section("constraints").children("rsc_ticket")) {
            Element state = states.get(element.get("ticket"));
            boolean granted = state != null && Values.isTrue(state.get("granted"));
            boolean standby = state != null && Values.isTrue(state.get("standby"));
            LossPolicy policy = switch (element.get("loss-policy").toLowerCase(Locale.ROOT)) {
                case "demote" -> LossPolicy.DEMOTE;
                case "fence" -> LossPolicy.FENCE;
                case "freeze" -> LossPolicy.FREEZE;
                default -> LossPolicy.STOP;
            };
            for (String resource : references.expanded(element.get("rsc"))) {
                found.add(new Ticketed(
                        element.id(),
                        resource,
                        ColocationReader.role(element.get("rsc-role")),
                        policy,
                        granted,
                        standby));
            }
            for (Element child : element.children("resource_set")) {
                Element set = cib.sets().resolved(child);
                for (Element ref : set.children("resource_ref")) {
                    for (String resource : references.expanded(ref.id())) {
                        found.add(new Ticketed(
                                element.id(),
                                resource,
                                ColocationReader.role(set.get("role")),
                                policy,
                                granted,
                                standby));
                    }
                }
            }
        }
        return found;
    }

    private List<Location> locations() {
        List<Location> found = new ArrayList<>(new HealthReader(cib, status).locations());
        for (Element element : cib.section("constraints").children("rsc_location")) {
            for (String resource : targets(element)) {
                location(element, resource, found);
            }
        }
        return found;
    }

    private List<String> targets(Element location) {
        List<String> targets = new ArrayList<>();
        if (location.has("rsc")) {
            targets.addAll(references.expanded(location.get("rsc")));
        }
        if (location.has("rsc-pattern")) {
            targets.addAll(references.matching(location.get("rsc-pattern")));
        }
        location.children("resource_set")
                .forEach(set ->
                        set.children("resource_ref").forEach(ref -> targets.addAll(references.expanded(ref.id()))));
        return targets;
    }

    private void location(Element element, String resource, List<Location> found) {
        Optional<Role> role = ColocationReader.role(element.get("role"));
        boolean exclusive = element.get("resource-discovery").equalsIgnoreCase("exclusive");
        if (element.has("node")) {
            SortedMap<String, Integer> scores = new TreeMap<>();
            scores.put(element.get("node"), Values.score(element.get("score")));
            found.add(new Location(element.id(), resource, role, scores, exclusive));
            return;
        }
        for (Element child : element.children("rule")) {
            Element rule = cib.sets().resolved(child);
            SortedMap<String, Integer> scores = new TreeMap<>();
            for (NodeStatus node : status.nodes().values()) {
                SortedMap<String, String> attributes = new TreeMap<>(node.attributes());
                if (Rules.holds(rule, cib.context().withNode(attributes))) {
                    String attribute = rule.get("score-attribute");
                    int score = attribute.isEmpty()
                            ? Values.score(rule.get("score"))
                            : Values.score(attributes.getOrDefault(attribute, "-INFINITY"));
                    scores.put(node.name, score);
                }
            }
            found.add(new Location(
                    rule.id(),
                    resource,
                    rule.has("role") ? ColocationReader.role(rule.get("role")) : role,
                    scores,
                    exclusive));
        }
    }

    private List<Activity> activities() {
        return status.lives().stream()
                .filter(live -> live.isActive()
                        || live.occupied
                        || live.onFail == OnFail.BAN
                        || live.banned
                        || live.stopped
                        || live.leftover)
                .map(this::activity)
                .toList();
    }

    private Activity activity(Live live) {
        int colon = live.historyId.lastIndexOf(':');
        boolean numbered = colon > 0 && !live.historyId.equals(live.item.id());
        return new Activity(
                live.item.id(),
                numbered
                        ? OptionalInt.of((int) Values.leadingNumber(live.historyId.substring(colon + 1)))
                        : OptionalInt.empty(),
                live.node.name,
                live.occupied && !live.isActive() ? live.active() : live.role,
                live.failed,
                live.blocked,
                live.onFail == OnFail.BAN || live.banned,
                live.stopped || isShutDown(live.item) || (live.orphan && cib.option("stop-removed-resources", true)),
                live.pending.equals("start"),
                live.leftover && !live.isActive(),
                live.arriving,
                live.outdated,
                false);
    }

    /** A remote node that is asked to leave is left by stopping the connection to it. */
    private boolean isShutDown(Item item) {
        NodeStatus node = item.isRemoteConnection() ? status.nodes().get(item.id()) : null;
        return node != null && node.shuttingDown;
    }

    private SortedMap<String, SortedMap<String, Integer>> promotionScores() {
        SortedMap<String, SortedMap<String, Integer>> scores = new TreeMap<>();
        for (Item item : cib.primitives()) {
            if (!item.isPromotable()) {
                continue;
            }
            for (NodeStatus node : status.nodes().values()) {
                node.attributes().forEach((name, value) -> {
                    if (name.equals("master-" + item.id()) || name.startsWith("master-" + item.id() + ":")) {
                        promotionScore(item, node, Values.score(value), scores);
                    }
                });
            }
        }
        return scores;
    }

    /** What runs inside a bundle says it of the container's host, or of the inside of the container. */
    private static void promotionScore(
            Item item, NodeStatus node, int score, SortedMap<String, SortedMap<String, Integer>> scores) {
        Optional<Item> bundle = item.enclosingClone().filter(clone -> clone.kind() == Item.Kind.BUNDLE);
        boolean ofHosts = item.meta("container-attribute-target").equals("host");
        if (bundle.isEmpty() || ofHosts == node.replica.isEmpty()) {
            scores.computeIfAbsent(bundle.map(Item::id).orElse(item.id()), id -> new TreeMap<>())
                    .merge(node.name, score, Math::max);
        }
    }

    private SortedMap<String, SortedMap<String, Integer>> failCounts() {
        SortedMap<String, SortedMap<String, Integer>> counts = new TreeMap<>();
        List<NodeStatus> nodes =
                status.nodes().values().stream().filter(FailCounts::isKnownOn).toList();
        for (Item item : cib.primitives()) {
            for (NodeStatus node : nodes) {
                int count = status.failCounts().ofContainer(item, node);
                if (count > 0) {
                    counts.computeIfAbsent(item.id(), id -> new TreeMap<>()).put(node.name, count);
                }
            }
        }
        return counts;
    }
}
