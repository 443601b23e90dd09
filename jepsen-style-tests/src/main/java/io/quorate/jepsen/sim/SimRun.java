package io.quorate.jepsen.sim;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Units;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One seed: trouble for a while, then calm, in which everything comes back by itself and then rests. */
final class SimRun {
    private static final long TROUBLE_NANOS = 60 * Timeline.SECOND;
    private static final long BETWEEN_NANOS = 2 * Timeline.SECOND;
    private static final long ASKED_AGAIN_NANOS = 5 * Timeline.SECOND;
    private static final long BACK_NANOS = 420 * Timeline.SECOND;
    private static final long REST_NANOS = 15 * Timeline.SECOND;

    /** What came of a seed. */
    record Result(
            long seed,
            @Nullable String violation,
            long events,
            long virtualNanos,
            long commits,
            int elections,
            long evaluated,
            Map<Nemesis.Fault, Long> fired,
            SortedMap<String, Long> transitions) {}

    private SimRun() {}

    /** @param directory an empty one */
    static Result of(long seed, Path directory, Mutation mutation, SimWorld.@Nullable Trace trace) {
        SimWorld world = new SimWorld(seed, directory, mutation);
        if (trace != null) {
            world.traceTo(trace);
        }
        Services services = new Services();
        SplittableRandom random = new SplittableRandom(seed ^ 0x5eed);
        Nemesis nemesis = new Nemesis(world, random, services);
        String violation = null;
        try (world) {
            world.begin(services.all());
            world.run(3 * Timeline.SECOND);
            long end = world.nowNanos() + TROUBLE_NANOS;
            while (world.nowNanos() < end) {
                nemesis.strike();
                world.run(random.nextLong(BETWEEN_NANOS));
            }
            world.say("calm");
            calm(world, nemesis, services);
        } catch (RuntimeException e) {
            violation = e instanceof Violation ? e.getMessage() : stackOf(e);
            world.say("VIOLATION " + violation);
            if (trace != null) {
                trace.line(describe(world.committed()));
            }
        }
        return new Result(
                seed,
                violation,
                world.events(),
                world.nowNanos(),
                world.raft().lastIndex(),
                world.raft().elections(),
                world.checks().evaluated(),
                nemesis.fired(),
                new TreeMap<>(world.checks().transitions()));
    }

    private static String stackOf(Throwable failure) {
        java.io.StringWriter text = new java.io.StringWriter();
        failure.printStackTrace(new java.io.PrintWriter(text));
        return text.toString();
    }

    /** Nothing happens any more: everything must come back and rest. */
    static void calm(SimWorld world, Nemesis nemesis, Services services) {
        nemesis.calmDown();
        long end = world.nowNanos() + BACK_NANOS;
        while (!rests(world, services)) {
            if (world.nowNanos() > end) {
                throw new Violation("LIVENESS: not back and at rest within " + BACK_NANOS / Timeline.SECOND + " s");
            }
            nemesis.askForCalm();
            world.run(ASKED_AGAIN_NANOS);
        }
        world.servers().forEach(server -> {
            if (server.counters() != null && server.counters().defects() > 0) {
                throw new Violation("DEFECT: an event of " + server.name() + "'s leader loop failed");
            }
        });
    }

    /** I10: everything is back, and nothing changes any more. */
    private static boolean rests(SimWorld world, Services services) {
        long revision = world.committed().revision();
        if (!isBack(world, services)) {
            return false;
        }
        world.run(REST_NANOS);
        return isBack(world, services) && world.committed().revision() == revision;
    }

    /** All nodes are up, and everything runs where it is owned. */
    static boolean isBack(SimWorld world, Services services) {
        ClusterState state = world.committed();
        if (!world.allUp()) {
            return false;
        }
        for (String key : services.units()) {
            ObjectRow unit = state.object(key);
            if (unit == null || !Units.isWanted(unit)) {
                return false;
            }
            boolean any = false;
            for (InstanceRow instance : Units.instances(state, unit)) {
                if (instance.hasOwnership()) {
                    any = true;
                    if (instance.getOwnership().getReleasing() || !runs(world, state, unit, instance)) {
                        return false;
                    }
                }
            }
            if (!any) {
                return false;
            }
        }
        return true;
    }

    private static boolean runs(SimWorld world, ClusterState state, ObjectRow unit, InstanceRow instance) {
        SimMachine machine = world.machine(instance.getOwnership().getNode());
        if (instance.getSlot().getPromotion()) {
            return machine.services().values().stream().anyMatch(SimMachine.Service::promoted);
        }
        return Units.members(state, unit).stream()
                .allMatch(member -> machine.service(
                                instance.getId() + "/" + member.getMeta().getName())
                        != null);
    }

    private static String describe(ClusterState state) {
        StringBuilder text = new StringBuilder("position " + state.revision() + "\n");
        state.nodes().values().forEach(node -> text.append(node));
        state.instances().values().forEach(row -> text.append(row));
        state.tickets().values().forEach(row -> text.append(row));
        state.events()
                .values()
                .forEach(event -> text.append(event.getKind())
                        .append(' ')
                        .append(event.getText())
                        .append('\n'));
        return text.toString();
    }
}
