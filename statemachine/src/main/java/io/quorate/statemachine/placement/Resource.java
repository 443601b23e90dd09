package io.quorate.statemachine.placement;

import java.util.Collections;
import java.util.List;
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
     */
    record Primitive(String id, Meta meta, String agent, boolean fenceDevice, SortedMap<String, Integer> utilization)
            implements Resource {
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
}
