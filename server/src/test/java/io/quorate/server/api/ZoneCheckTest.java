package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.v1.DateCondition;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.ObjectMeta;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A time zone that this server does not know is refused before it is committed. */
class ZoneCheckTest {
    private static List<Manifest> inZone(String zone) {
        DateCondition dates = DateCondition.newBuilder().setZone(zone).build();
        return List.of(Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName("office"))
                .setLocation(LocationSpec.newBuilder()
                        .addRules(LocationRule.newBuilder()
                                .addMatches(NodeMatch.newBuilder().setOutside(dates))))
                .build());
    }

    @Test
    void knownZonesPass() {
        for (String zone : List.of("", "UTC", "+05:30", "Europe/Berlin")) {
            assertThatCode(() -> ZoneCheck.require(inZone(zone))).doesNotThrowAnyException();
        }
    }

    @Test
    void anyOtherIsNamedWithItsObject() {
        assertThatThrownBy(() -> ZoneCheck.require(inZone("Europe/Belrin")))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("locations/office: 'Europe/Belrin' is no time zone that this server knows");
    }
}
