package io.quorate.client.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.CommandLine;
import io.quorate.v1.FailurePolicy;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceLevel;
import io.quorate.v1.FencePlanSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.Follow;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.HealthCheck;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodeHealth;
import io.quorate.v1.NodeSpec;
import io.quorate.v1.OcfKind;
import io.quorate.v1.OnFail;
import io.quorate.v1.OnLostContact;
import io.quorate.v1.Operation;
import io.quorate.v1.Placement;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.Promotable;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import io.quorate.v1.Safety;
import io.quorate.v1.SecretRef;
import io.quorate.v1.SettingsSpec;
import io.quorate.v1.SystemdKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** {@code get -o yaml | apply -f -} changes nothing: whatever is valid is written so that it is read as itself. */
class RoundTripProperties {
    private static final Pattern DOCUMENTS = Pattern.compile("(?m)^---\\n");
    private static final Pattern FIELDS = Pattern.compile("(?m)^(?! )");

    @Property(tries = 400)
    void whatIsWrittenIsReadAsItself(@ForAll long seed) throws Exception {
        List<Manifest> objects = new Generator(new Random(seed)).objects();
        assertThat(ManifestRules.checkTogether(objects))
                .as("the generator makes valid objects")
                .isEmpty();

        String written = ManifestWriter.write(objects);

        List<Manifest> again = ManifestLoader.loadText("again.yaml", written);
        assertThat(RoundTrip.contents(again)).as(written).isEqualTo(RoundTrip.contents(objects));
        assertThat(ManifestWriter.write(again)).as("written twice").hasSameSizeAs(written);
    }

    @Property(tries = 200)
    void whatTemplatesSayIsAsIfItWereWrittenByHand(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        String byHand = ManifestWriter.write(new Generator(random).objects());

        String withTemplates = withTemplates(byHand, random);

        assertThat(RoundTrip.contents(ManifestLoader.loadText("t.yaml", withTemplates)))
                .as(withTemplates)
                .isEqualTo(RoundTrip.contents(ManifestLoader.loadText("t.yaml", byHand)));
    }

    /** Moves some fields of every resource into a template of its own. */
    private static String withTemplates(String file, Random random) {
        List<String> documents = new ArrayList<>();
        for (String document : DOCUMENTS.splitAsStream(file).toList()) {
            if (!document.startsWith("kind: Resource\n")) {
                documents.add(document);
                continue;
            }
            StringBuilder resource = new StringBuilder();
            StringBuilder template = new StringBuilder("kind: Template\nname: t" + documents.size() + "\n");
            for (String field : FIELDS.splitAsStream(document).toList()) {
                boolean own = field.matches("(?s)(kind|name|set|description):.*") || random.nextBoolean();
                (own ? resource : template).append(field);
            }
            resource.append("template: t").append(documents.size()).append('\n');
            documents.add(resource.toString());
            documents.add(template.toString());
        }
        return String.join("---\n", documents);
    }

    @Property(tries = 400)
    void textIsReadAsItself(@ForAll String text) throws Exception {
        String value = Generator.oneLine(text);
        Manifest object = Manifest.newBuilder()
                .setMeta(io.quorate.v1.ObjectMeta.newBuilder().setName("x"))
                .setResource(ResourceSpec.newBuilder()
                        .setOcf(OcfKind.newBuilder()
                                .setProvider("a")
                                .setType("b")
                                .putParams("p", value)))
                .build();

        assertThat(RoundTrip.again(List.of(object))
                        .get(0)
                        .getResource()
                        .getOcf()
                        .getParamsOrThrow("p"))
                .isEqualTo(value);
    }

    @Property(tries = 1000)
    void noTextMakesTheLoaderFailOtherwiseThanWithProblems(@ForAll String text) {
        try {
            assertThat(ManifestLoader.loadText("x.yaml", text)).isNotEmpty();
        } catch (ManifestException e) {
            assertThat(e.problems()).isNotEmpty();
        }
    }

    /** Valid objects from a seed, with the values that YAML tends to misread. */
    private static final class Generator {
        private static final List<String> WORDS = List.of(
                "web",
                "1",
                "0640",
                "1.10",
                "true",
                "no",
                "null",
                "2026-01-01",
                "1e3",
                "n.1",
                "a_b",
                "x-y",
                "0x1f",
                "NaN",
                "Y");
        private static final List<String> VALUES = List.of(
                "",
                " ",
                "24",
                "0640",
                "1.10",
                "on",
                "~",
                "null",
                "a: b",
                "a #b",
                "- x",
                "*a",
                "&a",
                "!t",
                "%d",
                "@h",
                "`x`",
                "{a: b}",
                "[a, b]",
                "it's",
                "\"q\"",
                "back\\slash",
                "tab\there",
                "caf\u00e9",
                "\u2028",
                "\uFEFF",
                "\ud83d\ude00",
                "\u0001",
                "x ",
                "12:30",
                "a,b",
                "|",
                ">-",
                "? x",
                "key:",
                "---",
                "10.0.0.50",
                "n1 n2 n3",
                "=",
                "<<");
        private final Random random;

        Generator(Random random) {
            this.random = random;
        }

        static String oneLine(String text) {
            StringBuilder kept = new StringBuilder();
            text.codePoints()
                    .filter(c -> c != 0 && c != '\n' && c != '\r' && (c < 0xD800 || c > 0xDFFF))
                    .forEach(kept::appendCodePoint);
            return kept.toString();
        }

        List<Manifest> objects() {
            List<Manifest> objects = new ArrayList<>();
            String shared = random.nextBoolean() ? "set-a" : "";
            int id = 0;
            for (int g = random.nextInt(3); g > 0; g--) {
                GroupSpec.Builder group = GroupSpec.newBuilder()
                        .setSafety(safety())
                        .setStopped(chance())
                        .setAllowUnhealthyNodes(chance())
                        .setNotCritical(chance())
                        .setMultipleActiveValue(random.nextInt(4))
                        .setOnLostContact(
                                chance()
                                        ? OnLostContact.ON_LOST_CONTACT_STOP
                                        : OnLostContact.ON_LOST_CONTACT_UNSPECIFIED);
                for (int m = 1 + random.nextInt(3); m > 0; m--) {
                    String name = word() + "." + id++;
                    if (random.nextInt(4) > 0) {
                        String set = random.nextInt(4) == 0 ? "other" : shared;
                        objects.add(named(name, set).setResource(runnable()).build());
                    }
                    group.addMembers(name);
                }
                if (chance()) {
                    group.setPlacement(placement()).setFailure(failure()).setPriority(score());
                    group.setFollow(Follow.newBuilder().setResource("up").setRoleValue(2 * random.nextInt(2)));
                }
                objects.add(named(word() + "." + id++, shared).setGroup(group).build());
            }
            for (int c = random.nextInt(3); c > 0; c--) {
                String copied = word() + "." + id++;
                if (random.nextInt(4) > 0) {
                    objects.add(named(copied, shared).setResource(runnable()).build());
                }
                objects.add(named(word() + "." + id++, shared)
                        .setClone(clone(copied))
                        .build());
            }
            for (int r = random.nextInt(3); r > 0; r--) {
                ResourceSpec.Builder resource = runnable().setSafety(safety()).setStopped(chance());
                resource.setLiveMigration(
                        resource.hasOcf() && resource.getSafety() != Safety.SAFETY_BEST_EFFORT && chance());
                if (chance()) {
                    resource.setPlacement(placement()).setFailure(failure()).setPriority(score());
                    resource.setFollow(Follow.newBuilder().setResource("2.10"));
                }
                objects.add(
                        named(word() + "." + id++, shared).setResource(resource).build());
            }
            if (chance()) {
                objects.add(named("dev." + id++, shared)
                        .setFenceDevice(fenceDevice())
                        .build());
                objects.add(named("plan", "").setFencePlan(fencePlan()).build());
            }
            if (chance()) {
                NodeSpec node = NodeSpec.newBuilder()
                        .putAllLabels(labels())
                        .putUtilization(word(), 12)
                        .build();
                objects.add(Manifest.newBuilder()
                        .setMeta(io.quorate.v1.ObjectMeta.newBuilder()
                                .setName(word())
                                .setSet(shared))
                        .setNode(node)
                        .build());
            }
            Constraints constraints = new Constraints(random);
            for (int c = random.nextInt(4); c > 0; c--) {
                Manifest.Builder named = named("rule." + id++, chance() ? shared : "other");
                switch (random.nextInt(4)) {
                    case 3 ->
                        objects.add(
                                named.setTicketConstraint(constraints.ticket()).build());
                    case 0 ->
                        objects.add(named.setLocation(constraints.location()).build());
                    case 1 ->
                        objects.add(
                                named.setColocation(constraints.colocation()).build());
                    default -> objects.add(named.setOrder(constraints.order()).build());
                }
            }
            objects.add(Manifest.newBuilder().setSettings(settings()).build());
            return objects;
        }

        private Manifest.Builder named(String name, String set) {
            return Manifest.newBuilder()
                    .setMeta(io.quorate.v1.ObjectMeta.newBuilder()
                            .setName(name)
                            .setSet(set)
                            .putAllLabels(labels())
                            .setDescription(chance() ? value() + "\nsecond line" : value()));
        }

        private CloneSpec.Builder clone(String of) {
            CloneSpec.Builder clone = CloneSpec.newBuilder()
                    .setOf(of)
                    .setGloballyUnique(chance())
                    .setInterleave(chance())
                    .setOrdered(chance())
                    .setNotify(chance())
                    .setSafety(safety())
                    .setStopped(chance());
            if (chance()) {
                clone.setMax(4 + random.nextInt(9)).setMaxPerNode(clone.getGloballyUnique() ? 2 : 1);
                clone.setMin(random.nextInt(4));
            }
            if (chance()) {
                clone.setPromotable(Promotable.newBuilder().setMax(1 + random.nextInt(3)));
            }
            if (chance()) {
                clone.setPlacement(placement()).setFailure(failure()).setPriority(score());
                clone.setFollow(Follow.newBuilder().setResource("up").setRoleValue(2 * random.nextInt(3)));
            }
            return clone;
        }

        private ResourceSpec.Builder runnable() {
            ResourceSpec.Builder spec = ResourceSpec.newBuilder();
            boolean process = false;
            switch (random.nextInt(3)) {
                case 0 ->
                    spec.setOcf(OcfKind.newBuilder()
                            .setProvider("heartbeat")
                            .setType("IPaddr2")
                            .putAllParams(params())
                            .putSecretParams(
                                    "auth",
                                    SecretRef.newBuilder().setFile("/etc/a b/c").build()));
                case 1 -> spec.setSystemd(SystemdKind.newBuilder().setUnit("getty@tty1.service"));
                default -> {
                    process = true;
                    spec.setProcess(process());
                }
            }
            for (String name : process ? List.of("stop", "start") : List.of("stop", "monitor", "start")) {
                if (chance()) {
                    spec.addOperations(operation(name, 0));
                }
            }
            if (!process && chance()) {
                spec.addOperations(operation("monitor", 10));
                spec.addOperations(operation("monitor", 0).toBuilder().setRole(Role.ROLE_PROMOTED));
                spec.addOperations(operation("promote", 0)).addOperations(operation("notify", 0));
            }
            if (chance()) {
                spec.putUtilization(word(), random.nextInt(100000));
            }
            return spec;
        }

        private Operation operation(String name, int depth) {
            Operation.Builder operation = Operation.newBuilder().setName(name).setDepth(depth);
            if (chance()) {
                operation.setTimeout(millis(1, 100_000)).setOnFail(OnFail.forNumber(random.nextInt(8)));
            }
            if (name.equals("monitor") && chance()) {
                operation.setInterval(millis(100, 4_000_000));
            }
            return operation.build();
        }

        private ProcessKind process() {
            ProcessKind.Builder process =
                    ProcessKind.newBuilder().addCommand("/bin/x").addCommand(value());
            process.addCommand("two\nlines");
            if (chance()) {
                process.setUser("www-data")
                        .setWorkingDirectory("/srv/" + word())
                        .putAllEnvironment(params());
                process.setStopGrace(millis(0, 100_000));
            }
            if (chance()) {
                HealthCheck.Builder health = HealthCheck.newBuilder().setUnhealthyAfter(random.nextInt(5));
                switch (random.nextInt(3)) {
                    case 0 -> health.setHttpUrl("http://127.0.0.1:80/x?y=z#a");
                    case 1 -> health.setTcpAddress("[::1]:80");
                    default ->
                        health.setCommand(
                                CommandLine.newBuilder().addArgv("/bin/true").addArgv(value()));
                }
                if (chance()) {
                    health.setInterval(millis(100, 5000)).setTimeout(millis(1, 5000));
                }
                process.setHealth(health);
            }
            return process.build();
        }

        private Placement placement() {
            Placement.Builder placement = Placement.newBuilder();
            if (chance()) {
                placement.putPrefer("n1", score()).putPrefer("0x2", -score()).setStickiness(Math.abs(score()));
            }
            switch (random.nextInt(3)) {
                case 0 -> placement.addOnly("n1").addOnly("yes");
                case 1 -> placement.putOnlyLabels(word(), value());
                default -> placement.addAvoid("1.5").addAvoid("n3");
            }
            if (chance()) {
                placement.putNear("0640", 1_000_000).putNear("b", chance() ? 1_000_000 : 5);
                placement.putApartFrom("null", 1 + random.nextInt(1_000_000));
            }
            return placement.build();
        }

        private FailurePolicy failure() {
            FailurePolicy.Builder failure = FailurePolicy.newBuilder();
            if (chance()) {
                failure.setMoveAfter(1 + random.nextInt(9));
            }
            return chance() ? failure.setForgetAfter(millis(1, 100_000)).build() : failure.build();
        }

        private FenceDeviceSpec fenceDevice() {
            return FenceDeviceSpec.newBuilder()
                    .setType("fence_apc_snmp")
                    .putAllParams(params())
                    .putSecretParams(
                            "passwd", SecretRef.newBuilder().setFile("/etc/x").build())
                    .putPerNode(
                            "n1",
                            FenceTarget.newBuilder().putAllParams(params()).build())
                    .putPerNode("1", FenceTarget.getDefaultInstance())
                    .setTimeout(millis(1, 100_000))
                    .build();
        }

        private FencePlanSpec fencePlan() {
            FencePlanSpec.Builder plan = FencePlanSpec.newBuilder();
            if (chance()) {
                plan.addNodes("n1").addNodes("2");
            }
            return plan.addLevels(FenceLevel.newBuilder().addDevices("a").addDevices("1.0"))
                    .addLevels(FenceLevel.newBuilder().addDevices("b"))
                    .build();
        }

        private SettingsSpec settings() {
            SettingsSpec.Builder settings = SettingsSpec.newBuilder();
            if (chance()) {
                settings.setRenewEvery(millis(100, 1000))
                        .setLease(millis(5000, 60_000))
                        .setHistoryEvents(5000)
                        .setNodeHealth(health());
            }
            if (chance()) {
                settings.setStartupGrace(millis(1000, 600_000))
                        .setMaxFencedSharePercent(25)
                        .setFenceRetriesPerLevel(2)
                        .setMaxStartsPerNode(1 + random.nextInt(1000))
                        .setMaxMigrationsPerNode(1 + random.nextInt(1000))
                        .setPlacementStrategyValue(random.nextInt(5));
            }
            return settings.build();
        }

        private NodeHealth health() {
            NodeHealth.Builder health = NodeHealth.newBuilder().setStrategyValue(1 + random.nextInt(5));
            return chance()
                    ? health.setRed(-1_000_000)
                            .setYellow(score())
                            .setBase(score())
                            .build()
                    : health.setGreen(score()).build();
        }

        private Map<String, String> params() {
            Map<String, String> params = new TreeMap<>();
            for (String name : List.of("ip", "on", "y", "null", "_x", "NULL")) {
                if (random.nextInt(3) == 0) {
                    params.put(name, value());
                }
            }
            return params;
        }

        private Map<String, String> labels() {
            return chance() ? Map.of() : Map.of(word(), value());
        }

        private com.google.protobuf.Duration millis(int min, int max) {
            long millis = min + (long) random.nextInt(max - min);
            return DurationText.ofMillis(chance() ? millis : Math.max(min, millis / 1000 * 1000));
        }

        private Safety safety() {
            return Safety.forNumber(random.nextInt(3));
        }

        private int score() {
            return random.nextInt(1_000_001);
        }

        private boolean chance() {
            return random.nextBoolean();
        }

        private String word() {
            return WORDS.get(random.nextInt(WORDS.size()));
        }

        private String value() {
            return VALUES.get(random.nextInt(VALUES.size()));
        }
    }
}
