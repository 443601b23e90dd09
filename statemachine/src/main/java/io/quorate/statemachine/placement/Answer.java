package io.quorate.statemachine.placement;

import java.util.List;

/**
 * What was decided: what is where when everything that has to be done has succeeded, and which nodes are fenced for it.
 *
 * @param placed in the order of the configuration
 * @param fenced names of nodes, in the order of the configuration
 */
public record Answer(List<Placed> placed, List<String> fenced) {
    public Answer {
        placed = List.copyOf(placed);
        fenced = List.copyOf(fenced);
    }

    /** One instance of a primitive on a node. */
    public record Placed(String resource, String machine, Role role) {}
}
