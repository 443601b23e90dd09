package io.quorate.statemachine.policy;

import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.dates.DateText;
import io.quorate.statemachine.dates.Dates;
import io.quorate.statemachine.dates.Zones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.placement.Score;
import io.quorate.v1.DateCondition;
import io.quorate.v1.LocationRule;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Rules of locations with dates: when they change, and what to say of them. */
final class DatedRules {
    private DatedRules() {}

    /** The dates that a condition is about; empty for one about nodes. */
    private static Optional<DateCondition> dates(NodeMatch match) {
        return switch (match.getKeyCase()) {
            case DURING -> Optional.of(match.getDuring());
            case OUTSIDE -> Optional.of(match.getOutside());
            case LABEL, ATTRIBUTE, KEY_NOT_SET -> Optional.empty();
        };
    }

    /** The wall time at which the first of all dates that are named begin or cease to hold; {@link Dates#NEVER}: none ever will. */
    static long nextChange(ClusterState state, long wallMillis) {
        long next = Dates.NEVER;
        for (ObjectRow row : state.objects().values()) {
            for (LocationRule rule : row.getLocation().getRulesList()) {
                for (NodeMatch match : rule.getMatchesList()) {
                    Optional<DateCondition> dates = dates(match);
                    if (dates.isPresent()) {
                        next = Math.min(next, Dates.nextChange(dates.get(), wallMillis));
                    }
                }
            }
        }
        return next;
    }

    /** One reason for each condition with dates in the locations of a unit, in the order of their names. */
    static List<Reason> explained(Survey survey, UnitView unit) {
        List<Reason> reasons = new ArrayList<>();
        for (ObjectRow row : survey.state().objects().values()) {
            if (!unit.unitName()
                    .equals(Relations.unit(survey.state(), row.getLocation().getResource()))) {
                continue;
            }
            for (LocationRule rule : row.getLocation().getRulesList()) {
                for (NodeMatch match : rule.getMatchesList()) {
                    dates(match)
                            .map(dates -> Keys.bare(row.getKey()) + " " + Score.inWords(rule.getScore()) + ", "
                                    + (match.hasDuring() ? "during" : "outside") + " ("
                                    + DateText.of(dates) + "): "
                                    + now(match, dates, survey.nowWallMillis())
                                    + (Zones.isKnown(dates.getZone())
                                            ? ""
                                            : "; this server does not know the zone and takes UTC"))
                            .map(text -> Reasons.of(ReasonCode.DATES, text, List.of(unit.key(), row.getKey()), ""))
                            .ifPresent(reasons::add);
                }
            }
        }
        return reasons;
    }

    private static String now(NodeMatch match, DateCondition dates, long wallMillis) {
        boolean within = Dates.hold(dates, wallMillis);
        String holds = within == match.hasDuring() ? "holds now" : "does not hold now";
        long next = Dates.nextChange(dates, wallMillis);
        if (next == Dates.NEVER) {
            return holds + ", and that does not change any more";
        }
        String until = holds + ", until " + Instant.ofEpochMilli(next);
        return Dates.hold(dates, next) == within ? until + " at least" : until;
    }
}
