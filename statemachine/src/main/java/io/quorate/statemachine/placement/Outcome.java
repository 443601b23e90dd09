package io.quorate.statemachine.placement;

/** Everything that one run of the engine found out, for what is derived from it. */
record Outcome(Problem problem, Layout layout, Feasibility feasibility, Answer answer) {
    /** Whether it is a guest that is fenced, or runs on one: such a guest is fenced by recovering what it is. */
    boolean loses(Single single) {
        if (answer.fenced().isEmpty()) {
            return false;
        }
        boolean on = single.nodes.stream().anyMatch(this::isLostGuest);
        boolean is = layout.nodes.carriedBy(single).stream().anyMatch(this::isLostGuest);
        return on || is || (single.of.container().isPresent() && isFenced(Parts.inside(single)));
    }

    private boolean isLostGuest(Node node) {
        return node.machine.isGuest() && isFenced(node.name());
    }

    boolean isFenced(String node) {
        return answer.fenced().contains(node);
    }
}
