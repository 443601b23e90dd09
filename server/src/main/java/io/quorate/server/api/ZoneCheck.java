package io.quorate.server.api;

import io.grpc.Status;
import io.quorate.statemachine.dates.Zones;
import io.quorate.statemachine.model.Keys;
import io.quorate.v1.LocationRule;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodeMatch;
import java.util.List;
import java.util.Map;

/**
 * Refuses rules with dates in a time zone that nobody knows. No rule of apply: which zones there are depends on the Java of
 * each server, and every server must come to the same.
 */
final class ZoneCheck {
    private ZoneCheck() {}

    /**
     * Returns when this server knows all zones.
     *
     * @throws ApiException that names the first one that it does not know
     */
    static void require(List<Manifest> manifests) {
        for (Manifest manifest : manifests) {
            for (LocationRule rule : manifest.getLocation().getRulesList()) {
                for (NodeMatch match : rule.getMatchesList()) {
                    require(manifest, match.getDuring().getZone());
                    require(manifest, match.getOutside().getZone());
                }
            }
        }
    }

    private static void require(Manifest manifest, String zone) {
        if (!Zones.isKnown(zone)) {
            String shown = zone.length() > 64 ? zone.substring(0, 64) + "..." : zone;
            throw new ApiException(
                    Status.Code.INVALID_ARGUMENT,
                    "UNKNOWN_ZONE",
                    Keys.of(manifest) + ": '" + shown + "' is no time zone that this server knows",
                    Map.of(
                            "object",
                            Keys.of(manifest),
                            "next_step",
                            "write an offset such as +02:00, or a name such as Europe/Berlin"));
        }
    }
}
