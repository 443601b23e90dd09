package io.quorate.statemachine.placement;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is to be run, as it is configured. */
public sealed interface Resource {
    String id();

    Meta meta();

    /**
     * One thing that an agent runs.
     *
     * @param fenceDevice it switches nodes, and so may run without a quorum
     * @param utilization how much it takes of what nodes have
     * @param container of a bundle: what its replicas are made of
     * @param size how many it counts as where instances on a node are counted: what moves as one may be several
     */
    record Primitive(
            String id,
            Meta meta,
            String agent,
            boolean fenceDevice,
            SortedMap<String, Integer> utilization,
            Optional<Container> container,
            int size)
            implements Resource {
        public Primitive(
                String id, Meta meta, String agent, boolean fenceDevice, SortedMap<String, Integer> utilization) {
            this(id, meta, agent, fenceDevice, utilization, Optional.empty());
        }

        public Primitive(
                String id,
                Meta meta,
                String agent,
                boolean fenceDevice,
                SortedMap<String, Integer> utilization,
                Optional<Container> container) {
            this(id, meta, agent, fenceDevice, utilization, container, 1);
        }

        public Primitive {
            utilization = Collections.unmodifiableSortedMap(new TreeMap<>(utilization));
        }
    }

    /** Members that run on one node, started in order and stopped in reverse. */
    record Group(String id, Meta meta, List<Primitive> members) implements Resource {
        public Group {
            members = List.copyOf(members);
        }
    }

    /**
     * Several instances of one primitive or group.
     *
     * @param max instances in all; 0: none
     * @param perNode instances on one node
     * @param min instances that must run before what comes after may start; 0: not said
     * @param interleave what comes after waits for the instance on its own node only
     * @param ordered instances start one after the other
     * @param unique instances differ from each other, and each has its number
     */
    record Clone(
            String id,
            Meta meta,
            Resource of,
            int max,
            int perNode,
            int min,
            boolean interleave,
            boolean ordered,
            boolean unique,
            boolean promotable,
            int promotedMax,
            int promotedPerNode)
            implements Resource {}

    /**
     * What a replica of a bundle is made of.
     *
     * @param runner what runs the container: {@code podman}
     * @param inner what runs inside; empty: nothing but the container's own command
     * @param firstAddress of the first replica, the others count up from it; empty: they have none
     */
    record Container(String runner, Optional<String> inner, Optional<String> firstAddress) {
        /** The address of one replica: the last number of the first one's counted up. */
        Optional<String> address(int number) {
            return firstAddress.map(first -> {
                int dot = first.lastIndexOf('.');
                return first.substring(0, dot + 1) + (Integer.parseInt(first.substring(dot + 1)) + number);
            });
        }
    }
}
