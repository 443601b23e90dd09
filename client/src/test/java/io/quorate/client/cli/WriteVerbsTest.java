package io.quorate.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.quorate.client.FakeServer;
import io.quorate.v1.AnyObject;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.ApplyManifestsResponse;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.ConfirmFenceRequest;
import io.quorate.v1.ConfirmFenceResponse;
import io.quorate.v1.GetNodeResponse;
import io.quorate.v1.GetObjectResponse;
import io.quorate.v1.ListMembersResponse;
import io.quorate.v1.ListObjectsRequest;
import io.quorate.v1.ListObjectsResponse;
import io.quorate.v1.LongOperation;
import io.quorate.v1.Member;
import io.quorate.v1.MoveResourceRequest;
import io.quorate.v1.MoveResourceResponse;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.NodePhase;
import io.quorate.v1.NodeServiceGrpc;
import io.quorate.v1.ObjectChange;
import io.quorate.v1.OperationServiceGrpc;
import io.quorate.v1.OperationState;
import io.quorate.v1.ProbeNodeResponse;
import io.quorate.v1.ReplaceMemberRequest;
import io.quorate.v1.ReplaceMemberResponse;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.RunState;
import io.quorate.v1.SetOverrideRequest;
import io.quorate.v1.SetOverrideResponse;
import io.quorate.v1.SignOfLife;
import io.quorate.v1.TransferLeadershipRequest;
import io.quorate.v1.TransferLeadershipResponse;
import io.quorate.v1.WaitOperationRequest;
import io.quorate.v1.WaitOperationResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Changes wait until they took effect, and dangerous ones are confirmed by a person who has seen the facts. */
class WriteVerbsTest {
    private static final String WEB = """
            set: web
            ---
            kind: Resource
            name: www
            process: {command: [/bin/true]}
            """;

    private final FakeServer server = new FakeServer();
    private final CliRun cli = new CliRun(server);

    @AfterEach
    void stop() {
        server.close();
    }

    private static WaitOperationResponse operation(OperationState state, String detail) {
        return WaitOperationResponse.newBuilder()
                .setOperation(LongOperation.newBuilder()
                        .setId("op-17")
                        .setKind("move")
                        .addObjects("groups/web")
                        .setState(state)
                        .setDetail(detail)
                        .setStartedAt(Samples.ago(10))
                        .setFinishedAt(Samples.ago(9)))
                .build();
    }

    private void serveMove() {
        server.answer(
                ResourceServiceGrpc.getMoveResourceMethod(),
                request -> MoveResourceResponse.newBuilder()
                        .setHeader(FakeServer.header(20))
                        .setOperation("op-17")
                        .build());
        server.answer(
                ResourceServiceGrpc.getGetObjectMethod(),
                request -> GetObjectResponse.newBuilder()
                        .setObject(AnyObject.newBuilder().setGroup(Samples.web(RunState.RUN_STATE_RUNNING, "n3", true)))
                        .build());
    }

    private void serveApply(ObjectChange.Kind... kinds) {
        server.answer(ResourceServiceGrpc.getApplyManifestsMethod(), request -> {
            ApplyManifestsResponse.Builder answer =
                    ApplyManifestsResponse.newBuilder().setHeader(FakeServer.header(20));
            for (ObjectChange.Kind kind : kinds) {
                answer.addChanges(ObjectChange.newBuilder()
                        .setObject(kind == ObjectChange.Kind.KIND_DELETED ? "resources/old" : "resources/www")
                        .setKind(kind));
            }
            return answer.build();
        });
    }

    private void serveNode(SignOfLife... signs) {
        server.answer(
                NodeServiceGrpc.getGetNodeMethod(),
                request -> GetNodeResponse.newBuilder()
                        .setNode(Samples.node("n2", NodePhase.NODE_PHASE_LOST, "web"))
                        .build());
        server.answer(
                NodeServiceGrpc.getProbeNodeMethod(),
                request -> ProbeNodeResponse.newBuilder()
                        .addAllSigns(List.of(signs))
                        .build());
        server.answer(
                NodeServiceGrpc.getConfirmFenceMethod(),
                request -> ConfirmFenceResponse.newBuilder()
                        .setHeader(FakeServer.header(30))
                        .addFreed("web")
                        .build());
    }

    private static SignOfLife sign(String from, boolean answered) {
        return SignOfLife.newBuilder().setFrom(from).setAnswered(answered).build();
    }

    @Test
    void aMoveWaitsForItsOperation() {
        serveMove();
        server.on(OperationServiceGrpc.getWaitOperationMethod(), (request, stream) -> {
            stream.onNext(operation(OperationState.OPERATION_STATE_RUNNING, ""));
            stream.onNext(operation(OperationState.OPERATION_STATE_DONE, "web on n3"));
            stream.onCompleted();
        });
        assertThat(cli.run("move", "web", "--to", "n3", "--reason", "test")).isZero();
        assertThat(cli.out()).isEqualTo("committed 1:20 · move web to n3\nweb on n3 · took 1.0 s\n");
        assertThat(server.requests(MoveResourceRequest.class))
                .singleElement()
                .satisfies(
                        request -> assertThat(request.getOptions().getReason()).isEqualTo("test"));
    }

    @Test
    void aMoveThatShallLastIsAPin() {
        server.answer(
                ResourceServiceGrpc.getSetOverrideMethod(),
                request -> SetOverrideResponse.newBuilder()
                        .setHeader(FakeServer.header(20))
                        .build());
        assertThat(cli.run("move", "web", "--to", "n3", "--pin", "--reason", "test"))
                .isZero();
        assertThat(cli.out()).isEqualTo("committed 1:20 · move and pin to n3: web\n");
        assertThat(server.requests(SetOverrideRequest.class)).singleElement().satisfies(request -> {
            assertThat(request.getResource()).isEqualTo("web");
            assertThat(request.getOverride().getPin().getNode()).isEqualTo("n3");
        });
        assertThat(cli.run("move", "web", "--pin")).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void thePromotedRoleIsMovedAndPinnedByItself() {
        serveMove();
        server.answer(
                ResourceServiceGrpc.getSetOverrideMethod(),
                request -> SetOverrideResponse.newBuilder()
                        .setHeader(FakeServer.header(20))
                        .build());
        assertThat(cli.run("move", "db", "--promoted", "--to", "n2", "--no-wait"))
                .isZero();
        assertThat(cli.out()).startsWith("committed 1:20 · move the promoted role of db to n2");
        assertThat(server.requests(MoveResourceRequest.class))
                .singleElement()
                .satisfies(request -> assertThat(request.getPromoted()).isTrue());
        assertThat(cli.run("move", "db", "--promoted", "--to", "n2", "--pin")).isZero();
        assertThat(cli.run("pin", "db", "--promoted", "--to", "n2")).isZero();
        assertThat(server.requests(SetOverrideRequest.class)).hasSize(2).allSatisfy(request -> {
            assertThat(request.getOverride().getPin().getNode()).isEqualTo("n2");
            assertThat(request.getOverride().getPin().getPromoted()).isTrue();
        });
    }

    @Test
    void withoutWaitingItReturnsAtTheCommit() {
        serveMove();
        assertThat(cli.run("move", "web", "--no-wait")).isZero();
        assertThat(cli.out()).isEqualTo("committed 1:20 · move web to the best other node · op-17 goes on\n");
        assertThat(server.requests(WaitOperationRequest.class)).isEmpty();
    }

    @Test
    void aBrokenWaitIsTakenUpAgain() {
        serveMove();
        server.on(OperationServiceGrpc.getWaitOperationMethod(), (request, stream) -> {
            if (server.requests(WaitOperationRequest.class).size() == 1) {
                stream.onNext(operation(OperationState.OPERATION_STATE_RUNNING, ""));
                stream.onCompleted();
                return;
            }
            stream.onNext(operation(OperationState.OPERATION_STATE_DONE, "web on n3"));
            stream.onCompleted();
        });
        assertThat(cli.run("move", "web")).isZero();
        assertThat(server.requests(WaitOperationRequest.class)).hasSize(2);
    }

    @Test
    void anOperationThatFailsSaysWhy() {
        serveMove();
        server.answer(
                OperationServiceGrpc.getWaitOperationMethod(),
                request -> operation(OperationState.OPERATION_STATE_FAILED, "start failed on n3"));
        assertThat(cli.run("move", "web")).isEqualTo(ExitCodes.ERROR);
        assertThat(cli.err()).isEqualTo("""
                        error: op-17 (move groups/web) failed: start failed on n3    OPERATION_FAILED
                               quorate explain web
                        """);
    }

    @Test
    void aWaitThatEndsTooEarlySaysThatItGoesOn() {
        serveMove();
        server.on(
                OperationServiceGrpc.getWaitOperationMethod(),
                (request, stream) -> stream.onNext(operation(OperationState.OPERATION_STATE_RUNNING, "")));
        assertThat(cli.run("move", "web", "--timeout", "4s")).isEqualTo(ExitCodes.TIMED_OUT);
        assertThat(cli.err()).contains("still running as op-17 · quorate operation wait op-17");
    }

    @Test
    void interruptedWaitingSaysHowToGoOn() throws Exception {
        serveMove();
        CompletableFuture<Void> finish = new CompletableFuture<>();
        server.on(OperationServiceGrpc.getWaitOperationMethod(), (request, stream) -> {
            finish.join();
            stream.onNext(operation(OperationState.OPERATION_STATE_DONE, "web on n3"));
            stream.onCompleted();
        });
        FutureTask<Integer> running = new FutureTask<>(() -> cli.run("move", "web"));
        Thread thread = new Thread(running, "move");
        thread.setDaemon(true);
        thread.start();
        await().atMost(Duration.ofSeconds(30)).until(() -> !cli.interrupts().isEmpty());
        cli.interrupts().forEach(Runnable::run);
        assertThat(cli.err())
                .isEqualTo("still running as op-17 · quorate operation wait op-17 · quorate operation cancel op-17\n");
        finish.complete(null);
        assertThat(running.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(cli.interrupts()).isEmpty();
    }

    @Test
    void aHandoverThatIsOnlyTriedSaysWhatWouldBeDone() {
        server.answer(
                ClusterServiceGrpc.getTransferLeadershipMethod(),
                request -> TransferLeadershipResponse.newBuilder()
                        .setHeader(FakeServer.header(20))
                        .build());
        assertThat(cli.run("member", "lead", "n2", "--dry-run")).isZero();
        assertThat(cli.out()).isEqualTo("would do: hand leadership over to n2 (nothing was changed)\n");
        assertThat(server.requests(TransferLeadershipRequest.class))
                .allMatch(request -> request.getOptions().getValidateOnly());
    }

    /** A handover is no entry of the history, and has no position in it. */
    @Test
    void aHandoverSaysWhoLeadsAndNoPosition() {
        server.answer(
                ClusterServiceGrpc.getTransferLeadershipMethod(),
                request -> TransferLeadershipResponse.newBuilder()
                        .setHeader(FakeServer.header(20))
                        .build());
        assertThat(cli.run("member", "lead", "n2")).isZero();
        assertThat(cli.out()).isEqualTo("leader is n2\n");
    }

    @Test
    void aPositionIsNotTakenForARevision() {
        assertThat(cli.run("move", "web", "--if-revision", "1:18")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err())
                .contains("'1:18' is a position of the cluster, and a revision is one number: REV in quorate get");
        assertThat(cli.run("move", "web", "--if-revision", "x")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).contains("'x' is no number");
    }

    @Test
    void aBareNameIsLookedUpToCompareItsRevision() {
        serveMove();
        assertThat(cli.run("move", "web", "--if-revision", "14", "--no-wait")).isZero();
        assertThat(server.requests(MoveResourceRequest.class))
                .singleElement()
                .satisfies(request -> assertThat(request.getOptions().getIfObjectRevisionMap())
                        .containsExactly(Map.entry("groups/web", 14L)));
    }

    @Test
    void aFileErrorIsToldWithItsPlaceAndNothingIsSent() {
        serveApply();
        cli.input("kind: Resource\nname: www\nprocess: {command: [/bin/true]}\nwrong: 1\n");
        assertThat(cli.run("apply", "-f", "-")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).contains("standard input:4:1").doesNotContain("\tat ");
        assertThat(server.requests(ApplyManifestsRequest.class)).isEmpty();
    }

    @Test
    void deletionsAreNotMadeWithoutAPersonOrYes() {
        serveApply(ObjectChange.Kind.KIND_UPDATED, ObjectChange.Kind.KIND_DELETED);
        assertThat(cli.input(WEB).run("apply", "-f", "-", "--prune")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).contains("- DELETE resources/old", "--yes");
        assertThat(server.requests(ApplyManifestsRequest.class))
                .allSatisfy(request ->
                        assertThat(request.getOptions().getValidateOnly()).isTrue());
    }

    @Test
    void deletionsAreConfirmedByTypingHowMany() {
        serveApply(ObjectChange.Kind.KIND_UPDATED, ObjectChange.Kind.KIND_DELETED);
        assertThat(cli.input(WEB).typing("yes").run("apply", "-f", "-", "--prune"))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(cli.input(WEB).typing("delete 1").run("apply", "-f", "-", "--prune"))
                .isZero();
        assertThat(server.requests(ApplyManifestsRequest.class))
                .filteredOn(request -> !request.getOptions().getValidateOnly())
                .singleElement()
                .satisfies(request -> assertThat(request.getPruneSet()).isEqualTo("web"));
    }

    @Test
    void settingsAreInNoSetAndPruneNothing() {
        serveApply(ObjectChange.Kind.KIND_UPDATED, ObjectChange.Kind.KIND_DELETED);
        String withSettings = WEB + "---\nkind: Settings\nplacementStrategy: utilization\n";
        assertThat(cli.input(withSettings).run("apply", "-f", "-", "--prune", "--yes"))
                .isZero();
        assertThat(server.requests(ApplyManifestsRequest.class))
                .allSatisfy(request -> assertThat(request.getPruneSet()).isEqualTo("web"));
    }

    @Test
    void deletionsThatNobodyHasSeenAreNotMade() {
        AtomicInteger previews = new AtomicInteger();
        server.answer(ResourceServiceGrpc.getApplyManifestsMethod(), request -> {
            ApplyManifestsResponse.Builder answer =
                    ApplyManifestsResponse.newBuilder().setHeader(FakeServer.header(20));
            int deletions = previews.incrementAndGet();
            for (int i = 0; i < deletions; i++) {
                answer.addChanges(ObjectChange.newBuilder()
                        .setObject("resources/old" + i)
                        .setKind(ObjectChange.Kind.KIND_DELETED));
            }
            return answer.build();
        });
        assertThat(cli.input(WEB).typing("delete 1").run("apply", "-f", "-", "--prune"))
                .isEqualTo(ExitCodes.CONFLICT);
        assertThat(cli.err()).contains("resources/old1");
        assertThat(server.requests(ApplyManifestsRequest.class))
                .allMatch(request -> request.getOptions().getValidateOnly());
    }

    @Test
    void confirmedDeletionsHoldForTheStateThatTheyWereSeenIn() {
        AtomicLong revision = new AtomicLong(20);
        server.answer(ResourceServiceGrpc.getApplyManifestsMethod(), request -> {
            MutationOptions options = request.getOptions();
            if (!options.getValidateOnly() && options.getIfPosition().getRevision() < 23) {
                throw FakeServer.failure(Status.Code.ABORTED, "POSITION_MOVED", "the state has moved on");
            }
            return ApplyManifestsResponse.newBuilder()
                    .setHeader(FakeServer.header(revision.incrementAndGet()))
                    .addChanges(ObjectChange.newBuilder()
                            .setObject("resources/old")
                            .setKind(ObjectChange.Kind.KIND_DELETED))
                    .build();
        });
        assertThat(cli.input(WEB).typing("delete 1").run("apply", "-f", "-", "--prune"))
                .isZero();
        assertThat(server.requests(ApplyManifestsRequest.class))
                .filteredOn(request -> !request.getOptions().getValidateOnly())
                .extracting(request -> request.getOptions().getIfPosition().getRevision())
                .containsExactly(22L, 23L);
    }

    @Test
    void yesAppliesAtOnce() {
        serveApply(ObjectChange.Kind.KIND_DELETED);
        assertThat(cli.input(WEB).run("apply", "-f", "-", "--prune", "--yes")).isZero();
        assertThat(server.requests(ApplyManifestsRequest.class)).hasSize(1);
    }

    @Test
    void anApplyWhoseChangesAreUnknownWaitsForItsOperation() {
        server.answer(
                ResourceServiceGrpc.getApplyManifestsMethod(),
                request -> ApplyManifestsResponse.newBuilder()
                        .setHeader(FakeServer.header(20))
                        .setChangesUnknown(true)
                        .setOperation("op-17")
                        .build());
        server.answer(
                OperationServiceGrpc.getWaitOperationMethod(),
                request -> operation(OperationState.OPERATION_STATE_DONE, ""));
        assertThat(cli.input(WEB).run("apply", "-f", "-")).isEqualTo(ExitCodes.OK);
        assertThat(server.requests(WaitOperationRequest.class)).isNotEmpty();
        assertThat(cli.out()).contains("no longer knows what it changed").doesNotContain("unchanged");
    }

    @Test
    void diffTellsDifferencesByItsExitCodeOnlyWhenAsked() {
        serveApply(ObjectChange.Kind.KIND_CREATED);
        assertThat(cli.input(WEB).run("diff", "-f", "-")).isZero();
        assertThat(cli.out()).isEqualTo("+ resources/www\n");
        assertThat(cli.input(WEB).run("diff", "-f", "-", "--exit-code")).isEqualTo(ExitCodes.DIFFERS);
    }

    @Test
    void aFenceIsConfirmedForTheLifeThatWasShown() {
        serveNode(sign("n1", false));
        assertThat(cli.typing("n2", "outlets pulled").run("fence", "confirm", "n2"))
                .isZero();
        assertThat(cli.err())
                .contains("n2 is LOST (incarnation 4), owns: web", "could NOT verify", "from n1: no answer");
        assertThat(cli.out()).isEqualTo("confirmed n2 (position 1:30) · freed: web\n");
        assertThat(server.requests(ConfirmFenceRequest.class)).singleElement().satisfies(request -> {
            assertThat(request.getIncarnation()).isEqualTo(4);
            assertThat(request.getTypedName()).isEqualTo("n2");
            assertThat(request.getOptions().getReason()).isEqualTo("outlets pulled");
        });
    }

    @Test
    void aNodeThatAnswersIsNotConfirmedOff() {
        serveNode(sign("n1", false), sign("n3", true));
        assertThat(cli.typing("n2").run("fence", "confirm", "n2")).isEqualTo(ExitCodes.REFUSED);
        assertThat(cli.err()).contains("NODE_ANSWERS", "from n3: ANSWERED", "--although-alive");
        assertThat(server.requests(ConfirmFenceRequest.class)).isEmpty();
    }

    @Test
    void aFenceIsNotConfirmedByAWrongNameOrByNobody() {
        serveNode();
        assertThat(cli.run("fence", "confirm", "n2")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.typing("y").run("fence", "confirm", "n2")).isEqualTo(ExitCodes.USAGE);
        assertThat(server.requests(ConfirmFenceRequest.class)).isEmpty();
    }

    private Member replacement(String... line) {
        server.answer(
                ClusterServiceGrpc.getListMembersMethod(),
                request -> ListMembersResponse.newBuilder()
                        .setHeader(FakeServer.header(20))
                        .addMembers(Member.newBuilder()
                                .setId("n2-01be")
                                .setName("n2")
                                .setApiEndpoint("10.0.0.2:7400")
                                .setRaftEndpoint("10.0.0.2:7402")
                                .setNodeEndpoint("10.0.0.2:7403"))
                        .addMembers(Member.newBuilder()
                                .setId("n4-9c1d")
                                .setName("n4")
                                .setRaftEndpoint("10.0.0.4:7402")
                                .setNodeEndpoint("10.0.0.4:7403"))
                        .build());
        server.answer(
                ClusterServiceGrpc.getReplaceMemberMethod(),
                request -> ReplaceMemberResponse.newBuilder()
                        .setHeader(FakeServer.header(20))
                        .build());
        assertThat(cli.run(line)).as(cli.err()).isZero();
        return server.requests(ReplaceMemberRequest.class).get(0).getWith();
    }

    @Test
    void aVoterThatIsReplacedInItsPlaceKeepsItsNameAndEndpoints() {
        assertThat(replacement("member", "replace", "n2", "--id", "n2-55c0", "--raft", "10.0.0.2:9402", "--yes"))
                .isEqualTo(Member.newBuilder()
                        .setId("n2-55c0")
                        .setName("n2")
                        .setApiEndpoint("10.0.0.2:7400")
                        .setRaftEndpoint("10.0.0.2:9402")
                        .setNodeEndpoint("10.0.0.2:7403")
                        .build());
    }

    @Test
    void ofAReplacementThatWasBegunTheOneThatComesIsKnown() {
        assertThat(replacement("member", "replace", "n2-01be", "--with", "n4", "--yes"))
                .isEqualTo(Member.newBuilder()
                        .setId("n4-9c1d")
                        .setName("n4")
                        .setRaftEndpoint("10.0.0.4:7402")
                        .setNodeEndpoint("10.0.0.4:7403")
                        .build());
    }

    @Test
    void whatNobodyKnowsOfTheVoterThatComesMustBeSaid() {
        server.answer(
                ClusterServiceGrpc.getListMembersMethod(),
                request -> ListMembersResponse.newBuilder()
                        .addMembers(Member.newBuilder().setId("n2-01be").setName("n2"))
                        .build());
        assertThat(cli.run("member", "replace", "n2", "--yes")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).contains("--id is needed");
        assertThat(cli.run("member", "replace", "n2", "--with", "n4", "--id", "n4-9c1d", "--yes"))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).contains("--raft is needed");
        assertThat(cli.run("member", "replace", "n7", "--id", "n7-9c1d", "--yes"))
                .isEqualTo(ExitCodes.NOT_FOUND);
        assertThat(server.requests(ReplaceMemberRequest.class)).isEmpty();
    }

    @Test
    void aSelectorGoesToTheServerAndOnlyWithAKind() {
        server.answer(
                ResourceServiceGrpc.getListObjectsMethod(),
                request -> ListObjectsResponse.newBuilder()
                        .setHeader(FakeServer.header(20))
                        .build());
        assertThat(cli.run("get", "resources", "-l", "tier=front,!test")).isZero();
        assertThat(server.requests(ListObjectsRequest.class))
                .singleElement()
                .extracting(ListObjectsRequest::getLabelSelector)
                .isEqualTo("tier=front,!test");
        assertThat(cli.run("get", "web", "-l", "tier")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.run("get", "settings", "-l", "tier")).isEqualTo(ExitCodes.USAGE);
    }
}
