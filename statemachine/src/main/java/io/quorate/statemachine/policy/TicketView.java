package io.quorate.statemachine.policy;

import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.SiteTickets;
import io.quorate.statemachine.model.SiteTickets.Need;
import io.quorate.statemachine.placement.Problem;
import io.quorate.statemachine.placement.Role;
import io.quorate.v1.LossPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What tickets between sites mean for units, and for the slots of clones, collected once for a look. */
final class TicketView {
    private final SortedMap<String, List<Need>> needs;

    TicketView(ClusterState state) {
        this.needs = SiteTickets.all(state);
    }

    /** What a unit needs, in order of constraint. */
    List<Need> of(UnitView unit) {
        return needs.getOrDefault(unit.key(), List.of());
    }

    /** What keeps it from being started or promoted, and lets what is so no longer be; null when nothing does. */
    @Nullable
    Need barring(UnitView unit) {
        return first(unit, need -> need.bars(unit.isPromotion()));
    }

    /** The lost ticket for which nodes that run it are fenced; null when there is none. */
    @Nullable
    Need fencing(UnitView unit) {
        return first(unit, need -> need.isLost(LossPolicy.LOSS_POLICY_FENCE, unit.isPromotion()));
    }

    /**
     * The lost ticket that leaves it as it is; null when there is none. A fence for another ticket is not held up by it.
     *
     * @param promoted of a copy: it is promoted
     */
    @Nullable
    Need freezing(UnitView unit, boolean promoted) {
        return fencing(unit) != null
                ? null
                : first(unit, need -> need.isLost(LossPolicy.LOSS_POLICY_FREEZE, promoted || unit.isPromotion()));
    }

    private @Nullable Need first(UnitView unit, Predicate<Need> wanted) {
        for (Need need : of(unit)) {
            if (wanted.test(need)) {
                return need;
            }
        }
        return null;
    }

    /**
     * The same for the placement engine. It hears what may not be started, promoted or kept. That nodes are fenced is decided
     * one slot after the other, as far as StormBrake lets it.
     */
    List<Problem.Ticketed> forEngine(Predicate<String> isThere) {
        List<Problem.Ticketed> rules = new ArrayList<>();
        needs.forEach((unit, some) -> some.forEach(need -> {
            String name = Keys.bare(unit);
            if (isThere.test(name)) {
                rules.add(new Problem.Ticketed(
                        need.constraint(),
                        name,
                        need.promotedOnly() ? Optional.of(Role.PROMOTED) : Optional.empty(),
                        forEngine(need),
                        need.granted(),
                        need.standby()));
            }
        }));
        return rules;
    }

    private static Problem.LossPolicy forEngine(Need need) {
        return switch (need.lossPolicy()) {
            case LOSS_POLICY_STOP -> Problem.LossPolicy.STOP;
            // of what is promoted: its standing says that it stays, and copies that are not are free to move
            case LOSS_POLICY_FREEZE -> need.promotedOnly() ? Problem.LossPolicy.DEMOTE : Problem.LossPolicy.FREEZE;
            case LOSS_POLICY_DEMOTE, LOSS_POLICY_FENCE, LOSS_POLICY_UNSPECIFIED, UNRECOGNIZED ->
                Problem.LossPolicy.DEMOTE;
        };
    }
}
