package io.quorate.jepsen.real;

import io.quorate.jepsen.real.fault.Kind;
import io.quorate.jepsen.real.fault.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/** Which faults a run has, when and to whom: the same for the same seed, seconds and kinds. */
record Plan(List<Step> steps) {
    private static final List<Role> ROLES = List.of(Role.values());
    private static final int MOST = 3;
    /** Faults begin in this part of a run, so that there is time to see what they do. */
    private static final double BEGIN_SHARE = 0.5;

    private static final double FIRST_MILLIS = 1_500;
    private static final double SHORTEST_MILLIS = 2_000;
    private static final double LONGEST_SHARE = 0.25;

    /** One fault: it is injected so long after the beginning, and taken away so long after that. */
    record Step(Kind kind, Role role, long startMillis, long millis) {}

    Plan {
        steps = List.copyOf(steps);
    }

    /** As many seeds in a row as there are kinds have each of them once at least; of no kinds nothing is made. */
    static Plan of(long seed, int seconds, List<Kind> kinds) {
        if (kinds.isEmpty()) {
            return new Plan(List.of());
        }
        Kind first = kinds.get((int) Math.floorMod(seed, (long) kinds.size()));
        SplittableRandom random = new SplittableRandom(seed);
        List<Step> steps = new ArrayList<>();
        int count = 1 + random.nextInt(MOST);
        double whole = seconds * 1e3;
        for (int i = 0; i < count; i++) {
            Kind drawn = kinds.get(random.nextInt(kinds.size()));
            Kind kind = i == 0 ? first : drawn;
            Role role = ROLES.get(random.nextInt(ROLES.size()));
            long start = (long) (FIRST_MILLIS + random.nextDouble() * whole * BEGIN_SHARE);
            long length = (long) (SHORTEST_MILLIS + random.nextDouble() * whole * LONGEST_SHARE);
            steps.add(new Step(kind, role, start, length));
        }
        steps.sort(Comparator.comparingLong(Step::startMillis));
        return new Plan(steps);
    }
}
