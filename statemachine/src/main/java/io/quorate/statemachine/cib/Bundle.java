package io.quorate.statemachine.cib;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What a bundle stands for: replicas, each a container that runs on a node, perhaps with an address, and when there is a
 * resource inside, with a connection to it that makes the container a node of its own.
 */
record Bundle(Item item) {
    /** One container of a bundle, counted from zero. */
    record Replica(Item bundle, int number) {
        /** Name of its inside as a node, and id of the connection to it. */
        String node() {
            return bundle.id() + "-" + number;
        }

        String container() {
            return bundle.id() + "-" + bundle.agent() + "-" + number;
        }

        /** How a clone's instance would be called. */
        String instance() {
            return bundle.id() + ":" + number;
        }
    }

    static Bundle of(Item item) {
        return new Bundle(item);
    }

    /**
     * Says of a bundle what would be said of a clone: how many there are, and whether they can be promoted.
     *
     * @return what runs the containers
     */
    static String describe(Element element, SortedMap<String, String> meta) {
        for (Element runner : element.children()) {
            switch (runner.name()) {
                case "docker", "podman", "rkt" -> {
                    String promoted = runner.find("promoted-max")
                            .orElse(runner.find("masters").orElse("0"));
                    boolean promotable = Values.leadingNumber(promoted) > 0;
                    if (promotable) {
                        meta.put("promotable", "true");
                        meta.put("promoted-max", promoted);
                    }
                    String perNode = runner.find("replicas-per-host").orElse("1");
                    meta.put("clone-max", runner.find("replicas").orElse(promotable ? promoted : "1"));
                    meta.put("clone-node-max", perNode);
                    meta.put("globally-unique", String.valueOf(Values.leadingNumber(perNode) > 1));
                    meta.putIfAbsent("resource-stickiness", "0");
                    element.child("network")
                            .flatMap(network -> network.find("ip-range-start"))
                            .ifPresent(address -> meta.put("ip-range-start", address));
                    return runner.name();
                }
                default -> {
                    // What belongs to the containers, not what runs them.
                }
            }
        }
        return "";
    }

    Optional<Item> inner() {
        return item.children().stream().findFirst();
    }

    List<Replica> replicas() {
        List<Replica> replicas = new ArrayList<>();
        for (int number = 0; number < Values.instances(item.meta("clone-max")); number++) {
            replicas.add(new Replica(item, number));
        }
        return replicas;
    }

    /** Those whose inside is a node: all when something runs inside. */
    List<Replica> withNodes() {
        return inner().isPresent() ? replicas() : List.of();
    }

    /** Whether a history is that of an address of a replica. */
    boolean isAddress(String historyId) {
        return historyId.startsWith(item.id() + "-ip-");
    }
}
