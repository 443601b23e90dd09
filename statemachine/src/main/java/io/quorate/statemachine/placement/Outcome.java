package io.quorate.statemachine.placement;

/** Everything that one run of the engine found out, for what is derived from it. */
record Outcome(Problem problem, Layout layout, Feasibility feasibility, Answer answer) {}
