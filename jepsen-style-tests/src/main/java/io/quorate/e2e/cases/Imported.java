package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.CheckFailedException;
import io.quorate.e2e.Client;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.Network;
import io.quorate.e2e.witness.WitnessLog;
import io.quorate.v1.CreatePlanResponse;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.Instance;
import io.quorate.v1.PlannedStep;
import io.quorate.v1.RunState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A stack comes from Pacemaker: a shop (address and web server) that needs its store beside it and started before, reports that
 * must not be where the web server is, a bulk service that has room on one node only, and mail that likes one node a little. It is
 * imported, planned, applied, moved by a drain, and taken away again; each time what happens is compared with what was planned.
 */
final class Imported extends Case {
    /** Started by Debian's agent for anything, as its own witness. */
    private static final List<String> WITNESSES = List.of("store", "report", "bulk");

    private static final String HOME = "n1";
    private static final String ROOMY = "n2";
    private static final String SMALL = "n3";
    private static final String GONE = """
            set: shop
            ---
            kind: Settings
            placementStrategy: default
            ---
            {kind: Node, name: n1}
            ---
            {kind: Node, name: n2}
            ---
            {kind: Node, name: n3}
            """;

    Imported() {
        super("p", "a stack imported from Pacemaker: planned, applied, drained and back, as planned each time");
    }

    @Override
    public void play(Scene scene) throws IOException {
        Cluster cluster = scene.cluster();
        prepare(scene);
        importStack(scene);
        try (Client client = scene.client("shop-client", Network.OTHER_ADDRESS, Network.OTHER_WEB_PORT)) {
            applyAsPlanned(scene);
            client.awaitAnswer();
            requireExplained(scene);

            SortedMap<String, String> before = places(scene);
            CreatePlanResponse plan = plan(scene, "--drain", HOME);
            scene.fault(() -> cluster.must("node", "drain", HOME, "--reason", "case p"));
            awaitPlaces(scene, after(before, plan));
            requireOrder(scene, ROOMY);
            requireUntouched(scene, "report", "bulk");
            client.awaitAnswer();
            scene.note("case p: its client saw the shop away for "
                    + Math.round(client.polls().since(scene.faultAt()).longestGapMillis()) + " ms; the plan said "
                    + outage(plan));

            resume(scene);
            client.awaitAnswer();
        }
        delete(scene);
        Faults.requireNobodyFenced(scene);
    }

    /** What the stack finds on hosts that ran it under Pacemaker. */
    private static void prepare(Scene scene) throws IOException {
        Lab lab = scene.lab();
        for (Host host : lab.hosts()) {
            Path directory = Files.createDirectories(host.etc().resolve("shop"));
            CaseFiles.copy("shop-nginx.conf", directory.resolve("nginx.conf"));
            link(directory.resolve("daemon"), lab.file("witness").resolve("witness"));
            for (String witness : WITNESSES) {
                link(directory.resolve(witness), lab.addSight(witness));
            }
        }
        WITNESSES.forEach(witness -> scene.alsoExclusive("the " + witness, witness));
        scene.alsoExclusive("the shop's address", Lab.OTHER_ADDRESS_SIGHTS);
        scene.alsoExclusive("the shop's web server", Lab.OTHER_WEB_SIGHTS);
    }

    private static void link(Path link, Path target) throws IOException {
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, target);
    }

    /** Imports it and settles what the import leaves to a person. */
    private static void importStack(Scene scene) throws IOException {
        Host desk = scene.lab().host(HOME);
        CaseFiles.copy("stack.xml", desk.etc().resolve("stack.xml"));
        Commands.Result imported = onDesk(
                scene,
                "import",
                "pacemaker",
                "/etc/quorate/stack.xml",
                "--set",
                "shop",
                "--out",
                "/etc/quorate/shop.yaml");
        scene.check(
                imported.ok() && imported.error().contains("17 objects · 80 kept, 9 changed, 1 not supported"),
                "the import went otherwise: " + imported.describe());
        scene.check(
                imported.error()
                        .lines()
                        .anyMatch(line -> line.contains("alert-mail") && line.contains("not supported")),
                "nothing is said of the alert: " + imported.describe());
        for (Host host : scene.lab().hosts()) {
            Path secrets = host.etc().resolve("secrets");
            for (Host fenced : scene.lab().hosts()) {
                Path secret = secrets.resolve("fence-" + fenced.name() + "-password");
                Files.writeString(secret, "example\n");
                Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
            }
        }
    }

    private static void applyAsPlanned(Scene scene) {
        SortedMap<String, String> before = places(scene);
        CreatePlanResponse plan = plan(scene, "-f", "/etc/quorate/shop.yaml", "--out", "/etc/quorate/shop.plan");
        scene.check(plan.getQuorumHolds() && plan.getCapacityHolds(), "not all has a place: " + plan);
        must(scene, "apply", "--plan", "/etc/quorate/shop.plan", "--reason", "case p");
        SortedMap<String, String> planned = after(before, plan);
        scene.check(
                planned.entrySet()
                        .containsAll(Map.of("store", HOME, "shop", HOME, "bulk", ROOMY, "report", SMALL, "mail", HOME)
                                .entrySet()),
                "other places were planned: " + planned);
        awaitPlaces(scene, planned);
        requireOrder(scene, HOME);
        must(scene, "fence", "check", "--exit-code");
    }

    private static void requireExplained(Scene scene) {
        Commands.Result bulk = must(scene, "explain", "bulk");
        requireSaid(scene, bulk, SMALL + ": needs 3072 memory, has 512 left");
        requireSaid(scene, bulk, HOME + ": needs 3072 memory, has 1792 left");
        requireSaid(scene, must(scene, "explain", "report", "--on", HOME), "colocation-report-shop-web--INFINITY");
        Commands.Result full = onDesk(scene, "plan", "--drain", ROOMY, "--exit-code");
        scene.check(full.exitCode() == 8, "bulk should be without a place: " + full.describe());
        requireSaid(scene, full, "NO PLACE for resources/bulk");
    }

    /** What prefers its home more than it sticks comes back, and what it belongs to with it; mail likes it less than that. */
    private static void resume(Scene scene) {
        SortedMap<String, String> expected = places(scene);
        scene.check(!HOME.equals(expected.get("mail")), "mail is on the node that was drained");
        expected.put("store", HOME);
        expected.put("shop", HOME);
        must(scene, "node", "resume", HOME, "--reason", "case p");
        awaitPlaces(scene, expected);
        must(scene, "wait", "idle", "--timeout", "60s");
        awaitPlaces(scene, expected);
        requireOrder(scene, HOME);
        requireUntouched(scene, "report", "bulk");
    }

    private static void delete(Scene scene) throws IOException {
        Files.writeString(scene.lab().host(HOME).etc().resolve("gone.yaml"), GONE, StandardCharsets.UTF_8);
        must(scene, "apply", "-f", "/etc/quorate/gone.yaml", "--prune", "--yes", "--reason", "case p");
        SortedMap<String, String> left = places(scene);
        left.keySet().retainAll(Set.of(Cluster.SERVICE));
        awaitPlaces(scene, left);
        List<String> sights = new ArrayList<>(WITNESSES);
        sights.addAll(List.of(Lab.OTHER_ADDRESS_SIGHTS, Lab.OTHER_WEB_SIGHTS));
        for (String sight : sights) {
            Await.until(
                    sight + " is seen nowhere",
                    Scene.FAILOVER,
                    () -> scene.runs(sight).stream().allMatch(WitnessLog.Run::stopped));
        }
    }

    private static CreatePlanResponse plan(Scene scene, String... words) {
        List<String> command = new ArrayList<>(List.of("plan", "-o", "json"));
        command.addAll(List.of(words));
        return Cluster.parse(must(scene, command.toArray(String[]::new)), CreatePlanResponse.newBuilder())
                .build();
    }

    private static Commands.Result onDesk(Scene scene, String... words) {
        return scene.cluster().quorateOn(scene.lab().host(HOME), words);
    }

    private static Commands.Result must(Scene scene, String... words) {
        Commands.Result result = onDesk(scene, words);
        scene.check(result.ok(), result.describe());
        return result;
    }

    private static void requireSaid(Scene scene, Commands.Result result, String words) {
        scene.check(result.output().contains(words), "'" + words + "' is missing: " + result.describe());
    }

    /** Where every unit runs. */
    private static SortedMap<String, String> places(Scene scene) {
        GetStatusResponse status = scene.cluster().status();
        SortedMap<String, String> places = new TreeMap<>();
        Set<String> members = status.getGroupsList().stream()
                .flatMap(group -> group.getSpec().getMembersList().stream())
                .collect(Collectors.toSet());
        status.getGroupsList()
                .forEach(group ->
                        put(places, group.getMeta().getName(), group.getStatus().getInstancesList()));
        status.getResourcesList().stream()
                .filter(resource -> !members.contains(resource.getMeta().getName()))
                .forEach(unit ->
                        put(places, unit.getMeta().getName(), unit.getStatus().getInstancesList()));
        return places;
    }

    private static void put(SortedMap<String, String> places, String unit, List<Instance> instances) {
        instances.stream()
                .filter(instance -> instance.getState() == RunState.RUN_STATE_RUNNING)
                .forEach(instance -> places.put(unit, instance.getNode()));
    }

    /** Where they run once the plan has come about. */
    private static SortedMap<String, String> after(SortedMap<String, String> places, CreatePlanResponse plan) {
        SortedMap<String, String> after = new TreeMap<>(places);
        for (PlannedStep step : plan.getStepsList()) {
            if (step.getToNode().isEmpty()) {
                after.remove(step.getInstance());
            } else {
                after.put(step.getInstance(), step.getToNode());
            }
        }
        return after;
    }

    /** A drain ends when its node is empty: what left may still be starting elsewhere. */
    private static void awaitPlaces(Scene scene, SortedMap<String, String> planned) {
        String[] seen = {""};
        Await.until(() -> "planned was " + planned + ", and it is " + seen[0], Scene.FAILOVER, () -> {
            SortedMap<String, String> places = places(scene);
            seen[0] = places.toString();
            return places.equals(planned);
        });
    }

    /**
     * The store, the address and the web server began in this order on the node, and had ended the other way round on the one
     * where they were before.
     */
    private static void requireOrder(Scene scene, String node) {
        List<WitnessLog.Run> here = new ArrayList<>();
        List<WitnessLog.Run> before = new ArrayList<>();
        for (String sight : List.of("store", Lab.OTHER_ADDRESS_SIGHTS, Lab.OTHER_WEB_SIGHTS)) {
            List<WitnessLog.Run> runs = scene.runs(sight);
            here.add(last(runs, run -> run.host().equals(node))
                    .orElseThrow(() -> new CheckFailedException(sight + " was never on " + node + ": " + runs)));
            last(runs, run -> !run.host().equals(node)).ifPresent(before::add);
        }
        for (int i = 1; i < here.size(); i++) {
            scene.check(here.get(i - 1).fromNanos() < here.get(i).fromNanos(), "started in another order: " + here);
        }
        for (int i = 1; i < before.size(); i++) {
            scene.check(before.get(i - 1).toNanos() > before.get(i).toNanos(), "stopped in another order: " + before);
        }
        before.forEach(run ->
                scene.check(run.toNanos() < here.get(0).fromNanos(), "the store did not wait for it to stop: " + run));
    }

    private static Optional<WitnessLog.Run> last(List<WitnessLog.Run> runs, Predicate<WitnessLog.Run> which) {
        return runs.stream().filter(which).reduce((first, second) -> second);
    }

    private static void requireUntouched(Scene scene, String... witnesses) {
        for (String witness : witnesses) {
            List<WitnessLog.Run> runs = scene.runs(witness);
            scene.check(runs.size() == 1, witness + " was started again: " + runs);
        }
    }

    private static String outage(CreatePlanResponse plan) {
        PlannedStep shop = plan.getStepsList().stream()
                .filter(step -> step.getInstance().equals("shop") && step.hasExpectedOutage())
                .findFirst()
                .orElse(PlannedStep.getDefaultInstance());
        Duration expected = Duration.ofSeconds(
                shop.getExpectedOutage().getSeconds(), shop.getExpectedOutage().getNanos());
        return (shop.getSamples() == 0 ? "at most " : "about ") + expected.toMillis() + " ms";
    }
}
