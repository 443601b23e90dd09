package io.quorate.statemachine.policy;

import io.quorate.v1.Reason;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How many live migrations a node sends or receives at once: those that are under way, and those that this look or one
 * before it has decided. A drain of a node sends a few at a time, the others go on where they run and move later.
 */
final class MigrationLimit {
    private final Survey survey;
    private final Function<UnitView, Outcome> wish;
    private @Nullable SortedMap<String, Integer> underWay;

    /** @param wish what a unit would do if nobody had to wait */
    MigrationLimit(Survey survey, Function<UnitView, Outcome> wish) {
        this.survey = survey;
        this.wish = wish;
    }

    /** Why a unit moves later; empty when both nodes may have one more. */
    Optional<Reason> reached(UnitView unit, Outcome own) {
        if (!(own.decision() instanceof Decision.Migrate migrate)) {
            return Optional.empty();
        }
        int most = survey.state().settings().maxMigrationsPerNode();
        SortedMap<String, Integer> counts = new TreeMap<>(underWay());
        for (UnitView other : survey.beingDecided()) {
            if (!other.isArrival()
                    && !other.name().equals(unit.name())
                    && wish.apply(other).decision() instanceof Decision.Migrate next) {
                count(counts, other, next.toNode());
            }
        }
        String source = unit.instance().getOwnership().getNode();
        return Optional.of(source)
                .filter(node -> counts.getOrDefault(node, 0) >= most)
                .or(() -> Optional.of(migrate.toNode()).filter(node -> counts.getOrDefault(node, 0) >= most))
                .map(node -> SequenceReasons.migrationsAtOnce(unit, node, most));
    }

    private SortedMap<String, Integer> underWay() {
        if (underWay == null) {
            underWay = new TreeMap<>();
            for (UnitView arrival : survey.arrivals()) {
                UnitView source = survey.sourceOf(arrival);
                if (source != null && survey.migration(source).isAlive()) {
                    count(underWay, source, arrival.instance().getOwnership().getNode());
                }
            }
        }
        return underWay;
    }

    private static void count(SortedMap<String, Integer> counts, UnitView source, String target) {
        counts.merge(source.instance().getOwnership().getNode(), 1, Integer::sum);
        counts.merge(target, 1, Integer::sum);
    }
}
