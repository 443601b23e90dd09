package io.quorate.statemachine.dates;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;

/** Time zones as conditions name them: offsets, and names of regions as this Java knows them. */
public final class Zones {
    private Zones() {}

    /** Whether there is a zone of that name here; the empty one is UTC. */
    public static boolean isKnown(String zone) {
        try {
            return zone.isEmpty() || ZoneId.of(zone).getRules() != null;
        } catch (DateTimeException e) {
            return false;
        }
    }

    /** How its clocks go; those of UTC where the zone is not known, so that a rule goes on, at other hours. */
    static ZoneRules rules(String zone) {
        return isKnown(zone) && !zone.isEmpty() ? ZoneId.of(zone).getRules() : ZoneOffset.UTC.getRules();
    }
}
