package io.quorate.statemachine.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.NodePhase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * A promotable clone of two copies on three nodes, against what really runs: agents do at once whatever they are granted,
 * keep doing it while they are lost, and answer probes truly.
 */
class CloneProperties {
    private static final List<String> NODES = List.of("n1", "n2", "n3");

    /** What runs on the nodes, whatever the cluster knows of it. */
    private static final class World {
        private final Script script = new Script(RuleTable.standard());
        private final NavigableSet<String> running = new TreeSet<>();
        private final NavigableSet<String> promoted = new TreeSet<>();
        private final Map<String, Integer> boots = new TreeMap<>();

        World() {
            script.run("init");
            NODES.forEach(node -> {
                script.run("register " + node + " boot=b0");
                script.run("joined " + node);
            });
            script.run("apply device power n1 n2 n3; resource pg; clone db of:pg max:2 promotable");
        }

        ClusterState state() {
            return script.state();
        }

        boolean isOk(String line) {
            return script.run(line).equals("ok");
        }

        void step(String line) {
            String[] words = line.split(" ", -1);
            String node = words[1];
            switch (words[0]) {
                case "grant" -> grant(words[2], node);
                case "start" -> report(ownedBy(node, false), node, running.contains(node) ? "running" : "released");
                case "promote" -> promote(node);
                case "release-promotion" -> release(ownedBy(node, true));
                case "demote" -> {
                    promoted.remove(node);
                    report(ownedBy(node, true), node, "released");
                }
                case "release" -> release(ownedBy(node, false));
                case "stop" -> {
                    stop(node);
                    report(ownedBy(node, false), node, "released");
                }
                case "lose" -> script.run("lost " + node);
                case "fence" -> script.run("fence " + node);
                case "off" -> off(node);
                case "reboot" -> {
                    stop(node);
                    boots.merge(node, 1, Integer::sum);
                    join(node);
                }
                case "return" -> join(node);
                default -> script.run(line);
            }
        }

        private void grant(String number, String node) {
            answer(node);
            if (isOk("assign db:" + number + " " + node)) {
                assertThat(running.add(node)).as("runs already on " + node).isTrue();
            }
        }

        private void promote(String node) {
            NODES.forEach(this::answer);
            InstanceRow copy = ownedBy(node, false);
            String named = copy == null ? "" : copy.getId();
            if (isOk("assign db:promoted:0 " + node + " copy=" + named)) {
                assertThat(running).as("promoted where no copy runs").contains(node);
                promoted.add(node);
            }
        }

        private void release(@Nullable InstanceRow instance) {
            if (instance != null) {
                script.run("release " + instance.getId());
            }
        }

        private void report(@Nullable InstanceRow instance, String node, String what) {
            if (instance != null) {
                script.run("report " + instance.getId() + " " + node + " " + what);
            }
        }

        private void stop(String node) {
            running.remove(node);
            promoted.remove(node);
        }

        private void off(String node) {
            NodeRow row = state().node(node);
            if (row != null && row.getPhase() == NodePhase.NODE_PHASE_LOST) {
                stop(node);
                boots.merge(node, 1, Integer::sum);
                script.run("confirm " + node);
            }
        }

        /** Registers, says what runs, and stops what it no longer owns when it may not join with that. */
        private void join(String node) {
            script.run("register " + node + " boot=b" + boots.getOrDefault(node, 0));
            answer(node);
            if (!isOk("joined " + node)) {
                if (ownedBy(node, false) == null) {
                    stop(node);
                }
                answer(node);
                script.run("joined " + node);
            }
        }

        /** Answers for every slot that the node does not own: what runs there is its own copy, where it owns one. */
        private void answer(String node) {
            List<String> ids = new ArrayList<>(state().instances().keySet());
            for (String id : ids) {
                boolean promotion = id.contains("promoted");
                boolean runs = (promotion ? promoted : running).contains(node) && ownedBy(node, promotion) == null;
                script.run("probe " + node + " " + id + (runs ? " running" : " not-running"));
            }
        }

        /** The slot that the node's present life owns. */
        private @Nullable InstanceRow ownedBy(String node, boolean promotion) {
            NodeRow row = state().node(node);
            for (InstanceRow instance : state().instances().values()) {
                boolean kind = instance.hasSlot() && instance.getSlot().getPromotion() == promotion;
                if (row != null && kind && Lives.owns(instance, node, row.getIncarnation())) {
                    return instance;
                }
            }
            return null;
        }
    }

    @Provide
    Arbitrary<List<String>> lives() {
        Arbitrary<String> onNode = Combinators.combine(
                        Arbitraries.of(
                                "grant %s 0",
                                "grant %s 1",
                                "start %s",
                                "start %s",
                                "promote %s",
                                "promote %s",
                                "release-promotion %s",
                                "demote %s",
                                "release %s",
                                "stop %s",
                                "lose %s",
                                "fence %s",
                                "off %s",
                                "reboot %s",
                                "return %s",
                                "return %s"),
                        Arbitraries.of(NODES))
                .as((template, node) -> template.formatted(node));
        Arbitrary<String> others = Arbitraries.of(
                "apply clone db of:pg max:2 promotable",
                "maintain db",
                "clear db maintenance",
                "recover db:0",
                "restart db",
                "time 5000",
                "scores n1 db=5");
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(12, onNode), net.jqwik.api.Tuple.of(1, others))
                .list()
                .ofMinSize(1)
                .ofMaxSize(80);
    }

    /** CountedSlots and PromotionIsOwned, as a witness on the nodes sees them. */
    @Property(tries = 300)
    void neverMoreRunsThanMayAndNeverTwoArePromoted(@ForAll("lives") List<String> lives) {
        World world = new World();
        for (String line : lives) {
            world.step(line);
            assertThat(world.running).as(line).hasSizeLessThanOrEqualTo(2);
            assertThat(world.promoted).as(line).hasSizeLessThanOrEqualTo(1);
            assertThat(world.running).as(line).containsAll(world.promoted);
        }
    }
}
