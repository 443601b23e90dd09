package io.quorate.client.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.v1.Manifest;
import io.quorate.v1.OnFail;
import io.quorate.v1.Operation;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import io.quorate.v1.Safety;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ManifestLoaderTest {
    @TempDir
    Path directory;

    @Test
    void aGroupWithInlineMembersBecomesResourcesAndNames() throws Exception {
        List<Manifest> loaded =
                ManifestLoader.loadText("web.yaml", ManifestErrorsTest.resource("floating-ip-nginx.yaml"));

        assertThat(loaded).extracting(m -> m.getMeta().getName()).containsExactly("vip", "www", "web");
        assertThat(loaded).allSatisfy(m -> {
            assertThat(m.getMeta().getSet()).isEqualTo("web");
            assertThat(m.getSource()).isEqualTo("web.yaml");
        });
        Manifest web = loaded.get(2);
        assertThat(web.getLine()).isEqualTo(3);
        assertThat(web.getGroup().getMembersList()).containsExactly("vip", "www");
        assertThat(web.getGroup().getPlacement().getPreferMap()).containsEntry("n1", 100);
        assertThat(web.getGroup().getPlacement().getStickiness()).isEqualTo(200);
        assertThat(web.getGroup().getFailure().getForgetAfter().getSeconds()).isEqualTo(600);
        assertThat(web.getMeta().getLabelsMap()).containsEntry("page", "+31-20-5550100");
        Manifest vip = loaded.get(0);
        assertThat(vip.getLine()).isEqualTo(8);
        assertThat(vip.getColumn()).isEqualTo(5);
        assertThat(vip.getResource().getOcf().getProvider()).isEqualTo("heartbeat");
        assertThat(vip.getResource().getOcf().getParamsMap()).containsEntry("cidr_netmask", "24");
        assertThat(loaded.get(1).getResource().getSystemd().getUnit()).isEqualTo("nginx.service");
    }

    @Test
    void everyKindOfTheSchemaIsRead() throws Exception {
        List<Manifest> loaded = ManifestLoader.loadText("db.yaml", ManifestErrorsTest.resource("postgres.yaml"));

        assertThat(loaded)
                .extracting(m -> m.getSpecCase().toString())
                .containsExactly(
                        "RESOURCE",
                        "RESOURCE",
                        "FENCE_DEVICE",
                        "FENCE_DEVICE",
                        "FENCE_DEVICE",
                        "FENCE_PLAN",
                        "NODE",
                        "SETTINGS");
        ResourceSpec pg = loaded.get(0).getResource();
        assertThat(pg.getOcf().getSecretParamsOrThrow("monitor_password").getFile())
                .isEqualTo("/etc/quorate/secrets/pg-monitor");
        assertThat(pg.getOperationsList()).hasSize(4);
        Operation started = pg.getOperations(2);
        assertThat(started.getRole()).isEqualTo(Role.ROLE_STARTED);
        assertThat(started.getInterval().getSeconds()).isEqualTo(10);
        Operation deep = pg.getOperations(3);
        assertThat(deep.getDepth()).isEqualTo(10);
        assertThat(deep.getOnFail()).isEqualTo(OnFail.ON_FAIL_BLOCK);
        assertThat(deep.getTimeout().getSeconds()).as("from Defaults").isEqualTo(60);
        ResourceSpec app = loaded.get(1).getResource();
        assertThat(app.getProcess().getCommandList()).containsExactly("/opt/shop/bin/server", "--port", "8080");
        assertThat(app.getSafety()).isEqualTo(Safety.SAFETY_BEST_EFFORT);
        assertThat(app.getOperationsList()).as("Defaults leave processes alone").isEmpty();
        assertThat(app.getPlacement().getOnlyLabelsMap()).containsEntry("role", "edge");
        assertThat(loaded.get(2).getFenceDevice().getPerNodeOrThrow("n2").getParamsMap())
                .containsEntry("ip", "10.9.0.2");
        Manifest plan = loaded.get(5);
        assertThat(plan.getMeta().getName()).isEqualTo("default");
        assertThat(plan.getFencePlan().getNodesList()).as("all").isEmpty();
        assertThat(plan.getFencePlan().getLevels(1).getDevicesList()).containsExactly("pdu-a", "pdu-b");
        Manifest settings = loaded.get(7);
        assertThat(settings.getMeta())
                .as("settings belong to no set")
                .isEqualTo(settings.getMeta().getDefaultInstanceForType());
        assertThat(settings.getSettings().getLease().getSeconds()).isEqualTo(15);
        assertThat(settings.getSettings().hasRenewEvery())
                .as("unset stays unset")
                .isFalse();
    }

    @Test
    void parametersKeepTheTextThatWasWritten() throws Exception {
        String file = """
                kind: Resource
                name: x
                type: ocf:a:b
                params: {mode: 0640, version: 1.10, flag: true, off: no, text: 'null', date: 2026-01-01, e: ''}
                """;

        assertThat(ManifestLoader.loadText("x.yaml", file)
                        .get(0)
                        .getResource()
                        .getOcf()
                        .getParamsMap())
                .containsEntry("mode", "0640")
                .containsEntry("version", "1.10")
                .containsEntry("flag", "true")
                .containsEntry("off", "no")
                .containsEntry("text", "null")
                .containsEntry("date", "2026-01-01")
                .containsEntry("e", "");
    }

    @Test
    void templatesFillOnlyWhatIsNotSaidAndDefaultsTheRest() throws Exception {
        String file = """
                kind: Resource
                name: vm1
                template: vm
                labels: {site: b}
                params: {config: /vm1.xml, migration_transport: tcp}
                priority: 0
                monitor: {interval: 5s}
                placement: {only: {labels: {disk: ssd}}, prefer: {n2: 5}}
                follow: {resource: san}
                ---
                kind: Clone
                name: all
                of: {name: vm2, template: small, operations: [{monitor: promoted, timeout: 7s}, {start: 50s}]}
                ---
                kind: Template
                name: vm
                description: of all virtual machines
                labels: {tier: vm, site: a}
                type: ocf:heartbeat:VirtualDomain
                params: {migration_transport: ssh, hypervisor: "qemu:///system"}
                operations: {monitor: {interval: 30s, timeout: 20s}, migrate_to: 120s, stop: 90s}
                liveMigration: true
                priority: 7
                utilization: {memory: 4096}
                placement: {only: {labels: {role: edge}}, prefer: {n1: 9}}
                follow: {resource: net, role: promoted}
                ---
                kind: Template
                name: small
                type: systemd:x
                monitor: {interval: 9s}
                operations: [{monitor: promoted, interval: 8s}]
                ---
                kind: Defaults
                operations: {timeout: 60s, interval: 15s}
                """;
        String byHand = """
                kind: Resource
                name: vm1
                labels: {site: b, tier: vm}
                type: ocf:heartbeat:VirtualDomain
                params: {config: /vm1.xml, migration_transport: tcp, hypervisor: "qemu:///system"}
                liveMigration: true
                priority: 0
                utilization: {memory: 4096}
                placement: {only: {labels: {disk: ssd}}, prefer: {n1: 9, n2: 5}}
                follow: {resource: san}
                operations:
                  - {monitor: , interval: 5s, timeout: 20s}
                  - {migrate_to: 120s}
                  - {stop: 90s}
                  - {start: 60s}
                ---
                kind: Clone
                name: all
                of:
                  name: vm2
                  type: systemd:x
                  operations:
                    - {monitor: promoted, interval: 8s, timeout: 7s}
                    - {start: 50s}
                    - {monitor: , interval: 9s, timeout: 60s}
                    - {stop: 60s}
                """;

        assertThat(RoundTrip.contents(ManifestLoader.loadText("vm.yaml", file)))
                .isEqualTo(RoundTrip.contents(ManifestLoader.loadText("vm.yaml", byHand)));
    }

    @Test
    void aTagStandsForItsResources() throws Exception {
        String file = """
                kind: Tag
                name: databases
                resources: [a, b]
                ---
                kind: Tag
                name: fronts
                resources: [c, d]
                ---
                kind: Resource
                name: e
                type: systemd:e
                placement: {near: {databases: 100, b: 7}, apartFrom: [fronts]}
                ---
                set: site
                kind: Location
                name: home
                resource: databases
                nodes: {n1: 50}
                ---
                kind: Colocation
                name: apart
                resource: fronts
                with: databases
                score: -infinity
                ---
                kind: Order
                name: first
                first: databases
                then: e
                firstAction: promote
                thenAction: start
                ---
                kind: Order
                name: sets
                sets: [[san, databases], {resources: [fronts], sequential: false}]
                ---
                kind: TicketConstraint
                name: here
                ticket: t
                resources: [e, databases]
                """;

        Map<String, Manifest> loaded = RoundTrip.contents(ManifestLoader.loadText("tags.yaml", file));

        assertThat(loaded.keySet())
                .containsExactly(
                        "colocations/apart.c.a",
                        "colocations/apart.c.b",
                        "colocations/apart.d.a",
                        "colocations/apart.d.b",
                        "locations/home.a",
                        "locations/home.b",
                        "orders/first.a",
                        "orders/first.b",
                        "orders/sets",
                        "resources/e",
                        "ticketConstraints/here");
        assertThat(loaded.get("locations/home.b").getMeta().getSet()).isEqualTo("site");
        assertThat(loaded.get("locations/home.b").getLocation().getResource()).isEqualTo("b");
        assertThat(loaded.get("colocations/apart.d.a").getColocation()).satisfies(colocation -> {
            assertThat(colocation.getResource()).isEqualTo("d");
            assertThat(colocation.getWithResource()).isEqualTo("a");
        });
        assertThat(loaded.get("orders/first.b").getOrder().getFirst()).isEqualTo("b");
        assertThat(loaded.get("orders/sets").getOrder().getSets(0).getResourcesList())
                .containsExactly("san", "a", "b");
        assertThat(loaded.get("orders/sets").getOrder().getSets(1).getResourcesList())
                .containsExactly("c", "d");
        assertThat(loaded.get("ticketConstraints/here").getTicketConstraint().getResourcesList())
                .containsExactly("e", "a", "b");
        assertThat(loaded.get("resources/e").getResource().getPlacement().getNearMap())
                .containsOnly(Map.entry("a", 100), Map.entry("b", 7));
        assertThat(loaded.get("resources/e").getResource().getPlacement().getApartFromMap())
                .containsOnlyKeys("c", "d");
    }

    @Test
    void defaultsFillOnlyWhatIsNotSaid() throws Exception {
        String file = """
                kind: Defaults
                operations: {timeout: 60s, interval: 15s}
                failure: {moveAfter: 2}
                placement: {stickiness: 500}
                safety: bestEffort
                ---
                kind: Group
                name: g
                members:
                  - {name: m, type: "systemd:m", monitor: {interval: 5s}}
                failure: {forgetAfter: 1m}
                ---
                kind: Resource
                name: r
                type: systemd:r.timer
                safety: exclusive
                placement: {stickiness: 1}
                """;

        List<Manifest> loaded = ManifestLoader.loadText("d.yaml", file);

        ResourceSpec member = loaded.get(0).getResource();
        assertThat(member.hasPlacement() || member.hasFailure() || member.getSafetyValue() != 0)
                .as("members get no rules of units")
                .isFalse();
        assertThat(member.getOperationsList())
                .extracting(Operation::getName)
                .containsExactlyInAnyOrder("monitor", "start", "stop");
        assertThat(member.getOperations(0).getInterval().getSeconds()).isEqualTo(5);
        assertThat(member.getOperations(0).getTimeout().getSeconds()).isEqualTo(60);
        var group = loaded.get(1).getGroup();
        assertThat(group.getFailure().getMoveAfter()).isEqualTo(2);
        assertThat(group.getFailure().getForgetAfter().getSeconds()).isEqualTo(60);
        assertThat(group.getPlacement().getStickiness()).isEqualTo(500);
        ResourceSpec resource = loaded.get(2).getResource();
        assertThat(resource.getSafety()).isEqualTo(Safety.SAFETY_EXCLUSIVE);
        assertThat(resource.getPlacement().getStickiness()).isEqualTo(1);
        assertThat(resource.getSystemd().getUnit()).isEqualTo("r.timer");
    }

    @Test
    void filesAreLoadedTogetherAndStandardInputIsOne() throws Exception {
        write("a.yaml", "kind: Group\nname: g\nmembers: [m]\n");
        String input = "\uFEFFkind: Resource\nname: m\ntype: systemd:m\n";

        List<Manifest> loaded = loader(input).load(List.of("a.yaml", "-"));

        assertThat(loaded).extracting(Manifest::getSource).containsExactly("a.yaml", "standard input");
    }

    @Test
    void aNameThatTwoFilesDefineIsRefusedWithBothPlaces() throws Exception {
        write("a.yaml", "kind: Node\nname: n1\n");
        write("b.yaml", "kind: Node\nname: n1\n");

        assertThatThrownBy(() -> loader("").load(List.of("a.yaml", "b.yaml")))
                .hasMessage("b.yaml:2:7: nodes/n1 is defined twice (see a.yaml:1:1): remove one");
    }

    @Test
    void whatIsNoReadableFileIsNamed() throws Exception {
        Files.createDirectory(directory.resolve("dir"));
        write("empty.yaml", "");
        write("comment.yaml", "# nothing\n");
        Files.write(
                directory.resolve("latin.yaml"), "kind: Node\nname: caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        Files.write(directory.resolve("nul.yaml"), "kind: Node\nname: a\0b\n".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> loader("")
                        .load(List.of(
                                "dir", "none.yaml", "empty.yaml", "comment.yaml", "latin.yaml", "nul.yaml", "dir")))
                .isInstanceOf(ManifestException.class)
                .hasMessage("""
                        dir: this is a directory: name the files in it, each with -f
                        none.yaml: there is no such file
                        empty.yaml: the file is empty: write at least one object
                        comment.yaml: the file is empty: write at least one object
                        latin.yaml:2:10: this is not UTF-8 text: save the file as UTF-8
                        nul.yaml:2:8: this is not text: character U+0000 is not allowed: remove it""");
    }

    @Test
    void oversizedFilesAndEndlessInputAreRefusedBeforeTheyAreParsed() throws Exception {
        write("big.yaml", "a".repeat(ManifestLoader.MAX_FILE_BYTES + 1));
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return '[';
            }
        };

        assertThatThrownBy(() -> new ManifestLoader(endless, directory).load(List.of("big.yaml", "-")))
                .hasMessage("big.yaml: the file is larger than 4 MiB: split it\n"
                        + "standard input: the file is larger than 4 MiB: split it");
    }

    /** A file that no apply takes is not held in memory first. */
    @Test
    void aFileOfTooManyDocumentsIsRefusedWhereItBecomesTooMany() {
        assertThatThrownBy(() -> ManifestLoader.loadText("many.yaml", "---\nkind: Resource\n".repeat(30_000)))
                .hasMessageContaining("many.yaml:12002:1: the file has more than 6000 documents:"
                        + " split it: one apply takes at most 5000 objects");
    }

    @Test
    void aFileOfTooManyValuesIsRefused() {
        assertThatThrownBy(() -> ManifestLoader.loadText(
                        "many.yaml", "kind: Group\nname: g\nmembers:\n" + "- a\n".repeat(200_000)))
                .hasMessageContaining("the file has more than 200000 keys and values: split it");
    }

    @Test
    void oversizedObjectsValuesAndMapsAreRefused() {
        assertRefused(
                "kind: Resource\nname: x\ntype: ocf:a:b\nparams: {a: " + "x".repeat(65 * 1024) + "}\n",
                "x.yaml:1:1: the object is larger than 64 KiB: keep large values in files on the nodes");
        StringBuilder many = new StringBuilder("kind: Resource\nname: x\ntype: ocf:a:b\nparams:\n");
        for (int i = 0; i < 257; i++) {
            many.append("  p").append(i).append(": x\n");
        }
        assertRefused(many.toString(), "x.yaml:5:3: 257 parameters are too many: at most 256");
        assertRefused(
                "kind: Node\nname: n1\ndescription: " + "x".repeat(5000),
                "x.yaml:3:14: the value is longer than 4 KiB");
    }

    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("quorate.root"), "examples"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theExamplesAreValidAndSurviveBeingWritten(Path example) throws Exception {
        List<Manifest> loaded = new ManifestLoader(InputStream.nullInputStream()).load(List.of(example.toString()));

        assertThat(loaded).isNotEmpty();
        assertThat(RoundTrip.contents(RoundTrip.again(loaded))).isEqualTo(RoundTrip.contents(loaded));
    }

    private void assertRefused(String file, String message) {
        assertThatThrownBy(() -> ManifestLoader.loadText("x.yaml", file)).hasMessage(message);
    }

    private ManifestLoader loader(String standardInput) {
        return new ManifestLoader(new ByteArrayInputStream(standardInput.getBytes(StandardCharsets.UTF_8)), directory);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }
}
