package io.quorate.statemachine.forecast;

import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.placement.Score;
import io.quorate.statemachine.policy.Explainer;
import io.quorate.statemachine.policy.Explanation;
import io.quorate.statemachine.policy.Explanation.OfUnit;
import io.quorate.statemachine.policy.Policy;
import io.quorate.statemachine.policy.ReasonCode;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * What a plan cannot know: what a copy is worth promoted says its agent, and only once the copy runs. Of clones of which none
 * has said so yet, it is tried what would come if the agents preferred one node, and then another: what is elsewhere then, or
 * runs only then, has a place that is open.
 */
final class OpenPlaces {
    /** Each costs a run, and two differ already for what depends on the answer at all. */
    private static final int MOST_TRIED = 5;

    private final World end;
    private final Policy policy;
    private final History history;
    private final List<String> silent;
    private final NavigableSet<String> open = new TreeSet<>();
    private final List<Reason> attention = new ArrayList<>();

    OpenPlaces(ClusterState initial, World end, Policy policy, History history) {
        this.end = end;
        this.policy = policy;
        this.history = history;
        this.silent = silent(initial, end.state());
    }

    /** Clones with copies that the plan has started, and none of whose agents has said what it is worth promoted. */
    private static List<String> silent(ClusterState initial, ClusterState end) {
        List<String> silent = new ArrayList<>();
        for (ObjectRow row : end.objects().values()) {
            boolean promotes = row.hasClone() && Clones.maxPromoted(row) > 0 && Units.isWanted(row);
            NavigableSet<String> nodes = promotes ? nodes(end, row) : new TreeSet<>();
            boolean said = nodes.stream()
                    .anyMatch(node -> Clones.promotionScore(end, row, node).isPresent());
            boolean ranBefore = Clones.copies(initial, row).stream().anyMatch(InstanceRow::hasOwnership);
            if (!nodes.isEmpty() && !said && !ranBefore) {
                silent.add(row.getKey());
            }
        }
        return silent;
    }

    private static NavigableSet<String> nodes(ClusterState state, ObjectRow clone) {
        NavigableSet<String> nodes = new TreeSet<>();
        for (InstanceRow copy : Clones.copies(state, clone)) {
            if (copy.hasOwnership()) {
                nodes.add(copy.getOwnership().getNode());
            }
        }
        return nodes;
    }

    /** Keys of units whose place depends on what the agents will say, the clones themselves among them. */
    NavigableSet<String> find(SortedMap<String, OfUnit> planned) {
        open.addAll(silent);
        NavigableSet<String> preferred = new TreeSet<>();
        for (String key : silent) {
            ObjectRow clone = end.state().object(key);
            if (clone != null) {
                preferred.addAll(nodes(end.state(), clone));
            }
        }
        preferred.stream().limit(MOST_TRIED).forEach(node -> suppose(scores(node), planned));
        return open;
    }

    private void suppose(ClusterState state, SortedMap<String, OfUnit> planned) {
        World world = end.supposing(state);
        world.lookAnew();
        new Run(world, policy, history).toRest();
        Explanation then = new Explainer(world.state(), world.datesAtWallMillis()).explain();
        attention.addAll(then.attention());
        then.units().forEach((key, unit) -> {
            OfUnit is = planned.get(key);
            boolean differs = is == null || !runs(is) || !is.node().equals(unit.node());
            if (runs(unit) && differs) {
                open.add(key);
            }
        });
    }

    /** Whether what needs a person in the end of the plan does so only because the agents have not spoken. */
    boolean isOnlyBecauseOfThem(Reason reason) {
        return reason.getObjectsList().stream().anyMatch(open::contains)
                && attention.stream().noneMatch(other -> isSame(reason, other));
    }

    private static boolean isSame(Reason one, Reason other) {
        return one.getCode().equals(other.getCode())
                && other.getObjectsCount() > 0
                && one.getObjects(0).equals(other.getObjects(0));
    }

    private static boolean runs(OfUnit unit) {
        return RunStates.isUp(unit.state());
    }

    /** The state in which the agents have spoken, for this node. */
    private ClusterState scores(String preferred) {
        ClusterState state = end.state();
        for (String key : silent) {
            ObjectRow clone = end.state().object(key);
            for (String node : clone == null ? new TreeSet<String>() : nodes(end.state(), clone)) {
                AttributeRow.Builder score = AttributeRow.newBuilder()
                        .setNode(node)
                        .setName(Clones.scoreName(Keys.bare(key)))
                        .setValue(Integer.toString(node.equals(preferred) ? Score.INFINITY : 1));
                state = Reducer.reduce(
                        state, Change.newBuilder().setAttribute(score).build());
            }
        }
        return state;
    }

    /** In words for a unit of {@link #find}. */
    Reason why(String key) {
        String clones = String.join(", ", silent.stream().map(Keys::bare).toList());
        String said = "its agents say only once they run what a copy is worth promoted";
        List<String> objects = new ArrayList<>(List.of(key));
        silent.stream().filter(each -> !each.equals(key)).forEach(objects::add);
        return Reason.newBuilder()
                .setCode(ReasonCode.PLACE_OPEN.name())
                .setMessage(
                        silent.contains(key)
                                ? "which copy of " + Keys.bare(key) + " is promoted is open: " + said
                                : "the place of " + Keys.bare(key) + " is open: it depends on which copy of " + clones
                                        + " is promoted, and " + said)
                .addAllObjects(objects)
                .build();
    }
}
