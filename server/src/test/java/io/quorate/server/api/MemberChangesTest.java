package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quorate.log.v1.RegisterVoter;
import io.quorate.log.v1.RemoveVoter;
import io.quorate.server.FreePorts;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.Member;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.ReplaceMemberRequest;
import io.quorate.v1.TransferLeadershipRequest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes of leadership and of members: what is only tried changes nothing, and what is not known is not denied. */
class MemberChangesTest {
    private static final MutationOptions TRY =
            MutationOptions.newBuilder().setValidateOnly(true).build();

    private final ServersFixture fixture = new ServersFixture();
    private LocalRaft leaderRaft;
    private GrpcServers follower;

    @BeforeEach
    void start() throws Exception {
        int leaderPort = FreePorts.next();
        leaderRaft = LocalRaft.leader(
                List.of(ServersFixture.voter("n1-aaaa", "n1", leaderPort), ServersFixture.voter("n2-bbbb", "n2", 3)));
        LocalRaft followerRaft = LocalRaft.follower("n2-bbbb", leaderRaft);
        fixture.start(leaderRaft, leaderRaft, new SilentLeader(), leaderPort, Optional.empty());
        follower = fixture.start(followerRaft, leaderRaft, new SilentLeader(), 0, Optional.empty());
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    private ClusterServiceGrpc.ClusterServiceBlockingStub cluster() {
        return ClusterServiceGrpc.newBlockingStub(fixture.plaintext(follower.apiPort()));
    }

    private static TransferLeadershipRequest lead(String member, MutationOptions options) {
        return TransferLeadershipRequest.newBuilder()
                .setMember(member)
                .setOptions(options)
                .build();
    }

    private static ReplaceMemberRequest replace(String member, String comingId, MutationOptions options) {
        return ReplaceMemberRequest.newBuilder()
                .setMember(member)
                .setWith(Member.newBuilder()
                        .setId(comingId)
                        .setName("n4")
                        .setRaftEndpoint("127.0.0.1:4")
                        .setNodeEndpoint("127.0.0.1:5"))
                .setOptions(options)
                .build();
    }

    private static Status.Code refusal(Runnable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call::run)
                .getStatus()
                .getCode();
    }

    @Test
    void whatIsOnlyTriedIsNotDone() {
        assertThat(cluster().transferLeadership(lead("n2", TRY)).hasHeader()).isTrue();
        assertThat(cluster().replaceMember(replace("n2", "n4-cccc", TRY)).hasHeader())
                .isTrue();
        assertThat(leaderRaft.changes).isEmpty();
        assertThat(leaderRaft.applied().voters()).hasSize(2);
    }

    @Test
    void whatIsOnlyTriedIsCheckedAsIfItWereDone() {
        assertThat(refusal(() -> cluster().transferLeadership(lead("n9", TRY)))).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(refusal(() -> cluster().replaceMember(replace("n9", "n4-cccc", TRY))))
                .isEqualTo(Status.Code.NOT_FOUND);
        assertThat(refusal(() -> cluster().replaceMember(replace("n2", "other-cccc", TRY))))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal(() -> cluster().replaceMember(replace("n1", "n4-cccc", TRY))))
                .isEqualTo(Status.Code.FAILED_PRECONDITION);
    }

    @Test
    void aComparisonThatCannotBeMadeIsRefused() {
        MutationOptions compared = MutationOptions.newBuilder()
                .putIfObjectRevision("members/n2-bbbb", 1)
                .build();
        assertThat(refusal(() -> cluster().transferLeadership(lead("n2", compared))))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal(() -> cluster().replaceMember(replace("n2", "n4-cccc", compared))))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(leaderRaft.changes).isEmpty();
    }

    @Test
    void aChangeWithoutAnAnswerInTimeMayHaveBeenDone() {
        leaderRaft.change = new CompletableFuture<>();
        assertThat(refusal(() -> cluster()
                        .withDeadlineAfter(1, TimeUnit.SECONDS)
                        .replaceMember(replace("n2", "n4-cccc", MutationOptions.getDefaultInstance()))))
                .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        leaderRaft.change = CompletableFuture.failedFuture(new TimeoutException());
        StatusRuntimeException late = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> cluster().transferLeadership(lead("n2", MutationOptions.getDefaultInstance())));
        assertThat(ApiServicesTest.infoOf(late).getReason()).isEqualTo("OUTCOME_UNKNOWN");
    }

    @Test
    void aReplacementThatWasDoneCanBeAskedForAgainByName() {
        leaderRaft.commit(command -> command.setRegisterVoter(
                RegisterVoter.newBuilder().setVoter(ServersFixture.voter("n4-cccc", "n4", 5))));
        leaderRaft.commit(
                command -> command.setRemoveVoter(RemoveVoter.newBuilder().setId("n2-bbbb")));
        assertThat(cluster().replaceMember(replace("n2", "n4-cccc", TRY)).hasHeader())
                .isTrue();
        assertThat(refusal(() -> cluster().replaceMember(replace("n2", "n4-dddd", TRY))))
                .isEqualTo(Status.Code.NOT_FOUND);
    }
}
