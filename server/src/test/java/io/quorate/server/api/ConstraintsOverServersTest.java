package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.ClientContexts;
import io.quorate.client.cli.ExitCodes;
import io.quorate.log.v1.ObjectRow;
import io.quorate.server.FreePorts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Locations, colocations, orders and their short forms, from a file through the API into the state and back. */
class ConstraintsOverServersTest {
    private static final String STACK = """
            set: stack
            ---
            kind: Resource
            name: store
            process: {command: [/bin/true]}
            ---
            kind: Group
            name: front
            members: [{name: www, process: {command: [/bin/true]}}]
            follow: {resource: store}
            placement: {near: {cache: 50}, apartFrom: [report]}
            ---
            kind: Resource
            name: cache
            process: {command: [/bin/true]}
            ---
            kind: Resource
            name: report
            process: {command: [/bin/true]}
            ---
            kind: Location
            name: places
            resource: www
            nodes: {n1: 100, n3: -infinity}
            rules:
              - {score: 200, match: {label: disk, value: ssd}}
              - score: -infinity
                any: [{attribute: ping, op: lt, value: 1000}, {attribute: ping, op: notDefined}]
            ---
            kind: Colocation
            name: together
            resource: cache
            with: store
            score: 500
            nodeLabel: rack
            influence: false
            ---
            kind: Order
            name: in-turn
            mode: optional
            sets: [{resources: [store, cache], sequential: false, requireAll: false}, [report]]
            ---
            kind: TicketConstraint
            name: one-site
            ticket: site-a
            resources: [store, cache]
            lossPolicy: freeze
            ---
            kind: Settings
            placementStrategy: balanced
            """;

    private final ServersFixture fixture = new ServersFixture();
    private LocalRaft raft;
    private GrpcServers server;
    private CliSession cli;

    @BeforeEach
    void start() throws Exception {
        int port = FreePorts.next();
        raft = LocalRaft.leader(List.of(ServersFixture.voter("n1-aaaa", "n1", port)));
        server = fixture.start(raft, raft, new SilentLeader(), port, Optional.empty());
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    private int cli(String input, String... arguments) {
        Map<String, String> environment = Map.of("QUORATE_ENDPOINTS", "127.0.0.1:" + server.apiPort());
        cli = new CliSession(new ClientContexts(environment, List.of()), input);
        return cli.run(arguments);
    }

    private int apply(String file, String... more) {
        List<String> arguments = new ArrayList<>(List.of("apply", "-f", "-", "--no-wait", "--timeout", "60s"));
        arguments.addAll(List.of(more));
        return cli(file, arguments.toArray(String[]::new));
    }

    private NavigableMap<String, ObjectRow> objects() {
        return new TreeMap<>(raft.applied().objects());
    }

    @Test
    void whatGetWritesChangesNothingWhenItIsApplied() {
        assertThat(apply(STACK)).isZero();
        assertThat(objects())
                .containsKeys(
                        "locations/places",
                        "colocations/together",
                        "orders/in-turn",
                        "ticketConstraints/one-site",
                        "groups/front");
        assertThat(cli("", "get", "-o", "yaml")).isZero();
        String written = cli.out();
        assertThat(written).contains("mode: optional", "op: notDefined", "influence: false", "follow:", "near:");

        NavigableMap<String, ObjectRow> before = objects();
        assertThat(cli(written, "diff", "-f", "-")).isZero();
        assertThat(cli.out()).doesNotContain("~", "+ ", "- ");
        assertThat(apply(written)).as(cli.err()).isZero();
        assertThat(objects()).isEqualTo(before);
        assertThat(cli("", "get", "settings", "-o", "yaml")).isZero();
        assertThat(cli.out()).contains("placementStrategy: balanced");
    }

    @Test
    void eachKindIsListedShownAndDeletedByItsName() {
        assertThat(apply(STACK)).isZero();
        assertThat(cli("", "get", "locations")).isZero();
        assertThat(cli.out()).contains("places", "www: n1 100, n3 -infinity, 200 where label disk eq ssd");
        assertThat(cli("", "get", "colocation/together")).isZero();
        assertThat(cli.out()).contains("cache with store, 500, by label rack, without influence");
        assertThat(cli("", "get", "order/in-turn", "-o", "json")).isZero();
        assertThat(cli.out()).contains("ORDER_KIND_OPTIONAL");
        assertThat(cli("", "get", "front", "--all-rules")).isZero();
        assertThat(cli.out())
                .contains("groups/front follow", "groups/front placement.near.cache", "locations/places")
                .doesNotContain("orders/in-turn");
        assertThat(cli("", "get", "ticketconstraints")).isZero();
        assertThat(cli.out()).contains("store, cache need ticket site-a, loss: freeze");
        for (String name :
                List.of("locations/places", "colocations/together", "orders/in-turn", "ticketConstraints/one-site")) {
            assertThat(cli("", "delete", name, "--no-wait")).as(cli.err()).isZero();
            assertThat(objects()).doesNotContainKey(name);
        }
    }

    @Test
    void aTicketIsGrantedListedAndRevoked() {
        assertThat(apply(STACK)).isZero();
        assertThat(cli("", "ticket", "list")).isZero();
        assertThat(cli.out()).contains("site-a", "NOT GRANTED", "ticketConstraints/one-site");
        assertThat(cli("", "ticket", "grant", "site-a")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).contains("Revoke it there first", "--yes");
        assertThat(cli("", "ticket", "grant", "site-a", "--yes", "--no-wait", "--reason", "moved"))
                .as(cli.err())
                .isZero();
        assertThat(cli.out()).contains("ticket site-a granted to this cluster; cache may run, store may run", "op-");
        assertThat(raft.applied().siteTickets().get("site-a").getGranted()).isTrue();
        assertThat(cli("", "ticket", "list", "site-a", "-o", "json")).isZero();
        assertThat(cli.out()).contains("\"granted\": true", "moved");
        assertThat(cli("", "ticket", "standby", "site-a", "--if-revision", "1")).isEqualTo(ExitCodes.CONFLICT);
        assertThat(cli("", "ticket", "revoke", "site-a", "--yes", "--no-wait")).isZero();
        assertThat(raft.applied().siteTickets().get("site-a").getGranted()).isFalse();
        assertThat(cli("", "ticket", "revoke", "site-z", "--yes")).isEqualTo(ExitCodes.NOT_FOUND);
        assertThat(cli("", "events")).isZero();
        assertThat(cli.out()).contains("ticket site-a granted to this cluster: moved", "ticket site-a revoked");
    }

    @Test
    void aChangeOfARuleIsShownFieldByField() {
        assertThat(apply(STACK)).isZero();
        String changed = STACK.replace("score: 500", "score: -infinity").replace("n1: 100", "n1: 7");
        assertThat(cli(changed, "diff", "-f", "-")).isZero();
        assertThat(cli.out())
                .contains("~ colocations/together", "500 -> -1000000", "~ locations/places", "100 -> 7")
                .doesNotContain("RESTART", "orders/");
    }

    @Test
    void aRefusalNamesThePlaceInTheFileAndTheCircle() {
        assertThat(apply(STACK)).isZero();
        NavigableMap<String, ObjectRow> before = objects();
        String circle = "kind: Order\nname: back\nfirst: www\nthen: store\n";
        assertThat(apply("kind: Node\nname: n1\nlabels: {disk: ssd}\n---\n" + circle))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err())
                .startsWith("error: standard input:5:1: orders/back closes a circle of mandatory orders: ")
                .contains("store starts before front (groups/front)", "www starts before store (orders/back)")
                .contains("CIRCLE");
        assertThat(apply("kind: Location\nname: l\nresource: wbe\nnodes: {n1: 1}\n"))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err())
                .startsWith("error: standard input:1:1: locations/l names wbe, which is no resource, group or clone")
                .contains("DANGLING_REFERENCE");
        assertThat(objects()).isEqualTo(before);
    }

    @Test
    void whatRulesNameIsDeletedWithThemOnly() {
        assertThat(apply(STACK)).isZero();
        assertThat(cli("", "delete", "store", "--no-wait")).isEqualTo(ExitCodes.REFUSED);
        assertThat(cli.err())
                .contains("resources/store is named by colocations/together, groups/front, orders/in-turn");
        String rest = "set: stack\n---\nkind: Resource\nname: report\nprocess: {command: [/bin/true]}\n";
        assertThat(apply(rest, "--prune", "--yes")).as(cli.err()).isZero();
        assertThat(objects()).containsOnlyKeys("resources/report");
    }
}
