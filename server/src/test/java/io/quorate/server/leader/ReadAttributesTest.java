package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.SetNodeAttribute;
import io.quorate.v1.HealthStrategy;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodeHealth;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Safety;
import io.quorate.v1.SettingsSpec;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An attribute that a rule names moves its service at once; one that nothing reads does not even make the policy look. */
class ReadAttributesTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    private final World world = new World();
    private String home = "";

    @BeforeEach
    void oneServiceRuns() {
        world.runUntilAllUp();
        world.apply(World.service("web", Safety.SAFETY_EXCLUSIVE));
        world.runUntil("web runs", SOON, () -> !world.owner("web").isEmpty() && world.runs("web", world.owner("web")));
        home = world.owner("web");
    }

    private void set(String name, String value) {
        world.accept(Command.newBuilder()
                .setSetNodeAttribute(SetNodeAttribute.newBuilder()
                        .setNode(home)
                        .setName(name)
                        .setValue(value))
                .build());
    }

    private void awaitMoved() {
        world.runUntil(
                "web has left " + home,
                SOON,
                () -> !world.owner("web").equals(home) && world.runs("web", world.owner("web")));
    }

    @Test
    void oneThatALocationNames() {
        world.apply(Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName("reachable"))
                .setLocation(LocationSpec.newBuilder()
                        .setResource("web")
                        .addRules(LocationRule.newBuilder()
                                .setScore(-1_000_000)
                                .addMatches(NodeMatch.newBuilder()
                                        .setAttribute("gateway")
                                        .setValue("gone"))))
                .build());
        world.run(SOON);
        set("gateway", "gone");
        awaitMoved();
    }

    @Test
    void oneOfANodesHealth() {
        world.apply(Manifest.newBuilder()
                .setSettings(SettingsSpec.newBuilder()
                        .setNodeHealth(
                                NodeHealth.newBuilder().setStrategy(HealthStrategy.HEALTH_STRATEGY_MIGRATE_ON_RED)))
                .build());
        world.run(SOON);
        set("health-disk", "red");
        awaitMoved();
    }

    @Test
    void oneThatNothingReads() {
        world.run(SOON);
        long looks = world.loopOf("n1").counters().policyRuns();
        set("note", "bought in May");
        set("health-disk", "red");
        world.run(Duration.ofMillis(500));
        assertThat(world.loopOf("n1").counters().policyRuns()).isEqualTo(looks);
        assertThat(world.owner("web")).isEqualTo(home);
    }
}
