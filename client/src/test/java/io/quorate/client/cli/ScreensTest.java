package io.quorate.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.quorate.client.FakeServer;
import io.quorate.client.SlowRelay;
import io.quorate.v1.AnyObject;
import io.quorate.v1.Clone;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetObjectRequest;
import io.quorate.v1.GetObjectResponse;
import io.quorate.v1.GetSettingsResponse;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.HealthStrategy;
import io.quorate.v1.HistoryServiceGrpc;
import io.quorate.v1.Instance;
import io.quorate.v1.LeaderCounters;
import io.quorate.v1.ListEventsRequest;
import io.quorate.v1.ListEventsResponse;
import io.quorate.v1.ListObjectsResponse;
import io.quorate.v1.NodeHealth;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.PlacementStrategy;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.Resource;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.ResourceStatus;
import io.quorate.v1.RunState;
import io.quorate.v1.SettingsSpec;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What people see, letter by letter. */
class ScreensTest {
    private final FakeServer server = new FakeServer();
    private final CliRun cli = new CliRun(server);

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aHealthyClusterInOneSentenceAndTwoTables() {
        server.answer(
                ClusterServiceGrpc.getGetStatusMethod(),
                request -> Samples.healthy().build());
        assertThat(cli.run("status", "--exit-code")).isZero();
        assertThat(cli.out()).isEqualTo("""
                        prod: the one service runs · survives the loss of any one node
                        quorum 3/3 · leader n1 · position 1:42 · level 1 · nodes 3 up

                        SERVICE  STATE    NODE  TOKEN  SINCE     DETAIL
                        web      RUNNING  n2    1:14   2 m 10 s  -

                        NODE  STATE  SINCE    OWNS  FENCE PATHS  DETAIL
                        n1    UP     2 h 5 m  -     ipmi         -
                        n2    UP     2 h 5 m  web   ipmi         -
                        n3    UP     2 h 5 m  -     ipmi         -
                        """);
    }

    @Test
    void withAVoterDownTheClusterSurvivesNoFurtherLoss() {
        server.answer(
                ClusterServiceGrpc.getGetStatusMethod(),
                request -> Samples.healthy()
                        .setMembers(1, Samples.member("n2", false))
                        .build());
        assertThat(cli.run("status")).isEqualTo(ExitCodes.OK);
        assertThat(cli.out()).contains("service runs · would not survive the loss of another voter\nquorum 2/3");
    }

    @Test
    void fewerCopiesThanAskedForAreSaid() {
        Instance copy = Instance.newBuilder()
                .setId("st:0")
                .setNode("n1")
                .setState(RunState.RUN_STATE_RUNNING)
                .build();
        server.answer(
                ClusterServiceGrpc.getGetStatusMethod(),
                request -> Samples.healthy()
                        .addClones(Clone.newBuilder()
                                .setMeta(ObjectMeta.newBuilder().setName("st"))
                                .setSpec(CloneSpec.newBuilder().setOf("s").setMax(2))
                                .setStatus(ResourceStatus.newBuilder()
                                        .setSurvivesNodeLoss(true)
                                        .addInstances(copy)))
                        .build());
        assertThat(cli.run("status")).isEqualTo(ExitCodes.OK);
        assertThat(cli.out()).startsWith("prod: all 2 services run, but only 1 of 2 copies of st · survives the loss");
    }

    @Test
    void theWideStatusCountsWhatBecameOfTheLeadersDecisions() {
        server.answer(
                ClusterServiceGrpc.getGetStatusMethod(),
                request -> Samples.healthy()
                        .setCounters(LeaderCounters.newBuilder()
                                .setDecisionsProposed(9)
                                .setDecisionsAccepted(6)
                                .putRefusals("STALE_READ", 2)
                                .putRefusals("PROBE_MISSING", 1))
                        .build());
        assertThat(cli.run("status", "-o", "wide")).isZero();
        assertThat(cli.out())
                .contains("level 1 · nodes 3 up · decisions 6/9 accepted, refused 1 PROBE_MISSING, 2 STALE_READ");
    }

    @Test
    void aServiceThatWaitsForAFenceSaysSoFirstAndWhatToDo() {
        server.answer(
                ClusterServiceGrpc.getGetStatusMethod(),
                request -> Samples.healthy()
                        .clearGroups()
                        .addGroups(Samples.web(RunState.RUN_STATE_UNKNOWN, "n2", true).toBuilder()
                                .setStatus(Samples.web(RunState.RUN_STATE_UNKNOWN, "n2", true).getStatus().toBuilder()
                                        .addReasons(Samples.reason(
                                                "WAITING_FOR_FENCE",
                                                "waiting for the fence of n2",
                                                "quorate fence history n2"))))
                        .setNodes(1, Samples.node("n2", NodePhase.NODE_PHASE_LOST, "web"))
                        .setMembers(1, Samples.member("n2", false))
                        .addAttention(Samples.reason(
                                "WAITING_FOR_FENCE", "web waits for the fence of n2", "quorate fence confirm n2"))
                        .build());
        assertThat(cli.run("status", "--exit-code")).isEqualTo(ExitCodes.DIFFERS);
        assertThat(cli.out()).startsWith("""
                        prod: web UNKNOWN 2 m 10 s: waiting for the fence of n2
                        quorum 2/3 · leader n1 · position 1:42 · level 1 · nodes 2/3 up, n2 LOST

                        !  web waits for the fence of n2    WAITING_FOR_FENCE
                           quorate fence confirm n2
                        """);
    }

    @Test
    void withoutAQuorumTheScreenIsStaleAndSaysWhatIsSilent() {
        server.answer(ClusterServiceGrpc.getGetStatusMethod(), request -> {
            if (request.getRead().getConsistency() != ReadConsistency.READ_CONSISTENCY_STALE) {
                throw FakeServer.failure(Status.Code.UNAVAILABLE, "NO_QUORUM", "no majority answered");
            }
            return Samples.healthy()
                    .setQuorum(false)
                    .setHeader(FakeServer.header(42).toBuilder()
                            .clearLeader()
                            .setServedAs(ReadConsistency.READ_CONSISTENCY_STALE)
                            .setStaleness(Samples.millis(38_000)))
                    .setMembers(1, Samples.member("n2", false))
                    .setMembers(2, Samples.member("n3", false))
                    .build();
        });
        assertThat(cli.run("status", "--exit-code", "--timeout", "4s")).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(cli.out()).startsWith("""
                        prod: NO QUORUM (1 of 3 voters reachable: n1; n2 n3 silent) · nothing can be changed or moved · quorate help recover
                        quorum 1/3 · leader none · position 1:42 · level 1 · nodes 3 up · STALE 38 s, from n1
                        """);
    }

    /** As TLS does on a host that has just booted. */
    @Test
    void aConnectionThatTakesItsTimeIsNoLackOfAQuorum() throws IOException {
        server.answer(
                ClusterServiceGrpc.getGetStatusMethod(),
                request -> Samples.healthy().build());
        try (SlowRelay relay = new SlowRelay(server.endpoint().port(), Duration.ofMillis(2_500))) {
            assertThat(cli.run("status", "--endpoints", relay.endpoint().toString()))
                    .isZero();
        }
        assertThat(server.requests(GetStatusRequest.class))
                .allSatisfy(request -> assertThat(request.getRead().getConsistency())
                        .isNotEqualTo(ReadConsistency.READ_CONSISTENCY_STALE));
        assertThat(cli.out()).doesNotContain("STALE");
    }

    @Test
    void aStaleReadThatWasAskedForIsTheOnlyRead() {
        server.answer(
                ClusterServiceGrpc.getGetStatusMethod(),
                request -> Samples.healthy().build());
        assertThat(cli.run("status", "--stale")).isZero();
        assertThat(server.requests(GetStatusRequest.class))
                .singleElement()
                .satisfies(request -> assertThat(request.getRead().getConsistency())
                        .isEqualTo(ReadConsistency.READ_CONSISTENCY_STALE));
    }

    @Test
    void aFailoverInTheHistoryShowsItsOutageWithItsParts() {
        server.answer(
                HistoryServiceGrpc.getListEventsMethod(),
                request -> ListEventsResponse.newBuilder()
                        .addEvents(Samples.failover())
                        .build());
        assertThat(cli.run("history", "group/web", "--limit", "3")).isZero();
        assertThat(cli.out()).isEqualTo("""
                        POSITION  WHEN      FROM  TO  WHY                                                    BY      OUTAGE (DETECT · FREE · START)
                        1:22      03:03:11  n2    n3  web up on n3 (token 1:21): n2 was fenced by dev-power  leader  0.9 s (0.3 · 0.2 · 0.4)
                        """);
        assertThat(server.requests(ListEventsRequest.class)).singleElement().satisfies(request -> {
            assertThat(request.getObject()).isEqualTo("groups/web");
            assertThat(request.getLimit()).isEqualTo(3);
        });
    }

    @Test
    void getTakesAllPagesOfAKind() {
        server.answer(ResourceServiceGrpc.getListObjectsMethod(), request -> {
            assertThat(request.getKind()).isEqualTo("groups");
            boolean firstPage = request.getPageToken().isEmpty();
            return ListObjectsResponse.newBuilder()
                    .addObjects(AnyObject.newBuilder().setGroup(Samples.web(RunState.RUN_STATE_RUNNING, "n2", true)))
                    .setNextPageToken(firstPage ? "web" : "")
                    .build();
        });
        assertThat(cli.run("get", "group")).isZero();
        assertThat(cli.out()).isEqualTo("""
                        SERVICE  STATE    NODE  TOKEN  SINCE     DETAIL
                        web      RUNNING  n2    1:14   2 m 10 s  -
                        web      RUNNING  n2    1:14   2 m 10 s  -
                        """);
    }

    @Test
    void jsonIsTheMessageOfTheApiWithItsDefaults() {
        server.answer(
                ResourceServiceGrpc.getGetObjectMethod(),
                request -> GetObjectResponse.newBuilder()
                        .setObject(AnyObject.newBuilder().setGroup(Samples.web(RunState.RUN_STATE_RUNNING, "n2", true)))
                        .build());
        assertThat(cli.run("get", "web", "-o", "json", "--at", "1:14")).isZero();
        assertThat(cli.out()).contains("\"name\": \"web\"", "\"deleting\": false", "\"state\": \"RUN_STATE_RUNNING\"");
        assertThat(server.requests(GetObjectRequest.class))
                .singleElement()
                .satisfies(request -> assertThat(request.getRead().getAt()).isEqualTo(FakeServer.position(14)));
    }

    @Test
    void yamlCanBeAppliedAgain() {
        server.answer(ResourceServiceGrpc.getGetObjectMethod(), request -> {
            AnyObject.Builder object = AnyObject.newBuilder();
            if (request.getObject().equals("web")) {
                object.setGroup(Samples.web(RunState.RUN_STATE_RUNNING, "n2", true).toBuilder()
                        .setSpec(GroupSpec.newBuilder().addMembers("www")));
            } else {
                object.setResource(Resource.newBuilder()
                        .setMeta(ObjectMeta.newBuilder().setName("www").setSet("web"))
                        .setGroup("web")
                        .setSpec(ResourceSpec.newBuilder()
                                .setProcess(ProcessKind.newBuilder().addCommand("/bin/true"))));
            }
            return GetObjectResponse.newBuilder().setObject(object).build();
        });
        assertThat(cli.run("get", "web", "-o", "yaml")).isZero();
        assertThat(cli.out()).contains("kind: Group", "name: web", "/bin/true").doesNotContain("status", "revision");
        assertThat(new CliRun(server).input(cli.out()).run("validate", "-f", "-", "--offline"))
                .isZero();
    }

    @Test
    void constraintsAreOneLineEach() {
        server.answer(
                ResourceServiceGrpc.getListObjectsMethod(),
                request -> ListObjectsResponse.newBuilder()
                        .addAllObjects(Samples.constraints())
                        .build());
        assertThat(cli.run("get", "colocations")).isZero();
        assertThat(cli.out()).isEqualTo("""
                        LOCATION  RULE                                            REV
                        on-ssd    web: n1 100, -infinity where label disk ne ssd  7

                        COLOCATION  RULE                             REV
                        near-db     web with db, 500, by label rack  8

                        ORDER     RULE                                               REV
                        db-first  start db, then start web (mandatory, symmetrical)  9
                        """);
    }

    @Test
    void everyRuleThatTouchesAResourceIsShownWhereverItIsWritten() throws Exception {
        server.answer(
                ResourceServiceGrpc.getGetObjectMethod(),
                request -> GetObjectResponse.newBuilder()
                        .setObject(Samples.resource("web"))
                        .build());
        server.answer(
                ResourceServiceGrpc.getListObjectsMethod(),
                request -> ListObjectsResponse.newBuilder()
                        .addObjects(Samples.resource("web"))
                        .addObjects(Samples.follower("lb-ip", "web"))
                        .addObjects(Samples.follower("other-ip", "other"))
                        .addAllObjects(Samples.constraints())
                        .build());
        assertThat(cli.run("get", "web", "--all-rules")).isZero();
        assertThat(cli.out())
                .contains("resources/lb-ip follow", "orders/db-first")
                .doesNotContain("other-ip");
        CliRun yaml = new CliRun(server);
        assertThat(yaml.run("get", "web", "-o", "yaml", "--all-rules")).isZero();
        assertThat(yaml.out())
                .contains("kind: Location", "kind: Colocation", "kind: Order")
                .contains("# resources/lb-ip follow = colocation lb-ip with web, infinity")
                .doesNotContain("other-ip", "name: lb-ip");
        assertThat(new CliRun(server).input(yaml.out()).run("validate", "-f", "-", "--offline"))
                .isZero();
        assertThat(new CliRun(server).run("get", "groups", "--all-rules")).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void validateSaysWhatTagsComeTo() {
        CliRun run = new CliRun(server).input("""
                        kind: Tag
                        name: databases
                        resources: [a, b]
                        ---
                        kind: Location
                        name: home
                        resource: databases
                        nodes: {n1: 50}
                        """);
        assertThat(run.run("validate", "-f", "-", "--offline")).isZero();
        assertThat(run.out()).isEqualTo("""
                        locations/home.a = a: n1 50
                        locations/home.b = b: n1 50
                        valid: 2 objects (form only: --offline)
                        """);
    }

    @Test
    void validateSaysWhatShortFormsExpandTo() {
        CliRun run = new CliRun(server).input("""
                        kind: Resource
                        name: lb-ip
                        type: ocf:heartbeat:IPaddr2
                        follow: {resource: lb}
                        placement: {prefer: {n1: 100}, avoid: [n3], apartFrom: [lb-ip-2], near: {cache: 50}}
                        """);
        assertThat(run.run("validate", "-f", "-", "--offline")).isZero();
        assertThat(run.out()).isEqualTo("""
                        resources/lb-ip placement.prefer = location lb-ip: n1 100
                        resources/lb-ip placement.avoid = location lb-ip: n3 -infinity
                        resources/lb-ip placement.near.cache = colocation lb-ip with cache, 50
                        resources/lb-ip placement.apartFrom.lb-ip-2 = colocation lb-ip with lb-ip-2, -infinity
                        resources/lb-ip follow = colocation lb-ip with lb, infinity
                        resources/lb-ip follow = order start lb, then start lb-ip (mandatory, symmetrical)
                        valid: 1 object (form only: --offline)
                        """);
    }

    @Test
    void settingsAreShownByTheNamesOfFiles() {
        server.answer(
                ClusterServiceGrpc.getGetSettingsMethod(),
                request -> GetSettingsResponse.newBuilder()
                        .setSettings(SettingsSpec.newBuilder()
                                .setSuspectAfter(Samples.millis(2_000))
                                .setFenceRetriesPerLevel(2)
                                .setPlacementStrategy(PlacementStrategy.PLACEMENT_STRATEGY_BALANCED)
                                .setNodeHealth(NodeHealth.newBuilder()
                                        .setStrategy(HealthStrategy.HEALTH_STRATEGY_MIGRATE_ON_RED)
                                        .setRed(-1_000_000)
                                        .setGreen(5)))
                        .build());
        assertThat(cli.run("get", "settings")).isZero();
        assertThat(cli.out().lines())
                .containsExactlyInAnyOrder(
                        "SETTING               VALUE",
                        "suspectAfter          2s",
                        "fenceRetriesPerLevel  2",
                        "placementStrategy     balanced",
                        "nodeHealth.strategy   migrateOnRed",
                        "nodeHealth.red        -infinity",
                        "nodeHealth.green      5");
    }

    @Test
    void aNameThatNothingHasMayHaveBeenMeantAsAKind() {
        server.answer(ResourceServiceGrpc.getGetObjectMethod(), request -> {
            throw FakeServer.failure(Status.Code.NOT_FOUND, "NOT_FOUND", "there is no " + request.getObject());
        });
        assertThat(cli.run("get", "bogus")).isEqualTo(ExitCodes.NOT_FOUND);
        assertThat(cli.err()).isEqualTo("""
                        not found: "bogus" is no kind, and nothing has that name    NOT_FOUND
                               kinds are resources, groups, clones, nodes, fenceDevices, fencePlans, locations, \
                        colocations, orders, ticketConstraints, settings
                        """);
        CliRun named = new CliRun(server);
        assertThat(named.run("get", "groups/bogus")).isEqualTo(ExitCodes.NOT_FOUND);
        assertThat(named.err()).isEqualTo("not found: there is no groups/bogus    NOT_FOUND\n");
    }
}
