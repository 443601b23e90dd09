package io.quorate.client.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.cli.text.RuleText;
import io.quorate.v1.AnyObject;
import io.quorate.v1.Disabled;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Resource;
import io.quorate.v1.ResourceStatus;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestWriterTest {
    @Test
    void aGroupIsWrittenTheWayPeopleWriteIt() throws Exception {
        String file = ManifestErrorsTest.resource("floating-ip-nginx.yaml");

        String written = ManifestWriter.write(ManifestLoader.loadText("web.yaml", file));

        assertThat(written).isEqualTo("""
                set: web
                ---
                kind: Group
                name: web
                description: public web front
                labels:
                  page: "+31-20-5550100"
                  team: shop
                members:
                  - name: vip
                    type: ocf:heartbeat:IPaddr2
                    params:
                      cidr_netmask: "24"
                      ip: 10.0.0.50
                      nic: eth0
                  - name: www
                    type: systemd:nginx.service
                    monitor:
                      interval: 10s
                failure:
                  moveAfter: 3
                  forgetAfter: 10m
                placement:
                  prefer:
                    n1: 100
                  stickiness: 200
                """);
    }

    @Test
    void whatMovesAliveSaysSo() throws Exception {
        String file = """
                kind: Resource
                name: vm
                type: ocf:heartbeat:VirtualDomain
                operations:
                  migrate_to:
                    timeout: 2m
                  migrate_from:
                    timeout: 1m
                liveMigration: true
                """;

        List<Manifest> loaded = ManifestLoader.loadText("vm.yaml", file);

        assertThat(loaded.get(0).getResource().getLiveMigration()).isTrue();
        assertThat(ManifestWriter.write(loaded)).isEqualTo(file);
    }

    /** Instants in UTC, numbers by their names, one range without a list. */
    @Test
    void datesAreWrittenTheWayPeopleWriteThem() throws Exception {
        String file = """
                kind: Location
                name: office
                resource: web
                rules:
                  - score: 500
                    all:
                      - {label: power, value: cheap}
                      - during: {weekdays: 1-5, hours: [9-11, 14], zone: Europe/Berlin}
                  - score: -infinity
                    match:
                      outside: {after: 2026-05-01T22:00+02:00, duration: 480m, months: MAY-6}
                """;

        List<Manifest> loaded = ManifestLoader.loadText("office.yaml", file);

        assertThat(ManifestWriter.write(loaded)).isEqualTo("""
                kind: Location
                name: office
                resource: web
                rules:
                  - score: 500
                    all:
                      - label: power
                        value: cheap
                      - during:
                          weekdays: mon-fri
                          hours: [9-11, 14]
                          zone: Europe/Berlin
                  - score: -infinity
                    match:
                      outside:
                        after: 2026-05-01T20:00:00Z
                        duration: 8h
                        months: may-jun
                """);
        assertThat(RoundTrip.contents(RoundTrip.again(loaded))).isEqualTo(RoundTrip.contents(loaded));
        assertThat(RuleText.lines(loaded.get(0)))
                .extracting(RuleText.Line::text)
                .containsExactly(
                        "web: 500 where label power eq cheap and during (weekdays mon-fri, hours 9-11 and 14, "
                                + "Europe/Berlin), -infinity where outside (after 2026-05-01T20:00:00Z, for 8h, months may-jun, UTC)");
    }

    @Test
    void everyKindSurvivesBeingWritten() throws Exception {
        List<Manifest> loaded = ManifestLoader.loadText("db.yaml", ManifestErrorsTest.resource("postgres.yaml"));

        assertThat(RoundTrip.contents(RoundTrip.again(loaded))).isEqualTo(RoundTrip.contents(loaded));
    }

    @Test
    void aMemberOfAnotherSetStaysADocumentOfItsOwn() throws Exception {
        List<Manifest> loaded = ManifestLoader.loadText("x.yaml", """
                kind: Group
                name: g
                set: one
                members: [m]
                ---
                kind: Resource
                name: m
                set: two
                type: systemd:m
                """);

        assertThat(ManifestWriter.write(loaded)).contains("members: [m]").contains("set: two");
        assertThat(RoundTrip.contents(RoundTrip.again(loaded))).isEqualTo(RoundTrip.contents(loaded));
    }

    @Test
    void statusAndOverridesAndRevisionsAreNotWritten() {
        Resource web = Resource.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName("web").setUid("u1").setRevision(7))
                .addOverrides(io.quorate.v1.Override.newBuilder().setDisabled(Disabled.getDefaultInstance()))
                .setStatus(ResourceStatus.newBuilder().setSurvivesNodeLoss(true))
                .setGroup("g")
                .build();

        assertThat(ManifestWriter.writeObjects(
                        List.of(AnyObject.newBuilder().setResource(web).build())))
                .isEqualTo("kind: Resource\nname: web\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "24",
                "1.10",
                "0640",
                "1e3",
                "0x1F",
                "12:30:45",
                "2026-01-01",
                "true",
                "No",
                "ON",
                "null",
                "~",
                "y",
                "-",
                "- a",
                "a: b",
                "a #b",
                "#a",
                "*a",
                "&a",
                "!a",
                "@a",
                "%a",
                "{a}",
                "[a]",
                "a,b",
                "'a'",
                "\"a\"",
                "\\",
                " a",
                "a ",
                "a:",
                "?",
                "|",
                ">",
                "=",
                "<<",
                ".inf",
                "...",
                "---",
                "\u0085",
                "\u00a0",
                "\u2028",
                "\uFEFF",
                "\u0007",
                "\t"
            })
    void textThatYamlWouldReadAsSomethingElseIsQuoted(String text) {
        assertThat(YamlText.scalar(text)).startsWith("\"").endsWith("\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.50",
                "eth0",
                "ocf:heartbeat:IPaddr2",
                "n1 n2 n3",
                "/usr/bin/x",
                "http://a/b",
                "a=b",
                "1.2.3"
            })
    void ordinaryTextStaysPlain(String text) {
        assertThat(YamlText.scalar(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"1500ms,1500ms", "1000ms,1s", "60s,1m", "90s,90s", "3600s,1h", "24h,24h", "0s,0s", "0ms,0s", "61m,61m"})
    void durationsAreWrittenInTheLargestUnitThatDividesThem(String read, String written) {
        assertThat(DurationText.format(DurationText.parse(read))).isEqualTo(written);
    }
}
