package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.quorate.v1.DateCondition;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Safety;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A rule with dates moves its service when its instant comes, and nothing else has to happen for that. */
class DatedRulesTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    private final World world = new World();
    private String home = "";
    private String other = "";

    @BeforeEach
    void oneServiceRuns() {
        world.runUntilAllUp();
        world.apply(World.service("web", Safety.SAFETY_EXCLUSIVE));
        world.runUntil("web runs", SOON, () -> !world.owner("web").isEmpty() && world.runs("web", world.owner("web")));
        home = world.owner("web");
        other = home.equals("n2") ? "n3" : "n2";
    }

    /** Its node is worth more until an instant, the other one from then on. */
    private long betterFrom(Duration ahead) {
        long second = (world.clock().wallMillis() + ahead.toMillis()) / 1000;
        DateCondition later = DateCondition.newBuilder()
                .setAfter(Timestamp.newBuilder().setSeconds(second))
                .build();
        world.apply(Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName("later"))
                .setLocation(LocationSpec.newBuilder()
                        .setResource("web")
                        .addRules(worthMore(
                                home, NodeMatch.newBuilder().setOutside(later).build()))
                        .addRules(worthMore(
                                other, NodeMatch.newBuilder().setDuring(later).build())))
                .build());
        return second * 1000;
    }

    private static LocationRule worthMore(String node, NodeMatch dates) {
        return LocationRule.newBuilder()
                .setScore(1_000)
                .addMatches(NodeMatch.newBuilder().setAttribute("#uname").setValue(node))
                .addMatches(dates)
                .build();
    }

    private Duration until(long wallMillis) {
        return Duration.ofMillis(wallMillis - world.clock().wallMillis());
    }

    @Test
    void itMovesWhenTheInstantComesAndRests() {
        long instant = betterFrom(Duration.ofMinutes(30));
        long token = world.token("web");
        world.run(until(instant).minusMillis(100));
        assertThat(world.token("web")).isEqualTo(token);
        assertThat(world.runs("web", home)).isTrue();

        world.runUntil("web on the other node", SOON, () -> world.runs("web", other));
        token = world.token("web");
        world.run(Duration.ofMinutes(5));
        assertThat(world.token("web")).isEqualTo(token);
    }

    /** Clocks are set right by a little, and those of servers differ. */
    @Test
    void aSmallStepBackOfTheClockAfterItMovesNothing() {
        long instant = betterFrom(Duration.ofSeconds(30));
        world.run(until(instant).minusMillis(100));
        world.runUntil("web on the other node", SOON, () -> world.runs("web", other));
        long token = world.token("web");
        world.clock().setWallMillis(instant - 20_000);
        world.run(Duration.ofSeconds(10));
        world.elect("n2");
        world.run(Duration.ofMinutes(2));
        assertThat(world.token("web")).isEqualTo(token);
        assertThat(world.runs("web", other)).isTrue();
    }

    @Test
    void aClockThatIsSetForwardIsNoticedWithinAMinute() {
        long instant = betterFrom(Duration.ofHours(3));
        world.run(Duration.ofSeconds(10));
        world.clock().setWallMillis(instant);
        world.runUntil("web on the other node", Duration.ofSeconds(65), () -> world.runs("web", other));
    }
}
