package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/** Small clusters with a few rules between everything. Whatever rule it is, what depends comes later than its primary. */
final class RandomProblem {
    private final Random random;
    private final IntFunction<String> node;
    private final IntFunction<String> resource;
    private final ProblemBuilder builder = new ProblemBuilder();
    /** What rules are about, in the order of the configuration. */
    private final List<String> units = new ArrayList<>();

    private int nodes;
    private int named;

    private RandomProblem(long seed, IntFunction<String> node, IntFunction<String> resource) {
        this.random = new Random(seed);
        this.node = node;
        this.resource = resource;
    }

    /** The same seed gives the same problem, but for names. */
    static Problem of(long seed, IntFunction<String> node, IntFunction<String> resource) {
        return new RandomProblem(seed, node, resource).problem();
    }

    static Problem of(long seed) {
        return of(seed, number -> "n%02d".formatted(number), number -> "r%02d".formatted(number));
    }

    private Problem problem() {
        nodes = 2 + random.nextInt(4);
        int lost = random.nextInt(3 * nodes);
        for (int i = 0; i < nodes; i++) {
            if (i == lost) {
                builder.lostNode(node.apply(i));
            } else {
                builder.node(node.apply(i));
            }
        }
        int count = 2 + random.nextInt(9);
        for (int i = 0; i < count; i++) {
            unit();
        }
        for (int i = random.nextInt(count); i > 0; i--) {
            rule();
        }
        return builder.build();
    }

    private void unit() {
        int priority = random.nextInt(4) == 0 ? random.nextInt(10) : 0;
        switch (random.nextInt(5)) {
            case 0 -> builder.resource(group(priority, true));
            case 1 -> builder.resource(copies(priority));
            default -> builder.resource(primitive(priority, random.nextInt(3) > 0));
        }
    }

    private Resource.Primitive primitive(int priority, boolean active) {
        Resource.Primitive primitive = ProblemBuilder.primitive(resource.apply(named++), priority);
        units.add(primitive.id());
        if (active) {
            builder.active(primitive.id(), anyNode(), Role.STARTED);
        }
        return primitive;
    }

    private Resource.Group group(int priority, boolean active) {
        String id = resource.apply(named++);
        units.add(id);
        List<Resource.Primitive> members = new ArrayList<>();
        int running = active ? random.nextInt(4) : 0;
        String where = anyNode();
        for (int i = 0; i < 3; i++) {
            members.add(ProblemBuilder.primitive(resource.apply(named++), priority));
            if (i < running) {
                builder.active(members.get(i).id(), where, Role.STARTED);
            }
        }
        return new Resource.Group(id, ProblemBuilder.meta(priority), members);
    }

    private Resource.Clone copies(int priority) {
        String id = resource.apply(named++);
        boolean promotable = random.nextBoolean();
        Resource.Primitive of = ProblemBuilder.primitive(resource.apply(named++), priority);
        units.add(id);
        for (int i = 0; i < nodes; i++) {
            if (random.nextBoolean()) {
                builder.active(of.id(), node.apply(i), promotable ? Role.UNPROMOTED : Role.STARTED);
            }
            if (promotable && random.nextBoolean()) {
                builder.promotionScore(of.id(), node.apply(i), random.nextInt(20));
            }
        }
        int max = 1 + random.nextInt(nodes);
        return new Resource.Clone(
                id, ProblemBuilder.meta(priority), of, max, 1, 0, random.nextBoolean(), false, false, promotable, 1, 1);
    }

    private String anyNode() {
        return node.apply(random.nextInt(nodes));
    }

    private void rule() {
        int later = random.nextInt(units.size());
        String unit = units.get(later);
        String earlier = units.get(random.nextInt(later + 1));
        switch (random.nextInt(later == 0 ? 1 : 3)) {
            case 0 -> builder.location(unit, anyNode(), score());
            case 1 -> {
                if (!unit.equals(earlier)) {
                    builder.colocation(unit, earlier, score());
                }
            }
            default -> {
                if (!unit.equals(earlier)) {
                    builder.order(earlier, unit, random.nextBoolean() ? Problem.Kind.MANDATORY : Problem.Kind.OPTIONAL);
                }
            }
        }
    }

    private int score() {
        return switch (random.nextInt(4)) {
            case 0 -> Score.INFINITY;
            case 1 -> -Score.INFINITY;
            default -> random.nextInt(1_000) - 300;
        };
    }
}
