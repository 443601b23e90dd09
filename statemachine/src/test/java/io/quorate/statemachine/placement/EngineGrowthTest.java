package io.quorate.statemachine.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.statemachine.placement.Answer.Placed;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Large problems take about as much longer as they are larger, and long chains, cycles and thickets of rules end. */
class EngineGrowthTest {
    private static final int LONG = 10_000;

    private static String id(int number) {
        return String.format(Locale.ROOT, "r%05d", number);
    }

    private static String node(int number) {
        return String.format(Locale.ROOT, "n%03d", number);
    }

    private static ProblemBuilder cluster(int nodes, int resources) {
        ProblemBuilder builder = new ProblemBuilder();
        for (int i = 0; i < nodes - 1; i++) {
            builder.node(node(i));
        }
        builder.lostNode(node(nodes - 1));
        for (int i = 0; i < resources; i++) {
            builder.resource(ProblemBuilder.primitive(id(i), 0));
        }
        return builder;
    }

    /** Everything runs, on one node after the other; one in ten has a rule of each kind. */
    private static Problem mixed(int nodes, int resources) {
        ProblemBuilder builder = cluster(nodes, resources);
        for (int i = 0; i < resources; i++) {
            builder.active(id(i), node(i % nodes), Role.STARTED);
            if (i % 10 == 9) {
                builder.location(id(i), node(i % nodes), 200);
                builder.colocation(id(i - 1), id(i - 2), i % 20 == 9 ? Score.INFINITY : 100);
                builder.order(id(i - 4), id(i - 3), Problem.Kind.MANDATORY);
            }
        }
        return builder.build();
    }

    /** The least of several, for others use this machine too. */
    private static long leastCpuNanos(Problem problem) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long since = threads.getCurrentThreadCpuTime();
            Transition unused = Engine.plan(problem);
            least = Math.min(least, threads.getCurrentThreadCpuTime() - since);
        }
        return least;
    }

    /** Linear is four times, square is sixteen. */
    @Test
    void fourTimesTheResourcesTakeLessThanTenTimesAsLong() {
        Problem small = mixed(16, 500);
        Problem large = mixed(16, 2_000);
        long unused = leastCpuNanos(small) + leastCpuNanos(large);
        assertThat(leastCpuNanos(large)).isLessThan(10 * leastCpuNanos(small));
    }

    @Test
    @Timeout(120)
    void aLongChainOfColocationsIsPlacedTogether() {
        Problem problem = chain((builder, i) -> builder.colocation(id(i), id(i - 1), Score.INFINITY));
        List<Placed> placed = Engine.plan(problem).answer().placed();
        assertThat(placed).hasSize(LONG);
        assertThat(placed.stream().map(Placed::machine).distinct()).hasSize(1);
    }

    @Test
    @Timeout(120)
    void aLongChainOfColocationsBackwardsIsPlacedTogether() {
        Problem problem = chain((builder, i) -> builder.colocation(id(i - 1), id(i), Score.INFINITY));
        List<Placed> placed = Engine.plan(problem).answer().placed();
        assertThat(placed.stream().map(Placed::machine).distinct()).hasSize(1);
    }

    @Test
    @Timeout(120)
    void aLongChainOfOrdersIsDownWhenItsFirstIs() {
        Problem problem = chain((builder, i) -> {
            builder.order(id(i), id(i - 1), Problem.Kind.MANDATORY);
            if (i == LONG - 1) {
                builder.location(id(i), node(0), -Score.INFINITY).location(id(i), node(1), -Score.INFINITY);
            }
        });
        assertThat(Engine.plan(problem).answer().placed()).isEmpty();
    }

    private static Problem chain(BiConsumer<ProblemBuilder, Integer> link) {
        ProblemBuilder builder = cluster(3, LONG);
        for (int i = 1; i < LONG; i++) {
            link.accept(builder, i);
        }
        return builder.build();
    }

    @Test
    @Timeout(120)
    void aGroupOfManyMembersIsPlacedTogether() {
        List<Resource.Primitive> members = new ArrayList<>();
        ProblemBuilder builder = cluster(3, 0);
        for (int i = 0; i < 2_000; i++) {
            members.add(ProblemBuilder.primitive(id(i), 0));
            builder.active(id(i), node(0), Role.STARTED);
        }
        builder.resource(new Resource.Group("group", ProblemBuilder.meta(0), members));
        List<Placed> placed = Engine.plan(builder.build()).answer().placed();
        assertThat(placed)
                .hasSize(members.size())
                .allMatch(each -> each.machine().equals(node(0)));
    }

    @Test
    @Timeout(120)
    void cyclesOfColocationsAndOfOrdersEnd() {
        ProblemBuilder builder = cluster(3, 1_000);
        for (int i = 0; i < 1_000; i++) {
            builder.colocation(id(i), id((i + 1) % 1_000), Score.INFINITY);
            builder.order(id(i), id((i + 1) % 1_000), Problem.Kind.MANDATORY);
        }
        List<Placed> placed = Engine.plan(builder.build()).answer().placed();
        assertThat(placed.stream().map(Placed::machine).distinct().count()).isLessThanOrEqualTo(1);
    }

    /** The number of ways from one to another is exponential. */
    @Test
    @Timeout(120)
    void aThicketOfColocationsEnds() {
        ProblemBuilder builder = cluster(4, 60);
        for (int i = 0; i < 60; i++) {
            for (int j = 0; j < i; j++) {
                builder.colocation(id(i), id(j), 10);
            }
        }
        assertThat(Engine.plan(builder.build()).answer().placed()).hasSize(60);
    }
}
