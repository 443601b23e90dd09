package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One voter is behind, one gets an older copy of its disk, and the only one that knows the latest writes is away: the two would
 * be a majority that has forgotten them. The agents remember a higher position, so the new leader halts and grants nothing.
 */
final class OldDisk extends Case {
    private static final int WRITES = 10;
    private static final Duration AFTERWARDS = Duration.ofSeconds(5);

    OldDisk() {
        super("j", "a voter's disk put back to an older copy: HISTORY_WENT_BACK, nothing granted");
    }

    @Override
    public boolean clusterIsReusable() {
        return false;
    }

    @Override
    public boolean historyIsReadable() {
        return false;
    }

    @Override
    public void play(Scene scene) {
        Cluster cluster = scene.cluster();
        Host owner = scene.owner();
        Host old = scene.lab().hosts().get(0);
        Host behind = scene.lab().hosts().get(1);
        Host latest = scene.lab().hosts().get(2);
        Path disk = old.var().resolve("server");
        old.daemon("server").orElseThrow().stop();
        Commands.must(
                "cp", "-a", disk.toString(), old.var().resolve("server.copy").toString());
        old.start("server");
        cluster.must("wait", "quorum", "--timeout", "38s", "--no-progress");
        behind.daemon("server").orElseThrow().stop();
        for (int i = 0; i < WRITES; i++) {
            Commands.Result written = cluster.quorateOn(
                    latest, "node", "attribute", owner.name(), "case-j", Integer.toString(i), "--timeout", "30s");
            scene.check(written.ok(), written.describe());
        }
        // every agent renews its lease several times and so learns the position
        Await.pause(AFTERWARDS.toMillis());
        scene.fault(() -> {
            latest.daemon("server").orElseThrow().kill();
            old.daemon("server").orElseThrow().kill();
            Commands.must("rm", "-rf", disk.toString());
            Commands.must("mv", old.var().resolve("server.copy").toString(), disk.toString());
            old.start("server");
            behind.start("server");
        });
        Await.until(
                "a server halts: HISTORY_WENT_BACK",
                Scene.FAILOVER,
                () -> List.of(old, behind).stream()
                        .anyMatch(host -> host.daemon("server").isEmpty() && says(host, "HISTORY_WENT_BACK")));
        scene.requireUndisturbed(owner, AFTERWARDS);
        Faults.requireNobodyFenced(scene);
    }

    private static boolean says(Host host, String text) {
        try {
            return Files.readString(host.log("server")).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
