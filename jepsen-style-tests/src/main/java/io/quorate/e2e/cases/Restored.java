package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.CheckFailedException;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.v1.Instance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * All voters are lost and restored from a backup while the service runs, on another host than when the backup was made: it is
 * found there, adopted with a higher token, and not restarted.
 */
final class Restored extends Case {
    private static final Pattern GENERATION = Pattern.compile("generation ([0-9]+) of");
    private static final Duration CALL = Duration.ofMinutes(2);
    private static final Duration AFTERWARDS = Duration.ofSeconds(10);

    Restored() {
        super("l", "restore from a backup while the service runs elsewhere: adopted, not restarted");
    }

    @Override
    public boolean clusterIsReusable() {
        return false;
    }

    @Override
    public void play(Scene scene) {
        Cluster cluster = scene.cluster();
        Host former = scene.owner();
        Host owner = Faults.other(scene, former);
        Host first = scene.lab().hosts().get(0);
        String backup = "/var/lib/quorate/e2e.qbk";
        Commands.Result made = cluster.quorateOn(first, "backup", "create", backup);
        scene.check(made.ok(), made.describe());
        cluster.must("move", Cluster.SERVICE, "--to", owner.name(), "--reason", "case l", "--no-progress");
        scene.check(scene.owner().equals(owner), "the service did not move to " + owner.name());
        long token = instance(cluster).getToken().getNumber();

        scene.fault(() -> scene.lab()
                .hosts()
                .forEach(host -> host.daemon("server").orElseThrow().kill()));
        restore(scene, backup);
        scene.lab().hosts().forEach(host -> host.start("server"));
        cluster.must("wait", "quorum", "--timeout", "100s", "--no-progress");
        scene.check(cluster.status().hasPaused(), "a restored cluster is not paused");
        Await.until(
                "the service is found on " + owner.name(),
                Scene.FAILOVER,
                () -> instance(cluster).getNode().equals(owner.name()));
        Await.until(
                "the cluster can be resumed",
                Scene.FAILOVER,
                () -> cluster.quorate("resume", "--reason", "case l: restored").ok());
        scene.requireUndisturbed(owner, AFTERWARDS);
        Instance adopted = instance(cluster);
        scene.check(adopted.getNode().equals(owner.name()), "the service is owned by " + adopted.getNode());
        scene.check(
                adopted.getToken().getNumber() > token,
                "the token did not rise: " + adopted.getToken() + " after " + token);
        Faults.requireNobodyFenced(scene);
    }

    /** On each host, with the same generation, which the first one finds. */
    private static void restore(Scene scene, String backup) {
        List<Host> hosts = scene.lab().hosts();
        String voters =
                hosts.stream().map(host -> host.name() + "=" + host.address()).collect(Collectors.joining(","));
        Host first = hosts.get(0);
        String generation = "";
        for (Host host : hosts) {
            if (!host.equals(first)) {
                Commands.must(
                        "cp",
                        first.var().resolve("e2e.qbk").toString(),
                        host.var().resolve("e2e.qbk").toString());
            }
            Commands.must(
                    "mv",
                    host.var().resolve("server").toString(),
                    host.var().resolve("server.old").toString());
            List<String> words = new ArrayList<>(List.of(
                    "quorate",
                    "restore",
                    "--from",
                    backup,
                    "--node",
                    host.name(),
                    "--voters",
                    voters,
                    "--replaces",
                    "/var/lib/quorate/server.old",
                    "--yes"));
            if (!generation.isEmpty()) {
                words.addAll(List.of("--generation", generation));
            }
            Commands.Result result = host.run(CALL, words);
            Matcher found = GENERATION.matcher(result.output());
            if (!result.ok() || !found.find()) {
                throw new CheckFailedException(result.describe());
            }
            generation = found.group(1);
        }
    }

    private static Instance instance(Cluster cluster) {
        return cluster.service().getStatus().getInstancesList().stream()
                .findFirst()
                .orElse(Instance.getDefaultInstance());
    }
}
