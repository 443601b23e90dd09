package io.quorate.jepsen.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.protobuf.Duration;
import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.DrainNode;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MaintainNode;
import io.quorate.log.v1.MoveUnit;
import io.quorate.log.v1.RestartUnit;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.SettingsSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A change of several steps is interrupted after them, by each thing that may happen to those who carry it out: nothing runs
 * twice meanwhile, and afterwards everything is as it should be.
 */
class InterruptedChangeTest {
    private static final String GROUP = "groups/g";
    private static final String CLONE = "clones/db";
    private static final int MOST_STEPS = 40;
    /** A change is over when nothing was committed for so long. */
    private static final long QUIET_NANOS = 3 * Timeline.SECOND;

    private static final long LOOK_NANOS = 5 * Timeline.MILLI;
    private static final long START_NANOS = 60 * Timeline.SECOND;
    private static final long DOWN_NANOS = 2 * Timeline.SECOND;

    @TempDir
    private Path directory;

    /** What is changed. */
    private enum Change {
        MOVE,
        MOVE_OF_A_PROMOTION,
        DRAIN,
        MAINTENANCE,
        RESTART,
        FENCE,
        REBOOT,
        LONGER_LEASES,
        SHORTER_LEASES
    }

    /** What happens in the middle of it. */
    private enum Interruption {
        NOTHING,
        LEADER_KILLED,
        LEADER_CUT_OFF,
        SERVERS_KILLED,
        OLD_AGENT_KILLED,
        NEW_AGENT_KILLED,
        OLD_NODE_LOSES_POWER,
        NEW_NODE_LOSES_POWER,
        EVERYTHING_LOSES_POWER
    }

    /** A cluster at rest, in which the group and a promoted copy have a place, and another one is free. */
    private static final class Scene implements AutoCloseable {
        private final Services services = new Services();
        private final SimWorld world;
        private final Nemesis nemesis;
        private final String owner;
        private final String target;
        private final String otherCopy;

        Scene(Path directory) {
            world = new SimWorld(1, directory, Mutation.NONE);
            nemesis = new Nemesis(world, new SplittableRandom(1), services);
            world.begin(services.all());
            world.runUntil("everything runs", START_NANOS, () -> SimRun.isBack(world, services));
            owner = ownerOf("g");
            target = SimWorld.NODES.stream()
                    .filter(node -> !node.equals(owner))
                    .filter(node -> world.server(node) == null)
                    .findFirst()
                    .orElseThrow();
            String promoted = SimWorld.NODES.stream()
                    .filter(node ->
                            world.machine(node).services().values().stream().anyMatch(SimMachine.Service::promoted))
                    .findFirst()
                    .orElseThrow();
            otherCopy = world.committed().instances().values().stream()
                    .filter(row -> row.getId().startsWith("db:") && row.hasOwnership())
                    .map(row -> row.getOwnership().getNode())
                    .filter(node -> !node.equals(promoted))
                    .findFirst()
                    .orElseThrow();
        }

        private String ownerOf(String instance) {
            ClusterState state = world.committed();
            InstanceRow row = Objects.requireNonNull(state.instance(instance));
            return row.getOwnership().getNode();
        }

        void begin(Change change) {
            switch (change) {
                case MOVE ->
                    ask(Command.newBuilder()
                            .setMoveUnit(MoveUnit.newBuilder().setUnit(GROUP).setToNode(target)));
                case MOVE_OF_A_PROMOTION ->
                    ask(Command.newBuilder()
                            .setMoveUnit(MoveUnit.newBuilder()
                                    .setUnit(CLONE)
                                    .setPromoted(true)
                                    .setToNode(otherCopy)));
                case DRAIN ->
                    ask(Command.newBuilder().setDrainNode(DrainNode.newBuilder().setNode(owner)));
                case MAINTENANCE ->
                    ask(Command.newBuilder()
                            .setMaintainNode(MaintainNode.newBuilder().setNode(owner)));
                case RESTART ->
                    ask(Command.newBuilder()
                            .setRestartUnit(RestartUnit.newBuilder().setUnit(GROUP)));
                case FENCE -> cutOff(owner);
                case REBOOT -> losePower(owner);
                case LONGER_LEASES -> settings(20);
                case SHORTER_LEASES -> settings(6);
            }
        }

        void interrupt(Interruption interruption) {
            switch (interruption) {
                case NOTHING -> {}
                case LEADER_KILLED -> leader().ifPresent(this::kill);
                case LEADER_CUT_OFF -> leader().map(SimServer::name).ifPresent(this::cutOff);
                case SERVERS_KILLED -> world.servers().forEach(this::kill);
                case OLD_AGENT_KILLED -> killAgent(owner);
                case NEW_AGENT_KILLED -> killAgent(target);
                case OLD_NODE_LOSES_POWER -> losePower(owner);
                case NEW_NODE_LOSES_POWER -> losePower(target);
                case EVERYTHING_LOSES_POWER -> SimWorld.NODES.forEach(this::losePower);
            }
        }

        private Optional<SimServer> leader() {
            return Optional.ofNullable(world.leader());
        }

        void ask(Command.Builder command) {
            world.tryTo(command, "the change");
        }

        void settings(long leaseSeconds) {
            ask(Command.newBuilder()
                    .setApplyObjects(ApplyObjects.newBuilder()
                            .addManifests(Manifest.newBuilder()
                                    .setMeta(ObjectMeta.newBuilder().setName("cluster"))
                                    .setSettings(SettingsSpec.newBuilder()
                                            .setLease(Duration.newBuilder().setSeconds(leaseSeconds))))));
        }

        void cutOff(String name) {
            for (String other : SimWorld.NODES) {
                if (!other.equals(name)) {
                    world.network().cut(name, other);
                    world.network().cut(other, name);
                }
            }
        }

        void kill(SimServer server) {
            server.kill();
            world.later(DOWN_NANOS, () -> world.startProcesses(server.name()));
        }

        void killAgent(String name) {
            world.node(name).kill();
            world.later(DOWN_NANOS, () -> world.node(name).start());
        }

        void losePower(String name) {
            world.losePower(name);
            world.later(DOWN_NANOS, () -> world.bootAgain(name));
        }

        /** Goes on until so many entries were committed since, or nothing more is; the number of those that were. */
        int awaitSteps(int steps) {
            long first = world.raft().lastIndex();
            long seen = first;
            long quietSince = world.nowNanos();
            while (world.raft().lastIndex() - first < steps && world.nowNanos() - quietSince < QUIET_NANOS) {
                world.run(LOOK_NANOS);
                if (world.raft().lastIndex() > seen) {
                    seen = world.raft().lastIndex();
                    quietSince = world.nowNanos();
                }
            }
            return (int) (seen - first);
        }

        @Override
        public void close() {
            world.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void afterEverySecondStepAnythingMayInterruptIt(Change change) throws IOException {
        interrupt(change, 2);
    }

    @ParameterizedTest
    @EnumSource(names = {"MOVE", "FENCE"})
    void afterSomeStepsAnythingMayInterruptIt(Change change) throws IOException {
        interrupt(change, 4);
    }

    /** After every so manieth step; with which it begins is another one for each interruption. */
    private void interrupt(Change change, int stride) throws IOException {
        int interrupted = 0;
        int kinds = 0;
        for (Interruption interruption : Interruption.values()) {
            int steps = kinds++ % stride;
            int taken;
            do {
                try (Scene scene = new Scene(Files.createTempDirectory(directory, "world"))) {
                    scene.begin(change);
                    taken = scene.awaitSteps(steps);
                    scene.interrupt(interruption);
                    assertThatCode(() -> {
                                scene.world.run(2 * DOWN_NANOS);
                                SimRun.calm(scene.world, scene.nemesis, scene.services);
                            })
                            .as("%s interrupted by %s after %d steps", change, interruption, steps)
                            .doesNotThrowAnyException();
                    interrupted++;
                }
                steps += stride;
            } while (taken >= steps - stride && steps < MOST_STEPS);
        }
        assertThat(interrupted).isGreaterThanOrEqualTo(2 * Interruption.values().length);
    }
}
