package io.quorate.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.quorate.client.FakeServer;
import io.quorate.v1.CancelOperationResponse;
import io.quorate.v1.ChangeTicketResponse;
import io.quorate.v1.CheckFencingResponse;
import io.quorate.v1.ClearFailuresResponse;
import io.quorate.v1.ClearOverrideResponse;
import io.quorate.v1.ClonePlacement;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.Contribution;
import io.quorate.v1.CreatePlanResponse;
import io.quorate.v1.DeleteObjectResponse;
import io.quorate.v1.DrainNodeResponse;
import io.quorate.v1.EndNodeMaintenanceResponse;
import io.quorate.v1.Evidence;
import io.quorate.v1.ExplainPlacementResponse;
import io.quorate.v1.FailureCount;
import io.quorate.v1.FenceAttempt;
import io.quorate.v1.FenceNodeResponse;
import io.quorate.v1.FencePathResult;
import io.quorate.v1.FenceTicket;
import io.quorate.v1.ForgetNodeResponse;
import io.quorate.v1.GetLogsResponse;
import io.quorate.v1.GetNodeAttributeResponse;
import io.quorate.v1.GetNodeResponse;
import io.quorate.v1.GetOwnerResponse;
import io.quorate.v1.GetSettingsResponse;
import io.quorate.v1.HistoryServiceGrpc;
import io.quorate.v1.ListEventsResponse;
import io.quorate.v1.ListFailuresResponse;
import io.quorate.v1.ListFenceTicketsResponse;
import io.quorate.v1.ListMembersResponse;
import io.quorate.v1.ListNodesResponse;
import io.quorate.v1.ListOperationsResponse;
import io.quorate.v1.ListTicketsResponse;
import io.quorate.v1.LongOperation;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.MaintainNodeResponse;
import io.quorate.v1.MaintenanceServiceGrpc;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.NodePhase;
import io.quorate.v1.NodeServiceGrpc;
import io.quorate.v1.NodeVerdict;
import io.quorate.v1.OperationResult;
import io.quorate.v1.OperationServiceGrpc;
import io.quorate.v1.OperationState;
import io.quorate.v1.Owner;
import io.quorate.v1.OwnershipServiceGrpc;
import io.quorate.v1.PauseClusterResponse;
import io.quorate.v1.PlannedStep;
import io.quorate.v1.ProbeResourceResponse;
import io.quorate.v1.ReplaceMemberResponse;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.RestartResourceResponse;
import io.quorate.v1.ResumeClusterResponse;
import io.quorate.v1.ResumeNodeResponse;
import io.quorate.v1.Role;
import io.quorate.v1.SetNodeAttributeResponse;
import io.quorate.v1.SetOverrideResponse;
import io.quorate.v1.SiteTicket;
import io.quorate.v1.TicketServiceGrpc;
import io.quorate.v1.TicketState;
import io.quorate.v1.TicketUse;
import io.quorate.v1.TransferLeadershipResponse;
import io.quorate.v1.ValidateTokenResponse;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Verb by verb: what people see, what programs get, what is sent, and the exit code of a refusal. */
class VerbTableTest {
    private final FakeServer server = new FakeServer();

    /** A verb, the call that it makes, the answer, and the screen. */
    private record Verb<Q extends Message, R extends Message>(
            String line, MethodDescriptor<Q, R> method, R answer, String screen) {
        @Override
        public String toString() {
            return line;
        }

        void serve(FakeServer to) {
            to.answer(method, request -> answer);
        }

        void refuse(FakeServer to, Status.Code code) {
            to.answer(method, request -> {
                throw FakeServer.failure(code, "SOME_CODE", "it may not be", "next_step", "quorate explain web");
            });
        }

        Class<? extends Message> requestType() {
            return ((MethodDescriptor.ReflectableMarshaller<Q>) method.getRequestMarshaller()).getMessageClass();
        }
    }

    @BeforeEach
    void serveWhatVerbsLookAtFirst() {
        server.answer(
                ClusterServiceGrpc.getGetSettingsMethod(),
                request -> GetSettingsResponse.newBuilder()
                        .setHeader(FakeServer.header(19))
                        .build());
        server.answer(
                NodeServiceGrpc.getGetNodeMethod(),
                request -> GetNodeResponse.newBuilder()
                        .setNode(Samples.node("n2", NodePhase.NODE_PHASE_LOST, "web"))
                        .build());
        server.answer(ClusterServiceGrpc.getListMembersMethod(), request -> members());
        server.answer(TicketServiceGrpc.getListTicketsMethod(), request -> tickets());
    }

    private static ListTicketsResponse tickets() {
        return ListTicketsResponse.newBuilder()
                .setHeader(FakeServer.header(19))
                .addTickets(SiteTicket.newBuilder()
                        .setName("site-a")
                        .setGranted(true)
                        .setSince(Samples.ago(60))
                        .setLastGranted(Samples.ago(60))
                        .addUses(TicketUse.newBuilder()
                                .setConstraint("ticketConstraints/db-site")
                                .setUnit("clones/db")
                                .setRole(Role.ROLE_PROMOTED)
                                .setLossPolicy(LossPolicy.LOSS_POLICY_FENCE)
                                .addNodes("n1"))
                        .addUses(TicketUse.newBuilder()
                                .setConstraint("ticketConstraints/web-site")
                                .setUnit("groups/web")
                                .setRole(Role.ROLE_STARTED)
                                .setLossPolicy(LossPolicy.LOSS_POLICY_STOP)
                                .addNodes("n2")
                                .addNodes("n3")))
                .addTickets(SiteTicket.newBuilder().setName("site-b").setStandby(true))
                .build();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static ListMembersResponse members() {
        return ListMembersResponse.newBuilder()
                .setHeader(FakeServer.header(19))
                .addMembers(Samples.member("n1", true).toBuilder()
                        .setApiEndpoint("10.0.0.1:7400")
                        .setMatchIndex(90)
                        .setVersion("0.1.0"))
                .addMembers(Samples.member("n2", false).toBuilder().setLastContact(Samples.millis(7_200_000)))
                .build();
    }

    private static OperationResult failed() {
        return OperationResult.newBuilder()
                .setOperation("monitor")
                .setExitCode(7)
                .setExitName("not running")
                .setExitReason("no pid file")
                .setOutputTail("line one\nline two\n")
                .setTook(Samples.millis(1_200))
                .setAt(Samples.ago(60))
                .build();
    }

    static Stream<Verb<?, ?>> reads() {
        return Stream.of(
                new Verb<>(
                        "logs www",
                        ResourceServiceGrpc.getGetLogsMethod(),
                        GetLogsResponse.newBuilder()
                                .setNode("n2")
                                .addResults(failed())
                                .build(),
                        """
                        03:03:11  monitor on n2: not running (7) in 1.2 s: no pid file
                            line one
                            line two
                        """),
                new Verb<>(
                        "explain web",
                        ResourceServiceGrpc.getExplainPlacementMethod(),
                        ExplainPlacementResponse.newBuilder()
                                .setInstance("web")
                                .setNode("n2")
                                .addReasons(Samples.reason("BEST_NODE", "n2 scores 200", "quorate explain web"))
                                .addVerdicts(NodeVerdict.newBuilder()
                                        .setNode("n2")
                                        .setAllowed(true)
                                        .setScore(200)
                                        .addContributions(Contribution.newBuilder()
                                                .setRule("prefer")
                                                .setSource("groups/web")
                                                .setScore(200)))
                                .addVerdicts(NodeVerdict.newBuilder()
                                        .setNode("n3")
                                        .addContributions(Contribution.newBuilder()
                                                .setRule("drain")
                                                .setForbids(true)
                                                .setText("by ops: firmware")))
                                .addWhatWouldChangeIt(Samples.reason(
                                        "NODE_FORBIDDEN", "n3: is draining; end the drain", "quorate node resume n3"))
                                .build(),
                        """
                        web is on n2
                          n2 scores 200    BEST_NODE

                        NODE  ALLOWED  SCORE  RULES
                        n2    yes      200    prefer of groups/web +200
                        n3    NO       -      drain forbids (by ops: firmware)

                        for it to run elsewhere:
                          n3: is draining; end the drain    NODE_FORBIDDEN
                          quorate node resume n3
                        """),
                new Verb<>(
                        "explain db",
                        ResourceServiceGrpc.getExplainPlacementMethod(),
                        ExplainPlacementResponse.newBuilder()
                                .setHeader(FakeServer.header(19))
                                .setInstance("db")
                                .setNode("n2")
                                .addVerdicts(
                                        NodeVerdict.newBuilder().setNode("n2").setAllowed(true))
                                .addWhatWouldChangeIt(Samples.reason(
                                        "NODE_FORBIDDEN", "n3: is draining; end the drain", "quorate node resume n3"))
                                .setClone(ClonePlacement.newBuilder()
                                        .addAllCopiesOn(List.of("n1", "n2"))
                                        .addPromotedVerdicts(NodeVerdict.newBuilder()
                                                .setNode("n2")
                                                .setAllowed(true)
                                                .setScore(10)
                                                .addContributions(Contribution.newBuilder()
                                                        .setRule("promotion")
                                                        .setSource("clones/db")
                                                        .setScore(10)
                                                        .setText("promotion score 10")))
                                        .addWhatWouldPromoteElsewhere(Samples.reason(
                                                "NODE_SCORES_LESS",
                                                "n1 scores 5, n2 10: more than 5 more",
                                                "quorate move db --promoted --to n1 --pin")))
                                .build(),
                        """
                        db is on n1, n2, promoted on n2

                        NODE  ALLOWED  SCORE  RULES
                        n2    yes      0      -

                        for a copy to run elsewhere:
                          n3: is draining; end the drain    NODE_FORBIDDEN
                          quorate node resume n3

                        promoted:
                        NODE  ALLOWED  SCORE  RULES
                        n2    yes      10     promotion of clones/db +10 (promotion score 10)

                        for another copy to be promoted:
                          n1 scores 5, n2 10: more than 5 more    NODE_SCORES_LESS
                          quorate move db --promoted --to n1 --pin
                        """),
                new Verb<>(
                        "plan --revoke site-a --fail-node n1",
                        ResourceServiceGrpc.getCreatePlanMethod(),
                        CreatePlanResponse.newBuilder()
                                .setHeader(FakeServer.header(19))
                                .setPlanId("p-1f2e3d4c5b6a")
                                .addSteps(PlannedStep.newBuilder()
                                        .setOrder(1)
                                        .setAction("fence")
                                        .setFromNode("n1")
                                        .setTakes(Samples.millis(1_500))
                                        .setSamples(2)
                                        .setReason(Samples.reason("LOST", "n1 is lost and owns web", "")))
                                .addSteps(PlannedStep.newBuilder()
                                        .setOrder(2)
                                        .addAfter(1)
                                        .setAction("move")
                                        .setInstance("web")
                                        .setFromNode("n1")
                                        .setToNode("n2")
                                        .setTakes(Samples.millis(400))
                                        .setExpectedOutage(Samples.millis(3_900))
                                        .setSamples(2)
                                        .setReason(Samples.reason("FAILOVER", "n1 was fenced", "")))
                                .addSteps(PlannedStep.newBuilder()
                                        .setOrder(3)
                                        .addAfter(1)
                                        .setAction("restart")
                                        .setInstance("db")
                                        .setFromNode("n2")
                                        .setToNode("n2")
                                        .setTakes(Samples.millis(40_000))
                                        .setExpectedOutage(Samples.millis(40_000))
                                        .setReason(Samples.reason("RECOVERING", "db failed", "")))
                                .addSteps(PlannedStep.newBuilder()
                                        .setOrder(4)
                                        .setAction("migrate")
                                        .setInstance("vm")
                                        .setFromNode("n3")
                                        .setToNode("n2")
                                        .setTakes(Samples.millis(6_000))
                                        .setExpectedOutage(Samples.millis(0))
                                        .setSamples(1)
                                        .setReason(Samples.reason("DRAINING", "vm leaves n3", "")))
                                .setVoters(3)
                                .setVotersLeft(2)
                                .setQuorumHolds(true)
                                .addWithoutPlace("groups/app")
                                .addWarnings(
                                        Samples.reason("NO_NODE_ALLOWED", "no node may run app", "quorate explain app"))
                                .build(),
                        """
                        plan p-1f2e3d4c5b6a at 1:19
                        STEP  AFTER  WHAT                              OUTAGE                      WHY
                        1     -      fence n1, about 1.5 s             -                           n1 is lost and owns web (LOST)
                        2     1      move web n1 -> n2                 about 3.9 s (2 samples)     n1 was fenced (FAILOVER)
                        3     1      restart db on n2                  at most 40 s (by timeouts)  db failed (RECOVERING)
                        4     -      migrate vm n3 -> n2, about 6.0 s  none: it is not stopped     vm leaves n3 (DRAINING)
                        quorum holds: 2 of 3 voters · NO PLACE for groups/app
                        !  no node may run app    NO_NODE_ALLOWED
                           quorate explain app
                        """),
                new Verb<>(
                        "plan",
                        ResourceServiceGrpc.getCreatePlanMethod(),
                        CreatePlanResponse.newBuilder()
                                .setHeader(FakeServer.header(19))
                                .setPlanId("p-1f2e3d4c5b6a")
                                .setVoters(1)
                                .setVotersLeft(1)
                                .setQuorumHolds(true)
                                .setCapacityHolds(true)
                                .addWarnings(Samples.reason("PLACE_OPEN", "the place of addr is open", "").toBuilder()
                                        .addObjects("resources/addr"))
                                .build(),
                        """
                        plan p-1f2e3d4c5b6a at 1:19
                        nothing is started, stopped, moved or fenced
                        quorum holds: 1 of 1 voter · every service has a place, not yet known for resources/addr
                        !  the place of addr is open    PLACE_OPEN
                        """),
                new Verb<>(
                        "failures list",
                        ResourceServiceGrpc.getListFailuresMethod(),
                        ListFailuresResponse.newBuilder()
                                .addFailures(FailureCount.newBuilder()
                                        .setResource("www")
                                        .setUnit("web")
                                        .setNode("n2")
                                        .setCount(3)
                                        .setLast(failed()))
                                .build(),
                        """
                        RESOURCE  SERVICE  NODE  COUNT  LAST      WHY
                        www       web      n2    3      03:03:11  monitor: not running (7): no pid file
                        """),
                new Verb<>(
                        "fence check n2",
                        NodeServiceGrpc.getCheckFencingMethod(),
                        CheckFencingResponse.newBuilder()
                                .addResults(FencePathResult.newBuilder()
                                        .setNode("n2")
                                        .setDevice("ipmi")
                                        .setExecutor("n1")
                                        .setOk(true)
                                        .setPower("on")
                                        .setTook(Samples.millis(1_900)))
                                .addResults(FencePathResult.newBuilder()
                                        .setNode("n2")
                                        .setDevice("ipmi")
                                        .setExecutor("n3")
                                        .setMessage("exit 1:\n Connection timed out")
                                        .setTook(Samples.millis(20_000)))
                                .build(),
                        """
                        NODE  PATH  BY  RESULT  TOOK   WHY
                        n2    ipmi  n1  on      1.9 s  -
                        n2    ipmi  n3  FAILED  20 s   exit 1: Connection timed out
                        """),
                new Verb<>("ticket list", TicketServiceGrpc.getListTicketsMethod(), tickets(), """
                        TICKET  STATE                 SINCE  NEEDED BY  ROLE      LOSS   ON     WRITTEN IN
                        site-a  GRANTED               1 m    db         promoted  fence  n1     ticketConstraints/db-site
                        site-a  GRANTED               1 m    web        started   stop   n2 n3  ticketConstraints/web-site
                        site-b  NOT GRANTED, STANDBY  -      -          -         -      -      -
                        """),
                new Verb<>(
                        "fence history",
                        NodeServiceGrpc.getListFenceTicketsMethod(),
                        ListFenceTicketsResponse.newBuilder()
                                .addTickets(FenceTicket.newBuilder()
                                        .setId("fence-81")
                                        .setNode("n2")
                                        .setState(TicketState.TICKET_STATE_OPEN)
                                        .setRequestedAt(Samples.ago(60))
                                        .setReason(Samples.reason("NODE_LOST", "n2 is silent", ""))
                                        .setAttempts(2)
                                        .addLastAttempts(FenceAttempt.newBuilder()
                                                .setDevice("ipmi")
                                                .setExecutor("n1")
                                                .setExitCode(1)
                                                .setOutputTail("Unable to\nconnect")))
                                .build(),
                        """
                        ID        NODE  STATE  REQUESTED  WHY           ATTEMPTS  CONFIRMED BY  LAST ATTEMPT
                        fence-81  n2    OPEN   03:03:11   n2 is silent  2         -             ipmi from n1: FAILED exit 1 "Unable to connect"
                        """),
                new Verb<>("member list", ClusterServiceGrpc.getListMembersMethod(), members(), """
                        ID       NAME  ROLE    STATE  MATCH  LAST SEEN  API            VERSION
                        n1-7f3a  n1    leader  ok     90     -          10.0.0.1:7400  0.1.0
                        n2-7f3a  n2    voter   LOST   0      2 h ago    -              -
                        """),
                new Verb<>(
                        "operation list",
                        OperationServiceGrpc.getListOperationsMethod(),
                        ListOperationsResponse.newBuilder()
                                .addOperations(LongOperation.newBuilder()
                                        .setId("op-17")
                                        .setKind("move")
                                        .addObjects("groups/web")
                                        .setState(OperationState.OPERATION_STATE_RUNNING)
                                        .setStartedAt(Samples.ago(10))
                                        .setActor("alice")
                                        .setReason("firmware"))
                                .build(),
                        """
                        ID     KIND  OBJECTS     STATE    AGE   BY     REASON    DETAIL
                        op-17  move  groups/web  RUNNING  10 s  alice  firmware  -
                        """),
                new Verb<>(
                        "events",
                        HistoryServiceGrpc.getListEventsMethod(),
                        ListEventsResponse.newBuilder()
                                .addEvents(Samples.failover())
                                .build(),
                        """
                        POSITION  WHEN      OBJECT      FROM  TO  WHY                                                    BY      OUTAGE (DETECT · FREE · START)
                        1:22      03:03:11  groups/web  n2    n3  web up on n3 (token 1:21): n2 was fenced by dev-power  leader  0.9 s (0.3 · 0.2 · 0.4)
                        """),
                new Verb<>(
                        "owner web",
                        OwnershipServiceGrpc.getGetOwnerMethod(),
                        GetOwnerResponse.newBuilder()
                                .setOwner(Owner.newBuilder()
                                        .setScope("instances/web")
                                        .setNode("n3")
                                        .setToken(Samples.token(21))
                                        .setSince(Samples.ago(60))
                                        .setTakenBy(Evidence.EVIDENCE_FENCED))
                                .build(),
                        """
                        SCOPE          NODE  TOKEN  NUMBER           SINCE  TAKEN BY  STATE
                        instances/web  n3    1:21   281474976710677  1 m    FENCED    owned
                        """),
                new Verb<>(
                        "owner web --token 281474976710670",
                        OwnershipServiceGrpc.getValidateTokenMethod(),
                        ValidateTokenResponse.newBuilder()
                                .setVerdict(ValidateTokenResponse.Verdict.VERDICT_SUPERSEDED)
                                .setCurrent(Samples.token(21))
                                .build(),
                        "SUPERSEDED · current is 281474976710677\n"),
                new Verb<>(
                        "node list",
                        NodeServiceGrpc.getListNodesMethod(),
                        ListNodesResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .addNodes(Samples.node("n1", NodePhase.NODE_PHASE_UP))
                                .addNodes(Samples.node("n2", NodePhase.NODE_PHASE_LOST, "web"))
                                .build(),
                        """
                        NODE  STATE  SINCE    OWNS  FENCE PATHS  DETAIL
                        n1    UP     2 h 5 m  -     ipmi         -
                        n2    LOST   2 h 5 m  web   ipmi         -
                        """),
                new Verb<>(
                        "node attribute n1 site",
                        NodeServiceGrpc.getGetNodeAttributeMethod(),
                        GetNodeAttributeResponse.newBuilder()
                                .setValue("dc1")
                                .setRevision(9)
                                .build(),
                        "dc1\n"));
    }

    static Stream<Verb<?, ?>> writes() {
        return Stream.of(
                new Verb<>(
                        "delete groups/web",
                        ResourceServiceGrpc.getDeleteObjectMethod(),
                        DeleteObjectResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "delete groups/web"),
                new Verb<>(
                        "pin web --to n2",
                        ResourceServiceGrpc.getSetOverrideMethod(),
                        SetOverrideResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "pin to n2: web"),
                new Verb<>(
                        "unpin web",
                        ResourceServiceGrpc.getClearOverrideMethod(),
                        ClearOverrideResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "unpin web"),
                new Verb<>(
                        "disable web",
                        ResourceServiceGrpc.getSetOverrideMethod(),
                        SetOverrideResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "disable web"),
                new Verb<>(
                        "enable web",
                        ResourceServiceGrpc.getClearOverrideMethod(),
                        ClearOverrideResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "enable web"),
                new Verb<>(
                        "restart web",
                        ResourceServiceGrpc.getRestartResourceMethod(),
                        RestartResourceResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "restart web"),
                new Verb<>(
                        "probe web --node n2",
                        ResourceServiceGrpc.getProbeResourceMethod(),
                        ProbeResourceResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "probe web on n2"),
                new Verb<>(
                        "maintain web",
                        ResourceServiceGrpc.getSetOverrideMethod(),
                        SetOverrideResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "maintain web"),
                new Verb<>(
                        "maintain web --end",
                        ResourceServiceGrpc.getClearOverrideMethod(),
                        ClearOverrideResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "end of the maintenance of web"),
                new Verb<>(
                        "failures clear www --on n2",
                        ResourceServiceGrpc.getClearFailuresMethod(),
                        ClearFailuresResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .setCleared(2)
                                .build(),
                        "clear 2 failures of www on n2"),
                new Verb<>(
                        "pause",
                        MaintenanceServiceGrpc.getPauseClusterMethod(),
                        PauseClusterResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "pause: nothing moves until quorate resume"),
                new Verb<>(
                        "resume",
                        MaintenanceServiceGrpc.getResumeClusterMethod(),
                        ResumeClusterResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "resume"),
                new Verb<>(
                        "node drain n2",
                        NodeServiceGrpc.getDrainNodeMethod(),
                        DrainNodeResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "drain n2, until quorate node resume n2"),
                new Verb<>(
                        "node resume n2",
                        NodeServiceGrpc.getResumeNodeMethod(),
                        ResumeNodeResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "resume n2"),
                new Verb<>(
                        "node maintenance n2",
                        NodeServiceGrpc.getMaintainNodeMethod(),
                        MaintainNodeResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "maintenance of n2, until quorate node maintenance n2 --end"),
                new Verb<>(
                        "node maintenance n2 --end",
                        NodeServiceGrpc.getEndNodeMaintenanceMethod(),
                        EndNodeMaintenanceResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "end of the maintenance of n2"),
                new Verb<>(
                        "node fence n2 --yes",
                        NodeServiceGrpc.getFenceNodeMethod(),
                        FenceNodeResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .setTicket("fence-81")
                                .build(),
                        "fence n2 as fence-81"),
                new Verb<>(
                        "node forget n2 --yes",
                        NodeServiceGrpc.getForgetNodeMethod(),
                        ForgetNodeResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "forget n2"),
                new Verb<>(
                        "node attribute n1 site dc1",
                        NodeServiceGrpc.getSetNodeAttributeMethod(),
                        SetNodeAttributeResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .setRevision(20)
                                .build(),
                        "set site = dc1 of n1"),
                new Verb<>(
                        "ticket grant site-c --yes",
                        TicketServiceGrpc.getChangeTicketMethod(),
                        ChangeTicketResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "ticket site-c granted to this cluster; no ticket constraint names it"),
                new Verb<>(
                        "ticket revoke site-a --yes",
                        TicketServiceGrpc.getChangeTicketMethod(),
                        ChangeTicketResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "ticket site-a revoked; fence of n1, where db is promoted; web is stopped on n2, n3"),
                new Verb<>(
                        "ticket standby site-a",
                        TicketServiceGrpc.getChangeTicketMethod(),
                        ChangeTicketResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "ticket site-a in standby; db is demoted on n1; web is stopped on n2, n3"),
                new Verb<>(
                        "ticket activate site-b",
                        TicketServiceGrpc.getChangeTicketMethod(),
                        ChangeTicketResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "ticket site-b active again, and not granted to this cluster: quorate ticket grant site-b"),
                new Verb<>(
                        "operation cancel op-17",
                        OperationServiceGrpc.getCancelOperationMethod(),
                        CancelOperationResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .setOperation(LongOperation.newBuilder()
                                        .setId("op-17")
                                        .setState(OperationState.OPERATION_STATE_CANCELLED)
                                        .setDetail("cancelled by alice: web#1 is not restarted"))
                                .build(),
                        "op-17 cancelled by alice: web#1 is not restarted"),
                new Verb<>(
                        "member lead n2",
                        ClusterServiceGrpc.getTransferLeadershipMethod(),
                        TransferLeadershipResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        ""),
                new Verb<>(
                        "member replace n2 --with n4 --id n4-9c1d --raft 10.0.0.4:7402 --node 10.0.0.4:7403 --yes",
                        ClusterServiceGrpc.getReplaceMemberMethod(),
                        ReplaceMemberResponse.newBuilder()
                                .setHeader(FakeServer.header(20))
                                .build(),
                        "voter n2 replaced by n4-9c1d"));
    }

    private CliRun run(Verb<?, ?> verb, String... more) {
        CliRun cli = new CliRun(server);
        String[] words = Stream.concat(Stream.of(verb.line().split(" ")), Stream.of(more))
                .toArray(String[]::new);
        exitCode = cli.run(words);
        return cli;
    }

    private int exitCode;

    private MutationOptions sent(Verb<?, ?> verb) {
        Message request = server.requests(verb.requestType()).get(0);
        FieldDescriptor field = request.getDescriptorForType().findFieldByName("options");
        return (MutationOptions) request.getField(field);
    }

    @ParameterizedTest
    @MethodSource("reads")
    void aReadShowsATable(Verb<?, ?> verb) {
        verb.serve(server);
        assertThat(run(verb).out()).isEqualTo(verb.screen());
        assertThat(exitCode).isZero();
    }

    @ParameterizedTest
    @MethodSource({"reads", "writes"})
    void programsGetTheMessageOfTheApi(Verb<?, ?> verb) {
        verb.serve(server);
        String[] noWait = verb.requestType().getName().matches(".*\\.(Get|List|Explain|Check|Validate|CreatePlan)\\w+")
                ? new String[] {}
                : new String[] {"--no-wait"};
        String[] json =
                Stream.concat(Stream.of(noWait), Stream.of("-o", "json")).toArray(String[]::new);
        String[] yaml =
                Stream.concat(Stream.of(noWait), Stream.of("-o", "yaml")).toArray(String[]::new);
        assertThat(run(verb, json).out()).isEqualTo(Output.json(verb.answer()) + "\n");
        assertThat(exitCode).isZero();
        assertThat(run(verb, yaml).out()).isEqualTo(Output.yaml(verb.answer()));
        assertThat(exitCode).isZero();
    }

    @ParameterizedTest
    @MethodSource("writes")
    void aWriteSaysWhatWasCommittedAndCarriesItsReason(Verb<?, ?> verb) {
        verb.serve(server);
        String screen = run(verb, "--no-wait", "--reason", "CHG-1").out();
        assertThat(exitCode).isZero();
        if (!verb.screen().isEmpty()) {
            assertThat(screen).isEqualTo("committed 1:20 · " + verb.screen() + "\n");
        }
        MutationOptions options = sent(verb);
        assertThat(options.getReason()).isEqualTo("CHG-1");
        assertThat(options.getRequestId()).isNotEmpty();
        assertThat(options.getKnownPosition()).isEqualTo(FakeServer.position(19));
        assertThat(options.getValidateOnly()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("writes")
    void whatIsOnlyTriedIsSaidSo(Verb<?, ?> verb) {
        verb.serve(server);
        assertThat(run(verb, "--dry-run").out()).startsWith("would ").hasLineCount(1);
        assertThat(exitCode).isZero();
        assertThat(sent(verb).getValidateOnly()).isTrue();
    }

    @ParameterizedTest
    @MethodSource({"reads", "writes"})
    void aRefusalHasItsExitCodeAndNextStep(Verb<?, ?> verb) {
        verb.refuse(server, Status.Code.NOT_FOUND);
        CliRun missing = run(verb);
        assertThat(exitCode).isEqualTo(ExitCodes.NOT_FOUND);
        assertThat(missing.err()).endsWith("not found: it may not be    SOME_CODE\n       quorate explain web\n");
        verb.refuse(server, Status.Code.FAILED_PRECONDITION);
        assertThat(run(verb).err()).contains("refused: it may not be");
        assertThat(exitCode).isEqualTo(ExitCodes.REFUSED);
        verb.refuse(server, Status.Code.ABORTED);
        assertThat(run(verb).out()).doesNotContain("committed");
        assertThat(exitCode).isEqualTo(ExitCodes.CONFLICT);
    }
}
