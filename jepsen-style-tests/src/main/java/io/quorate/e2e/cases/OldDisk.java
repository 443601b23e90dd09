package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.CheckFailedException;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.witness.WitnessLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * One voter is behind, one gets an older copy of its disk, and the only one that knows the latest grant is away: the two would
 * be a majority that takes the former owner for the owner and gives the same token away again. The agents remember a higher
 * position, so each leader of these two halts and grants nothing, also when a person starts it again and asks for a move.
 */
final class OldDisk extends Case {
    private static final String WENT_BACK = "HISTORY_WENT_BACK";
    private static final int WRITES = 10;
    private static final Duration AFTERWARDS = Duration.ofSeconds(5);
    private static final String PATIENCE = "10s";

    OldDisk() {
        super("j", "a voter's disk put back to an older copy: HISTORY_WENT_BACK, no token granted twice");
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
        Host former = scene.owner();
        Host owner = Faults.other(scene, former);
        long formerToken = token(cluster, former);
        Host old = scene.lab().hosts().get(0);
        Host behind = scene.lab().hosts().get(1);
        Host latest = scene.lab().hosts().get(2);
        Path disk = old.var().resolve("server");
        old.daemon("server").orElseThrow().stop();
        Commands.must(
                "cp", "-a", disk.toString(), old.var().resolve("server.copy").toString());
        old.start("server");
        cluster.must("wait", "quorum", "--timeout", "100s", "--no-progress");
        behind.daemon("server").orElseThrow().stop();
        for (int i = 0; i < WRITES; i++) {
            must(
                    cluster,
                    latest,
                    "node",
                    "attribute",
                    owner.name(),
                    "case-j",
                    Integer.toString(i),
                    "--timeout",
                    "100s");
        }
        must(cluster, latest, "move", Cluster.SERVICE, "--to", owner.name(), "--reason", "case j", "--no-progress");
        scene.check(scene.owner().equals(owner), "the service did not move to " + owner.name());
        long token = token(cluster, owner);
        scene.check(token > formerToken, "the move granted " + token + " after " + formerToken);
        // every agent renews its lease several times and so learns the position
        Await.pause(AFTERWARDS.toMillis());
        List<Host> forgetful = List.of(old, behind);
        long saidBefore = said(forgetful);
        scene.fault(() -> {
            latest.daemon("server").orElseThrow().kill();
            old.daemon("server").orElseThrow().kill();
            Commands.must("rm", "-rf", disk.toString());
            Commands.must("mv", old.var().resolve("server.copy").toString(), disk.toString());
            old.start("server");
            behind.start("server");
        });
        awaitHalt(forgetful, saidBefore);
        scene.requireUndisturbed(owner, AFTERWARDS);

        long saidFirst = said(forgetful);
        forgetful.forEach(host -> host.start("server"));
        Commands.Result asked = cluster.quorateOn(
                latest, "move", Cluster.SERVICE, "--to", former.name(), "--timeout", PATIENCE, "--no-progress");
        scene.check(!asked.ok(), "voters that forgot a grant made another one: " + asked.describe());
        awaitHalt(forgetful, saidFirst);
        scene.requireUndisturbed(owner, AFTERWARDS);
        WitnessLog.Run last = scene.runs().get(scene.runs().size() - 1);
        scene.check(
                last.host().equals(owner.name()) && last.token().equals(Long.toString(token)),
                "token " + token + " was granted to " + owner.name() + ", and last ran " + last);
        Faults.requireNobodyFenced(scene);
    }

    private static void must(Cluster cluster, Host host, String... words) {
        Commands.Result result = cluster.quorateOn(host, words);
        if (!result.ok()) {
            throw new CheckFailedException(result.describe());
        }
    }

    /** The token of the service, which this host owns. */
    private static long token(Cluster cluster, Host owner) {
        return cluster.service().getStatus().getInstancesList().stream()
                .filter(instance -> instance.getNode().equals(owner.name()))
                .mapToLong(instance -> instance.getToken().getNumber())
                .findFirst()
                .orElseThrow(() -> new CheckFailedException(owner.name() + " owns nothing: " + cluster.service()));
    }

    /**
     * Waits until one of these servers ends because of it.
     *
     * @param before how often they had said so before
     */
    private static void awaitHalt(List<Host> hosts, long before) {
        Await.until(
                "a server halts: " + WENT_BACK,
                Scene.FAILOVER,
                () -> hosts.stream().anyMatch(host -> host.daemon("server").isEmpty()) && said(hosts) > before);
    }

    private static long said(List<Host> hosts) {
        return hosts.stream().mapToLong(OldDisk::said).sum();
    }

    private static long said(Host host) {
        try (Stream<String> lines = Files.lines(host.log("server"))) {
            return lines.filter(line -> line.contains(WENT_BACK)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
