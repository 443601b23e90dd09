package io.quorate.statemachine.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Duration;
import io.quorate.statemachine.forecast.Forecast;
import io.quorate.statemachine.forecast.Question;
import io.quorate.statemachine.forecast.Simulator;
import io.quorate.v1.PlannedStep;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;

/**
 * The policy and the rules of apply agree, over histories of a small cluster in which anything may happen. The histories are
 * the same in every build, so that a build fails for what was changed; a search for new ones takes the seeds away and raises
 * the tries to thousands.
 */
class PolicyAgainstApplyTest {
    private static final int EVENTS = 25;

    /** SOUND: on an unchanged state apply accepts every decision. QUIET: with no outside change the decisions stop. */
    @Property(tries = 150, seed = "20261122")
    void decisionsAreAcceptedAndStop(@ForAll Random random) {
        RandomCluster cluster = new RandomCluster(random);
        cluster.start();
        for (int event = 0; event < EVENTS; event++) {
            cluster.somethingHappens();
            cluster.decideUntilQuiet();
        }
        Statistics.coverage(kinds -> {
            for (Class<?> kind : Decision.class.getPermittedSubclasses()) {
                kinds.check(kind.getSimpleName()).count(seen -> seen > 0);
            }
        });
    }

    /** The same where units need tickets between sites, which are granted, revoked and set aside. */
    @Property(tries = 150, seed = "20261123")
    void decisionsAreAcceptedAndStopWhileTicketsComeAndGo(@ForAll Random random) {
        RandomCluster cluster = new RandomCluster(random, true);
        Simulator simulator = new Simulator(new DefaultPolicy());
        cluster.start();
        for (int event = 0; event < EVENTS; event++) {
            cluster.somethingHappens();
            cluster.decideUntilQuiet();
            if (event % 8 == 0) {
                Forecast forecast = simulator.run(cluster.state(), Question.nothing());
                assertTrue(forecast.comesToRest(), () -> "no rest: " + forecast.steps());
            }
        }
    }

    /**
     * A plan of anything comes to rest, also when it is asked in the middle of things; and in the state that it ends in there
     * is nothing left to be done.
     */
    @Property(tries = 40, seed = "20261122")
    void plansComeToRest(@ForAll Random random) {
        RandomCluster cluster = new RandomCluster(random);
        Simulator simulator = new Simulator(new DefaultPolicy());
        cluster.start();
        for (int event = 0; event < EVENTS; event++) {
            cluster.somethingHappens();
            Forecast forecast = simulator.run(
                    cluster.state(),
                    Question.nothing().draining(cluster.somePlannedNodes(4)).failingNodes(cluster.somePlannedNodes(3)));
            assertTrue(forecast.comesToRest(), () -> "no rest: " + forecast.steps());
            Forecast again = simulator.run(forecast.end(), Question.nothing());
            assertEquals(List.of(), again.steps(), () -> "after " + forecast.steps());
            cluster.decideUntilQuiet();
        }
    }

    /** Drains in which units that are bound to each other once changed places for ever. */
    @Test
    void drainsThatWentRoundInCirclesComeToRest() {
        Simulator simulator = new Simulator(new DefaultPolicy());
        SortedMap<Integer, String> drains =
                new TreeMap<>(Map.of(1350, "n2", 1603, "n2", 4850, "n1", 5573, "n1", 8902, "n3"));
        drains.forEach((seed, node) -> {
            RandomCluster cluster = new RandomCluster(new Random(seed));
            cluster.start();
            Forecast settled = simulator.run(cluster.state(), Question.nothing());
            Forecast drained = simulator.run(settled.end(), Question.nothing().draining(List.of(node)));
            assertTrue(drained.comesToRest(), () -> "no rest after " + seed + ": " + drained.steps());
        });
    }

    /** A drain moves each service once, and what goes alive is not down for a moment. */
    @Property(tries = 60, seed = "20261124")
    void nothingMovesAliveTwiceInADrain(@ForAll Random random) {
        RandomCluster cluster = new RandomCluster(random);
        Simulator simulator = new Simulator(new DefaultPolicy());
        cluster.start();
        Forecast settled = simulator.run(cluster.state(), Question.nothing());
        for (String node : List.of("n1", "n2", "n3", "n4")) {
            Forecast drained = simulator.run(settled.end(), Question.nothing().draining(List.of(node)));
            assertTrue(drained.comesToRest(), () -> "no rest: " + drained.steps());
            SortedSet<String> moved = new TreeSet<>();
            for (PlannedStep step : drained.steps()) {
                if (step.getAction().equals("migrate")) {
                    assertTrue(moved.add(step.getInstance()), () -> "twice: " + drained.steps());
                    assertEquals(Duration.getDefaultInstance(), step.getExpectedOutage(), step::toString);
                }
            }
            Statistics.collect(moved.isEmpty() ? "none went alive" : "some went alive");
        }
        Statistics.coverage(coverage -> coverage.check("some went alive").percentage(share -> share > 10));
    }
}
