package io.quorate.server.api;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.IndeterminateException;
import io.quorate.server.raft.Leadership;
import io.quorate.server.raft.RaftPort;
import io.quorate.server.raft.UnavailableException;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.Position;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** The cluster through this server's replica, and through the leader's server when another one leads. */
public final class ForwardingCluster implements ClusterPort {
    private final RaftPort raft;
    private final PeerClients peers;
    private final LeaderCalls leaderCalls;
    private final Executor executor;

    /** @param executor completes reads, so that answers are never made on the apply thread */
    public ForwardingCluster(RaftPort raft, PeerClients peers, LeaderCalls leaderCalls, Executor executor) {
        this.raft = raft;
        this.peers = peers;
        this.leaderCalls = leaderCalls;
        this.executor = executor;
    }

    @Override
    public CompletableFuture<CommandResult> propose(Command command) {
        if (leadsHere()) {
            return raft.propose(command);
        }
        return leaderEndpoint()
                .map(endpoint -> forwarded(peers.propose(endpoint, command), true))
                .orElseGet(ForwardingCluster::noLeader);
    }

    @Override
    public CompletableFuture<ClusterState> readLinearizable() {
        if (leadsHere()) {
            return raft.readLinearizable().thenApplyAsync(Function.identity(), executor);
        }
        return leaderEndpoint()
                .map(endpoint -> forwarded(peers.readBarrier(endpoint), false)
                        .thenCompose(raft::whenApplied)
                        .thenApplyAsync(Function.identity(), executor))
                .orElseGet(ForwardingCluster::noLeader);
    }

    @Override
    public <Q extends Message, A extends Message> CompletableFuture<A> onLeader(
            LeaderMethod<Q, A> method, Q request, Caller caller) {
        if (leadsHere()) {
            return leaderCalls.call(method, request, caller);
        }
        return leaderEndpoint()
                .map(endpoint -> forwarded(
                                peers.call(
                                        endpoint,
                                        method.name(),
                                        request.toByteString(),
                                        caller.actor(memberId()),
                                        method.limit()),
                                method.changes())
                        .thenApplyAsync(answer -> parse(method, answer), executor))
                .orElseGet(ForwardingCluster::noLeader);
    }

    private static <A extends Message> A parse(LeaderMethod<?, A> method, com.google.protobuf.ByteString answer) {
        try {
            return method.answers().parseFrom(answer);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the leader's answer to " + method.name() + " cannot be read", e);
        }
    }

    private boolean leadsHere() {
        return raft.leadership().role() == Leadership.Role.LEADER;
    }

    private Optional<String> leaderEndpoint() {
        return leader().map(VoterRow::getNodeEndpoint).filter(endpoint -> !endpoint.isEmpty());
    }

    private Optional<VoterRow> leader() {
        return raft.leadership()
                .leaderId()
                .filter(id -> !id.equals(raft.memberId()))
                .flatMap(id -> Optional.ofNullable(raft.applied().voters().get(id)));
    }

    private static <T> CompletableFuture<T> noLeader() {
        return CompletableFuture.failedFuture(
                new UnavailableException("no leader is known: no quorum, or an election"));
    }

    /**
     * Tells what a failed call to the leader means. The leader's own words pass unchanged; a connection that was never
     * made is Unavailable; anything else after a command was sent is Indeterminate.
     */
    private static <T> CompletableFuture<T> forwarded(CompletableFuture<T> call, boolean isCommand) {
        return call.exceptionallyCompose(failure -> {
            Throwable cause = ErrorMapper.unwrap(failure);
            if (!(cause instanceof StatusRuntimeException status) || isOurs(status)) {
                return CompletableFuture.failedFuture(cause);
            }
            if (!isCommand || status.getCause() instanceof ConnectException) {
                return CompletableFuture.failedFuture(
                        new UnavailableException("the leader cannot be reached from this server"));
            }
            if (status.getStatus().getCode() == Status.Code.PERMISSION_DENIED
                    || status.getStatus().getCode() == Status.Code.UNAUTHENTICATED) {
                return CompletableFuture.failedFuture(cause);
            }
            return CompletableFuture.failedFuture(
                    new IndeterminateException("the connection to the leader broke: it may have been done"));
        });
    }

    private static boolean isOurs(StatusRuntimeException failure) {
        com.google.rpc.Status status = StatusProto.fromThrowable(failure);
        return status != null && status.getDetailsList().stream().anyMatch(detail -> detail.is(ErrorInfo.class));
    }

    @Override
    public ClusterState applied() {
        return raft.applied();
    }

    @Override
    public CompletableFuture<ClusterState> whenApplied(Position atLeast) {
        return raft.whenApplied(atLeast).thenApplyAsync(Function.identity(), executor);
    }

    @Override
    public Leadership leadership() {
        return raft.leadership();
    }

    @Override
    public Duration sinceLeaderContact() {
        return raft.sinceLeaderContact();
    }

    @Override
    public String memberId() {
        return raft.memberId();
    }

    @Override
    public String leaderApiEndpoint() {
        return leader().map(VoterRow::getApiEndpoint).orElse("");
    }
}
