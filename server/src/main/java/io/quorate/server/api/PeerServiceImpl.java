package io.quorate.server.api;

import io.grpc.stub.StreamObserver;
import io.quorate.log.v1.Actor;
import io.quorate.peer.v1.ForwardCallRequest;
import io.quorate.peer.v1.ForwardCallResponse;
import io.quorate.peer.v1.IntroduceVoterRequest;
import io.quorate.peer.v1.IntroduceVoterResponse;
import io.quorate.peer.v1.PeerServiceGrpc;
import io.quorate.peer.v1.ProposeCommandRequest;
import io.quorate.peer.v1.ProposeCommandResponse;
import io.quorate.peer.v1.ReadBarrierRequest;
import io.quorate.peer.v1.ReadBarrierResponse;
import io.quorate.server.raft.FirstVoters;
import io.quorate.server.raft.RaftPort;

/** The leader's side of forwarding. A server that does not lead answers UNAVAILABLE: it never forwards again. */
final class PeerServiceImpl extends PeerServiceGrpc.PeerServiceImplBase {
    private final RaftPort raft;
    private final FirstVoters firsts;
    private final LeaderCalls leaderCalls;
    private final Unary unary;

    PeerServiceImpl(RaftPort raft, FirstVoters firsts, LeaderCalls leaderCalls, Unary unary) {
        this.raft = raft;
        this.firsts = firsts;
        this.leaderCalls = leaderCalls;
        this.unary = unary;
    }

    @Override
    public void proposeCommand(ProposeCommandRequest request, StreamObserver<ProposeCommandResponse> observer) {
        if (request.getCommand().getActor().getKind() == Actor.Kind.KIND_LEADER
                || request.getCommand().getFormedInTerm() != 0) {
            // TermBound: a command that rests on a leader's own measurement never travels
            unary.answer(observer, () -> {
                throw ApiException.invalid("a leader's own command cannot be forwarded");
            });
            return;
        }
        unary.answer(
                observer,
                request.getCommand().getRequestId(),
                () -> raft.propose(request.getCommand())
                        .thenApply(result -> ProposeCommandResponse.newBuilder()
                                .setResult(result)
                                .build()));
    }

    @Override
    public void readBarrier(ReadBarrierRequest request, StreamObserver<ReadBarrierResponse> observer) {
        unary.answer(
                observer,
                () -> raft.readLinearizable()
                        .thenApply(state -> ReadBarrierResponse.newBuilder()
                                .setPosition(state.position())
                                .build()));
    }

    @Override
    public void forwardCall(ForwardCallRequest request, StreamObserver<ForwardCallResponse> observer) {
        Caller caller = new Caller(Caller.Role.CLIENT, request.getActor().getName());
        unary.answer(observer, () -> {
            if (!raft.leadership().isReadyLeader()) {
                throw ApiException.unavailable("NOT_LEADER", "this server does not lead");
            }
            return leaderCalls
                    .call(request.getMethod(), request.getRequest(), caller)
                    .thenApply(answer ->
                            ForwardCallResponse.newBuilder().setResponse(answer).build());
        });
    }

    @Override
    public void introduceVoter(IntroduceVoterRequest request, StreamObserver<IntroduceVoterResponse> observer) {
        RollCall.answer(firsts, request, observer);
    }
}
