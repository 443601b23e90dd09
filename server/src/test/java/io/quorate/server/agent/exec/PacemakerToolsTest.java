package io.quorate.server.agent.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.CloneContext;
import io.quorate.agent.v1.CloneContext.Peer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stand-ins for Pacemaker's tools, as a resource agent calls them. */
class PacemakerToolsTest {
    private static final CloneContext CLONE = CloneContext.newBuilder()
            .setClone("cache")
            .setPromotable(true)
            .addPeers(Peer.newBuilder().setInstance("cache:0").setNode("n1").setActive(true))
            .addPeers(Peer.newBuilder()
                    .setInstance("cache:1")
                    .setNode("n2")
                    .setActive(true)
                    .setPromoted(true))
            .addPeers(Peer.newBuilder().setInstance("cache:2"))
            .build();

    @TempDir
    private Path directory;

    private CopyFiles copies;

    private record Said(int exitCode, String output) {}

    @BeforeEach
    void install() throws IOException {
        copies = new CopyFiles(directory.resolve("copies"));
        PacemakerTools.install(directory.resolve("tools"), "n1", CleanEnvironment.PATH, copies);
        // A restart of the agent finds them in place.
        PacemakerTools.install(directory.resolve("tools"), "n1", CleanEnvironment.PATH, copies);
        copies.keepPeers("cache:0", CLONE);
    }

    private Said call(String... words) throws IOException, InterruptedException {
        return callAs(copies.of("cache:0").toString(), words);
    }

    private Said callAs(String copy, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(words));
        command.set(0, directory.resolve("tools").resolve(words[0]).toString());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", CleanEnvironment.PATH);
        builder.environment().put("QUORATE_NODE", "n1");
        builder.environment().put("OCF_RESOURCE_INSTANCE", "redis");
        if (!copy.isEmpty()) {
            builder.environment().put("QUORATE_COPY_DIR", copy);
        }
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), output.strip());
    }

    @Test
    void everyWayToSetAPromotionScoreIsHeard() throws Exception {
        assertThat(copies.score("cache:0")).isEmpty();
        assertThat(call("crm_attribute", "--promotion", "-v", "10").exitCode()).isZero();
        assertThat(copies.score("cache:0")).contains("10");
        assertThat(call("crm_master", "-l", "reboot", "-v", "-INFINITY").exitCode())
                .isZero();
        assertThat(copies.score("cache:0")).contains("-INFINITY");
        assertThat(call("crm_master", "-N", "n1", "-l", "reboot", "-v", "77").exitCode())
                .isZero();
        assertThat(copies.score("cache:0")).contains("77");
        assertThat(call("crm_attribute", "-p", "-v5").exitCode()).isZero();
        assertThat(copies.score("cache:0")).contains("5");
        assertThat(call("crm_attribute", "-N", "n1", "-l", "reboot", "--name=master-redis", "--update=6")
                        .exitCode())
                .isZero();
        assertThat(copies.score("cache:0")).contains("6");
        assertThat(call("crm_master", "-v", "99999999999").exitCode()).isZero();
        assertThat(copies.score("cache:0")).contains("INFINITY");
        assertThat(call("crm_master", "-l", "reboot", "-G", "--quiet")).isEqualTo(new Said(0, "INFINITY"));
        assertThat(call("crm_attribute", "--promotion", "-D").exitCode()).isZero();
        assertThat(copies.score("cache:0")).isEmpty();
        assertThat(call("crm_attribute", "--promotion", "-D").exitCode())
                .as("again")
                .isZero();
    }

    @Test
    void whatIsNoScoreIsRefused() throws Exception {
        for (String value : List.of("", "1.5", "ten", "5; reboot", "--", "$(id)")) {
            assertThat(call("crm_attribute", "--promotion", "-v", value).exitCode())
                    .as(value)
                    .isEqualTo(64);
        }
        assertThat(copies.score("cache:0")).isEmpty();
        assertThat(callAs("", "crm_master", "-v", "5"))
                .isEqualTo(new Said(1, "crm_master: only copies of a clone have attributes in Quorate"));
        assertThat(call("crm_master", "-N", "n2", "-v", "5").exitCode())
                .as("of another node")
                .isEqualTo(105);
    }

    @Test
    void attributesOfTheOwnNodeAreKept() throws Exception {
        assertThat(call("crm_attribute", "-l", "reboot", "-N", "n1", "--name", "redis-pos", "--quiet")
                        .exitCode())
                .isEqualTo(105);
        assertThat(call("crm_attribute", "-l", "reboot", "-N", "n1", "--name", "redis-pos", "-v", "a b  c")
                        .exitCode())
                .isZero();
        assertThat(call("crm_attribute", "-n", "redis-pos", "-G", "-q")).isEqualTo(new Said(0, "a b  c"));
        assertThat(call("attrd_updater", "-p", "-n", "redis-pos", "-Q"))
                .isEqualTo(new Said(0, "name=\"redis-pos\" host=\"n1\" value=\"a b  c\""));
        assertThat(call("attrd_updater", "-n", "redis-pos", "-D").exitCode()).isZero();
        assertThat(call("crm_attribute", "-n", "redis-pos", "-d", "none", "-q")).isEqualTo(new Said(0, "none"));
        assertThat(call("crm_attribute", "-n", "../../x", "-v", "1").exitCode()).isEqualTo(64);
        assertThat(call("crm_attribute", "-n", "x", "-v", "1\n2").exitCode()).isEqualTo(64);
        assertThat(call("crm_attribute", "-t", "crm_config", "-n", "stonith-enabled", "-G")
                        .exitCode())
                .isEqualTo(105);
    }

    @Test
    void nothingGrowsWithoutBound() throws Exception {
        Path copy = copies.of("cache:0");
        for (int number = 0; number < 64; number++) {
            Files.writeString(copy.resolve("attribute.a" + number), "1");
        }
        assertThat(call("crm_attribute", "-n", "one-more", "-v", "1").exitCode())
                .isEqualTo(1);
        assertThat(call("crm_attribute", "-n", "a0", "-v", "2").exitCode())
                .as("a known one")
                .isZero();
        assertThat(call("crm_attribute", "-n", "a0", "-v", "x".repeat(1025)).exitCode())
                .isEqualTo(64);
    }

    @Test
    void theStandInsKnowTheNodesAndThePromotedCopy() throws Exception {
        assertThat(call("crm_node", "-n")).isEqualTo(new Said(0, "n1"));
        assertThat(call("crm_node", "-l")).isEqualTo(new Said(0, "1 n1 member\n2 n2 member"));
        assertThat(call("crm_mon", "-1", "--output-as=xml").output())
                .contains("<node name=\"n2\" online=\"true\" standby=\"false\"/>")
                .containsPattern("resource.*id=\"redis\".* role=\"Promoted\".* active=\"true\".* orphaned=\"false\".*"
                        + " failed=\"false\".*name=\"n2\"");
        assertThat(call("crm_mon", "-1").output()).isEqualTo("redis: Unpromoted n1\nredis: Promoted n2");
        assertThat(call("crm_resource", "--locate", "-r", "redis").output())
                .isEqualTo("resource redis is running on: n1\nresource redis is running on: n2 Promoted");
        assertThat(call("crm_resource", "--cleanup").exitCode()).isEqualTo(1);
        String[] query = {"crm_attribute", "--type", "crm_config", "--name", "x", "-s", "redis_replication", "-q"};
        assertThat(call(query)).isEqualTo(new Said(0, "n2"));
        copies.keepPeers("cache:0", CloneContext.getDefaultInstance());
        assertThat(call(query)).as("the last one that was").isEqualTo(new Said(0, "n2"));
    }

    @Test
    void aDroppedCopyLeavesNothing() throws Exception {
        call("crm_attribute", "--promotion", "-v", "10");
        copies.drop("cache:0");
        assertThat(directory.resolve("copies")).isEmptyDirectory();
        copies.drop("cache:0");
        copies.keepPeers("cache:1", CLONE);
        copies.keepOnly(Set.of("cache:1"));
        assertThat(directory.resolve("copies/cache:1")).isNotEmptyDirectory();
        copies.keepOnly(Set.of());
        assertThat(directory.resolve("copies")).isEmptyDirectory();
    }
}
