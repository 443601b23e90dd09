package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import com.google.rpc.ErrorInfo;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.quorate.server.FreePorts;
import io.quorate.statemachine.model.Positions;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.ApplyManifestsResponse;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.CreateBackupRequest;
import io.quorate.v1.CreateBackupResponse;
import io.quorate.v1.CreateJoinTokenRequest;
import io.quorate.v1.ExplainPlacementRequest;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.GetObjectRequest;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.HistoryServiceGrpc;
import io.quorate.v1.ListEventsRequest;
import io.quorate.v1.ListNodesRequest;
import io.quorate.v1.ListObjectsRequest;
import io.quorate.v1.ListObjectsResponse;
import io.quorate.v1.ListOwnersRequest;
import io.quorate.v1.MaintenanceServiceGrpc;
import io.quorate.v1.Manifest;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.NodeServiceGrpc;
import io.quorate.v1.NodeSpec;
import io.quorate.v1.ObjectChange;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OwnershipServiceGrpc;
import io.quorate.v1.PauseClusterRequest;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.ReadOptions;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.WatchServiceGrpc;
import io.quorate.v1.WatchStateRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The services over real gRPC, through the leader and through a follower. */
class ApiServicesTest {
    private final ServersFixture fixture = new ServersFixture();
    private LocalRaft leaderRaft;
    private LocalRaft followerRaft;
    private GrpcServers leader;
    private GrpcServers follower;

    @BeforeEach
    void start() throws Exception {
        int leaderPort = FreePorts.next();
        leaderRaft = LocalRaft.leader(
                List.of(ServersFixture.voter("n1-aaaa", "n1", leaderPort), ServersFixture.voter("n2-bbbb", "n2", 3)));
        followerRaft = LocalRaft.follower("n2-bbbb", leaderRaft);
        leader = fixture.start(leaderRaft, leaderRaft, new SilentLeader(), leaderPort, Optional.empty());
        follower = fixture.start(followerRaft, leaderRaft, new SilentLeader(), 0, Optional.empty());
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    private ResourceServiceGrpc.ResourceServiceBlockingStub resources(GrpcServers server) {
        return ResourceServiceGrpc.newBlockingStub(fixture.plaintext(server.apiPort()));
    }

    private ClusterServiceGrpc.ClusterServiceBlockingStub cluster(GrpcServers server) {
        return ClusterServiceGrpc.newBlockingStub(fixture.plaintext(server.apiPort()));
    }

    static Manifest process(String name, String... command) {
        return Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName(name))
                .setResource(ResourceSpec.newBuilder()
                        .setProcess(ProcessKind.newBuilder().addAllCommand(List.of(command))))
                .build();
    }

    private static ApplyManifestsRequest apply(MutationOptions options, Manifest... manifests) {
        return ApplyManifestsRequest.newBuilder()
                .setOptions(options)
                .addAllManifests(List.of(manifests))
                .build();
    }

    /** A server answers just before the client's deadline: on a slow machine that is too late, and it is asked again. */
    private static StatusRuntimeException serversAnswer(ThrowingCallable call) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> catchThrowableOfType(StatusRuntimeException.class, call),
                        failure -> failure.getTrailers() != null
                                && StatusProto.fromThrowable(failure).getDetailsCount() > 0);
    }

    static ErrorInfo infoOf(StatusRuntimeException failure) {
        return StatusProto.fromThrowable(failure).getDetailsList().stream()
                .filter(detail -> detail.is(ErrorInfo.class))
                .map(detail -> {
                    try {
                        return detail.unpack(ErrorInfo.class);
                    } catch (InvalidProtocolBufferException e) {
                        throw new AssertionError(e);
                    }
                })
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anApplyThroughAFollowerIsReadableOnBothServersAndSaysWhatItChanged() {
        ApplyManifestsResponse applied = resources(follower)
                .applyManifests(
                        apply(MutationOptions.newBuilder().setReason("first").build(), process("www", "/bin/true")));
        assertThat(applied.getChangesList())
                .extracting(ObjectChange::getKind)
                .containsExactly(ObjectChange.Kind.KIND_CREATED);
        assertThat(applied.getHeader().getPosition()).isEqualTo(Positions.of(1, 2));
        for (GrpcServers server : List.of(leader, follower)) {
            assertThat(resources(server)
                            .getObject(GetObjectRequest.newBuilder()
                                    .setObject("www")
                                    .build())
                            .getObject()
                            .getResource()
                            .getSpec()
                            .getProcess()
                            .getCommandList())
                    .containsExactly("/bin/true");
        }
        assertThat(HistoryServiceGrpc.newBlockingStub(fixture.plaintext(follower.apiPort()))
                        .listEvents(
                                ListEventsRequest.newBuilder().setObject("www").build())
                        .getEventsList())
                .isNotEmpty();
    }

    @Test
    void oneRequestIdHasOneOutcomeThroughAnyServer() {
        MutationOptions options =
                MutationOptions.newBuilder().setRequestId("11111111-aaaa").build();
        ApplyManifestsResponse first = resources(leader).applyManifests(apply(options, process("www", "/bin/true")));
        ApplyManifestsResponse again = resources(follower).applyManifests(apply(options, process("www", "/bin/true")));
        assertThat(again.getHeader().getPosition()).isEqualTo(first.getHeader().getPosition());
        assertThat(leaderRaft.applied().revision()).isEqualTo(2);
    }

    @Test
    void aPreviewShowsTheChangesAndCommitsNothing() {
        ApplyManifestsResponse preview = resources(follower)
                .applyManifests(
                        apply(MutationOptions.newBuilder().setValidateOnly(true).build(), process("www", "/bin/true")));
        assertThat(preview.getChanges(0).getKind()).isEqualTo(ObjectChange.Kind.KIND_CREATED);
        assertThat(leaderRaft.applied().revision()).isEqualTo(1);
    }

    @Test
    void aChangedDefinitionSaysWhichFieldsCauseARestart() {
        resources(leader).applyManifests(apply(MutationOptions.getDefaultInstance(), process("www", "/bin/true")));
        ApplyManifestsResponse changed = resources(leader)
                .applyManifests(apply(MutationOptions.getDefaultInstance(), process("www", "/bin/false")));
        assertThat(changed.getChanges(0).getKind()).isEqualTo(ObjectChange.Kind.KIND_UPDATED);
        assertThat(changed.getChanges(0).getFields(0).getPath()).isEqualTo("process.command[0]");
        assertThat(changed.getChanges(0).getFields(0).getCausesRestart()).isTrue();
    }

    @Test
    void anApplyThatLeftTheWindowSaysThatItsChangesAreUnknown() throws Exception {
        MutationOptions options =
                MutationOptions.newBuilder().setRequestId("22222222-bbbb").build();
        ApplyManifestsResponse first = resources(leader).applyManifests(apply(options, process("www", "/bin/true")));
        assertThat(first.getChangesUnknown()).isFalse();
        // a server that begins now has no window of the past
        GrpcServers late = fixture.start(
                LocalRaft.follower("n3-cccc", leaderRaft), leaderRaft, new SilentLeader(), 0, Optional.empty());
        ApplyManifestsResponse again = resources(late).applyManifests(apply(options, process("www", "/bin/true")));
        assertThat(again.getHeader().getPosition()).isEqualTo(first.getHeader().getPosition());
        assertThat(again.getChangesUnknown()).isTrue();
        assertThat(again.getChangesList()).isEmpty();
    }

    @Test
    void aFieldThatIsSetToNothingIsAChange() {
        Manifest without = process("www", "/bin/true");
        Manifest.Builder with = without.toBuilder();
        with.getResourceBuilder().getProcessBuilder().putEnvironment("DEBUG", "");
        resources(leader).applyManifests(apply(MutationOptions.getDefaultInstance(), without));
        ObjectChange set = resources(leader)
                .applyManifests(apply(MutationOptions.getDefaultInstance(), with.build()))
                .getChanges(0);
        assertThat(set.getKind()).isEqualTo(ObjectChange.Kind.KIND_UPDATED);
        assertThat(set.getFields(0).getPath()).isEqualTo("process.environment.DEBUG");
        assertThat(set.getFields(0).getBefore()).isEmpty();
        assertThat(set.getFields(0).getAfter()).isEqualTo("\"\"");
    }

    @Test
    void aStaleObjectRevisionIsAbortedWithTheReason() {
        resources(leader).applyManifests(apply(MutationOptions.getDefaultInstance(), process("www", "/bin/true")));
        StatusRuntimeException lost = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> resources(follower)
                        .applyManifests(apply(
                                MutationOptions.newBuilder()
                                        .putIfObjectRevision("resources/www", 1)
                                        .build(),
                                process("www", "/bin/false"))));
        assertThat(lost.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(infoOf(lost).getReason()).isEqualTo("STALE_READ");
        assertThat(infoOf(lost).getMetadataMap()).containsKey("position");
    }

    @Test
    void whatDoesNotExistIsNotFound() {
        StatusRuntimeException missing = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> resources(leader)
                        .getObject(
                                GetObjectRequest.newBuilder().setObject("nope").build()));
        assertThat(missing.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(infoOf(missing).getMetadataMap()).containsEntry("object", "resources/nope");
    }

    @Test
    void whatIsNoServiceIsNotExplainedAndACopyIsByItsClone() {
        Manifest clone = Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName("st"))
                .setClone(CloneSpec.newBuilder().setOf("www").setMax(2))
                .build();
        Manifest device = Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName("power"))
                .setFenceDevice(FenceDeviceSpec.newBuilder()
                        .setType("fence_test")
                        .putPerNode(
                                "n1",
                                FenceTarget.newBuilder().putParams("plug", "1").build()))
                .build();
        resources(leader)
                .applyManifests(
                        apply(MutationOptions.getDefaultInstance(), process("www", "/bin/true"), clone, device));

        StatusRuntimeException none = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> resources(leader)
                        .explainPlacement(ExplainPlacementRequest.newBuilder()
                                .setResource("power")
                                .build()));
        assertThat(none.getStatus().getDescription()).isEqualTo("fenceDevices/power is no service: it runs nowhere");
        assertThat(infoOf(none).getMetadataMap()).containsEntry("next_step", "quorate get fenceDevices/power");

        assertThat(resources(leader)
                        .explainPlacement(ExplainPlacementRequest.newBuilder()
                                .setResource("st:0")
                                .build())
                        .getInstance())
                .isEqualTo("st");
    }

    @Test
    void listsPageWithoutLosingOrRepeatingAnObject() {
        for (String name : List.of("a", "b", "c", "d", "e")) {
            resources(leader).applyManifests(apply(MutationOptions.getDefaultInstance(), process(name, "/bin/true")));
        }
        ListObjectsRequest.Builder request = ListObjectsRequest.newBuilder().setPageSize(2);
        List<String> seen = new java.util.ArrayList<>();
        do {
            var page = resources(follower).listObjects(request.build());
            page.getObjectsList()
                    .forEach(object -> seen.add(object.getResource().getMeta().getName()));
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        assertThat(seen).containsExactly("a", "b", "c", "d", "e");
    }

    private static Manifest labelled(String name, String tier) {
        Manifest.Builder manifest = process(name, "/bin/true").toBuilder();
        manifest.getMetaBuilder().putLabels("tier", tier);
        return manifest.build();
    }

    @Test
    void listsAreSelectedByLabelsAndPageAmongWhatIsSelected() {
        resources(leader)
                .applyManifests(apply(
                        MutationOptions.getDefaultInstance(),
                        labelled("a", "front"),
                        labelled("b", "back"),
                        labelled("c", "front"),
                        process("d", "/bin/true"),
                        Manifest.newBuilder()
                                .setMeta(ObjectMeta.newBuilder().setName("n1"))
                                .setNode(NodeSpec.newBuilder().putLabels("tier", "front"))
                                .build()));
        ListObjectsRequest.Builder request = ListObjectsRequest.newBuilder().setLabelSelector("tier in (front)");
        ListObjectsResponse first =
                resources(follower).listObjects(request.setPageSize(1).build());
        ListObjectsResponse second = resources(follower)
                .listObjects(request.setPageToken(first.getNextPageToken()).build());
        assertThat(Stream.of(first, second).flatMap(page -> page.getObjectsList().stream()))
                .extracting(object -> object.getResource().getMeta().getName())
                .containsExactly("a", "c");
        assertThat(second.getNextPageToken()).isEmpty();
    }

    @Test
    void aSelectorThatCannotBeReadIsRefusedWithThePlaceByEveryCallThatTakesOne() {
        String selector = "tier in front";
        List<ThrowingCallable> calls = List.of(
                () -> resources(follower)
                        .listObjects(ListObjectsRequest.newBuilder()
                                .setLabelSelector(selector)
                                .build()),
                () -> NodeServiceGrpc.newBlockingStub(fixture.plaintext(leader.apiPort()))
                        .listNodes(ListNodesRequest.newBuilder()
                                .setLabelSelector(selector)
                                .build()),
                () -> OwnershipServiceGrpc.newBlockingStub(fixture.plaintext(leader.apiPort()))
                        .listOwners(ListOwnersRequest.newBuilder()
                                .setLabelSelector(selector)
                                .build()),
                () -> WatchServiceGrpc.newBlockingStub(fixture.plaintext(leader.apiPort()))
                        .watchState(WatchStateRequest.newBuilder()
                                .setLabelSelector(selector)
                                .build())
                        .next());
        for (ThrowingCallable call : calls) {
            StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
            assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(refused.getStatus().getDescription()).contains("column 9: expected ( and the values");
        }
    }

    @Test
    void aSelectedWatchOfWhatHasNoLabelsIsRefused() {
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> WatchServiceGrpc.newBlockingStub(fixture.plaintext(leader.apiPort()))
                        .watchState(WatchStateRequest.newBuilder()
                                .addKinds("operations")
                                .setLabelSelector("tier")
                                .build())
                        .next());
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refused.getStatus().getDescription()).contains("operations have no labels");
    }

    @Test
    void aPastPositionIsAnsweredFromItsOwnState() {
        resources(leader).applyManifests(apply(MutationOptions.getDefaultInstance(), process("www", "/bin/true")));
        resources(leader).applyManifests(apply(MutationOptions.getDefaultInstance(), process("www", "/bin/false")));
        var past = resources(leader)
                .getObject(GetObjectRequest.newBuilder()
                        .setObject("www")
                        .setRead(ReadOptions.newBuilder().setAt(Positions.of(1, 2)))
                        .build());
        assertThat(past.getObject().getResource().getSpec().getProcess().getCommand(0))
                .isEqualTo("/bin/true");
    }

    @Test
    void aPositionThatIsGoneIsCompacted() {
        StatusRuntimeException gone = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> resources(follower)
                        .listObjects(ListObjectsRequest.newBuilder()
                                .setRead(ReadOptions.newBuilder().setAt(Positions.of(1, 0)))
                                .build()));
        assertThat(gone.getStatus().getCode()).isEqualTo(Status.Code.OUT_OF_RANGE);
        assertThat(infoOf(gone).getReason()).isEqualTo("COMPACTED");
    }

    @Test
    void aStatusThroughAFollowerIsTheLeadersAndAStaleOneItsOwn() {
        GetStatusResponse fresh = cluster(follower).getStatus(GetStatusRequest.getDefaultInstance());
        assertThat(fresh.getHeader().getAnsweredBy()).isEqualTo("n1-aaaa");
        assertThat(fresh.getQuorum()).isTrue();
        assertThat(fresh.getMembersList()).hasSize(2);
        GetStatusResponse stale = cluster(follower)
                .getStatus(GetStatusRequest.newBuilder()
                        .setRead(ReadOptions.newBuilder().setConsistency(ReadConsistency.READ_CONSISTENCY_STALE))
                        .build());
        assertThat(stale.getHeader().getAnsweredBy()).isEqualTo("n2-bbbb");
        assertThat(stale.getHeader().getServedAs()).isEqualTo(ReadConsistency.READ_CONSISTENCY_STALE);
    }

    @Test
    void withoutALeaderMutationsAreDefinitelyNotDoneAndStaleReadsStillAnswer() {
        followerRaft.loseLeader(Duration.ofSeconds(30));
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> MaintenanceServiceGrpc.newBlockingStub(fixture.plaintext(follower.apiPort()))
                        .pauseCluster(PauseClusterRequest.getDefaultInstance()));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        ReadOptions.Builder stale = ReadOptions.newBuilder().setConsistency(ReadConsistency.READ_CONSISTENCY_STALE);
        GetStatusResponse answer = cluster(follower)
                .getStatus(GetStatusRequest.newBuilder().setRead(stale).build());
        assertThat(answer.getQuorum()).isFalse();
        assertThat(Durations.toSeconds(answer.getHeader().getStaleness())).isEqualTo(30);
        StatusRuntimeException tooOld = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> cluster(follower)
                        .getStatus(GetStatusRequest.newBuilder()
                                .setRead(stale.setMaxStaleness(Durations.fromSeconds(10)))
                                .build()));
        assertThat(infoOf(tooOld).getReason()).isEqualTo("TOO_STALE");
    }

    @Test
    void withoutAMajorityAMutationEndsInBoundedTimeAsUnknownAndAReadAsNotDone() {
        leaderRaft.loseQuorum();
        StatusRuntimeException unknown =
                serversAnswer(() -> MaintenanceServiceGrpc.newBlockingStub(fixture.plaintext(leader.apiPort()))
                        .withDeadlineAfter(1, TimeUnit.SECONDS)
                        .pauseCluster(PauseClusterRequest.newBuilder()
                                .setOptions(MutationOptions.newBuilder().setRequestId("abc"))
                                .build()));
        assertThat(unknown.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(infoOf(unknown).getReason()).isEqualTo("OUTCOME_UNKNOWN");
        assertThat(infoOf(unknown).getMetadataMap()).containsEntry("request_id", "abc");
        StatusRuntimeException read = serversAnswer(() -> resources(leader)
                .withDeadlineAfter(1, TimeUnit.SECONDS)
                .listObjects(ListObjectsRequest.getDefaultInstance()));
        assertThat(read.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void oneBackupIsTakenAtATimeAndAClientThatGoesAwayFreesItsPlace() throws Exception {
        MaintenanceServiceGrpc.MaintenanceServiceBlockingStub stub =
                MaintenanceServiceGrpc.newBlockingStub(fixture.plaintext(leader.apiPort()));
        leaderRaft.loseQuorum();
        BlockingQueue<Status.Code> ended = new LinkedBlockingQueue<>();
        Context.CancellableContext clients = Context.current().withCancellation();
        for (int i = 0; i < 2; i++) {
            clients.run(() -> MaintenanceServiceGrpc.newStub(stub.getChannel())
                    .createBackup(CreateBackupRequest.getDefaultInstance(), endsIn(ended)));
        }
        assertThat(ended.poll(30, TimeUnit.SECONDS)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        clients.cancel(null);
        CreateBackupRequest stale = CreateBackupRequest.newBuilder()
                .setRead(ReadOptions.newBuilder().setConsistency(ReadConsistency.READ_CONSISTENCY_STALE))
                .build();
        Awaitility.await()
                .ignoreExceptions()
                .untilAsserted(() ->
                        assertThat(stub.createBackup(stale).next().getChunk()).isNotEmpty());
    }

    private static StreamObserver<CreateBackupResponse> endsIn(BlockingQueue<Status.Code> ended) {
        return new StreamObserver<>() {
            @Override
            public void onNext(CreateBackupResponse chunk) {}

            @Override
            public void onError(Throwable failure) {
                ended.add(Status.fromThrowable(failure).getCode());
            }

            @Override
            public void onCompleted() {
                ended.add(Status.Code.OK);
            }
        };
    }

    @Test
    void aWatchOfAKindThatIsNoneIsRefusedWithTheNearest() {
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> WatchServiceGrpc.newBlockingStub(fixture.plaintext(follower.apiPort()))
                        .watchState(WatchStateRequest.newBuilder()
                                .addKinds("nodes")
                                .addKinds("resource")
                                .build())
                        .next());
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refused).hasMessageContaining("no such kind: resource; did you mean resources?");
    }

    @Test
    void theStatusOfTheLeaderCountsItsRefusalsAndThatOfAFollowerSaysNothingOfThem() {
        GetStatusResponse asked = cluster(follower).getStatus(GetStatusRequest.getDefaultInstance());
        assertThat(asked.getCounters().getRefusalsMap()).containsExactly(Map.entry("STALE_READ", 1L));
        assertThat(asked.getCounters().getDecisionsProposed()).isEqualTo(9);
        GetStatusRequest stale = GetStatusRequest.newBuilder()
                .setRead(ReadOptions.newBuilder().setConsistency(ReadConsistency.READ_CONSISTENCY_STALE))
                .build();
        assertThat(cluster(leader).getStatus(stale).hasCounters()).isTrue();
        assertThat(cluster(follower).getStatus(stale).hasCounters()).isFalse();
    }

    @Test
    void aJoinTokenOfAClusterWithoutCertificatesIsRefusedWithItsReason() {
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> cluster(leader).createJoinToken(CreateJoinTokenRequest.getDefaultInstance()));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(infoOf(refused).getReason()).isEqualTo("NO_TLS");
    }
}
