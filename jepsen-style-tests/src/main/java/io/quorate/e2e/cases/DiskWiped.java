package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.v1.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A voter loses its disk: it refuses to vote with an empty one, and takes its own place again as a new member. */
final class DiskWiped extends Case {
    private static final Duration REFUSAL = Duration.ofSeconds(90);

    DiskWiped() {
        super("i", "a voter's disk wiped: it refuses to start, and is replaced");
    }

    @Override
    public void play(Scene scene) throws IOException {
        Cluster cluster = scene.cluster();
        Host owner = scene.owner();
        // the host that has the authorities' keys lets others in
        Host signer = scene.lab().hosts().get(0);
        Host voter = Faults.other(scene, owner, signer);
        Set<String> before = memberIds(cluster);
        Path disk = voter.var().resolve("server");
        scene.fault(() -> {
            voter.daemon("server").orElseThrow().kill();
            Commands.must("rm", "-rf", disk.toString());
        });
        voter.start("server");
        Await.until(
                "the server of " + voter.name() + " refuses an empty disk",
                REFUSAL,
                () -> voter.daemon("server").isEmpty());

        Path agentFile = voter.etc().resolve("agent.yaml");
        String agentConfiguration = Files.readString(agentFile);
        cluster.replaceVoter(voter);
        scene.check(
                Files.readString(agentFile).equals(agentConfiguration),
                "joining again changed what the operator wrote:\n" + Files.readString(agentFile));
        Await.until("three voters are in contact, one of them new", Scene.FAILOVER, () -> {
            List<Member> members = cluster.status().getMembersList();
            return members.size() == 3
                    && members.stream().allMatch(Member::getReachable)
                    && !memberIds(cluster).equals(before);
        });
        scene.requireUndisturbed(owner);
        Faults.requireNobodyFenced(scene);
    }

    private static Set<String> memberIds(Cluster cluster) {
        return cluster.status().getMembersList().stream().map(Member::getId).collect(Collectors.toSet());
    }
}
