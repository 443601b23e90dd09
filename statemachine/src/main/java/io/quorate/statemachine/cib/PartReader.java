package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Role;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Resources that nobody configured by themselves: connections to guests, and the parts of bundles. What their histories say
 * is put together to what the guest, or the bundle's replica, is.
 */
final class PartReader {
    private final List<Bundle> bundles;
    /** By history id. */
    private final Map<String, Item> parts = new LinkedHashMap<>();

    PartReader(Cib cib, Collection<NodeStatus> nodes) {
        this.bundles = cib.resources().stream()
                .filter(item -> item.kind() == Item.Kind.BUNDLE)
                .map(Bundle::of)
                .toList();
        for (NodeStatus node : nodes) {
            if (node.container.isPresent()) {
                SortedMap<String, String> meta = meta(node.replica.map(Bundle.Replica::bundle));
                meta.put("container", node.container.get());
                parts.put(node.name, part(node.name, Item.REMOTE_CONNECTION, meta));
            }
        }
        for (Bundle bundle : bundles) {
            for (Bundle.Replica replica : bundle.replicas()) {
                String id = replica.container();
                parts.put(id, part(id, bundle.item().agent(), meta(Optional.of(bundle.item()))));
            }
        }
    }

    private static SortedMap<String, String> meta(Optional<Item> bundle) {
        return new TreeMap<>(bundle.<Map<String, String>>map(Item::metaMap).orElse(new TreeMap<>()));
    }

    private static Item part(String id, String agent, SortedMap<String, String> meta) {
        return new Item(Item.Kind.PRIMITIVE, id, agent, null, meta, List.of());
    }

    /** The part that a history is of. */
    Optional<Item> find(String historyId) {
        Item part = parts.get(historyId);
        if (part != null) {
            return Optional.of(part);
        }
        return bundles.stream()
                .filter(bundle -> bundle.isAddress(historyId))
                .findFirst()
                .map(bundle -> part(historyId, "", meta(Optional.of(bundle.item()))));
    }

    /** What is known of replicas: one line for each container that runs, with what runs inside. */
    List<Live> replicas(Collection<Live> lives) {
        return bundles.stream()
                .flatMap(bundle -> bundle.replicas().stream().flatMap(replica -> replica(bundle, replica, lives)))
                .toList();
    }

    private static Stream<Live> replica(Bundle bundle, Bundle.Replica replica, Collection<Live> lives) {
        List<Live> inside = lives.stream()
                .filter(live -> live.node.name.equals(replica.node()) && isOf(bundle, live))
                .toList();
        return lives.stream()
                .filter(live -> live.historyId.equals(replica.container()) && live.isActive())
                .map(container -> {
                    Live whole = new Live(bundle.item(), replica.instance(), container.node);
                    whole.role = bundle.inner().isEmpty()
                            ? Role.STARTED
                            : inside.stream()
                                    .map(live -> live.role)
                                    .max(Role::compareTo)
                                    .orElse(Role.STOPPED);
                    whole.occupied = true;
                    whole.failed = container.failed || inside.stream().anyMatch(live -> live.failed);
                    whole.blocked = container.blocked || inside.stream().anyMatch(live -> live.blocked);
                    whole.onFail = container.onFail;
                    whole.stopped = container.stopped;
                    return whole;
                });
    }

    private static boolean isOf(Bundle bundle, Live live) {
        return !live.orphan
                && bundle.inner().filter(inner -> inner == live.item).isPresent();
    }

    /** Whether a line is one of a part, and so none of its own. */
    boolean isPart(Live live) {
        return find(live.historyId).isPresent() || bundles.stream().anyMatch(bundle -> isOf(bundle, live));
    }
}
