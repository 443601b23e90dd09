package io.quorate.server.leader;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.IndeterminateException;
import io.quorate.server.raft.RaftPort;
import io.quorate.server.raft.UnavailableException;
import io.quorate.statemachine.apply.RejectCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Errors of the agent plane as gRPC statuses: UNAVAILABLE (definitely not done; trailer {@code quorate-leader} names the
 * leader's node endpoint when it is known), DEADLINE_EXCEEDED (may have been done; repeat the same request), and
 * FAILED_PRECONDITION with an ErrorInfo of domain {@code quorate} whose reason is the code of the refusal.
 */
final class AgentErrors {
    static final Metadata.Key<String> LEADER = Metadata.Key.of("quorate-leader", Metadata.ASCII_STRING_MARSHALLER);
    private static final Logger LOG = LoggerFactory.getLogger(AgentErrors.class);

    private final RaftPort raft;

    AgentErrors(RaftPort raft) {
        this.raft = raft;
    }

    StatusRuntimeException of(Throwable failure) {
        Throwable cause = Futures.unwrap(failure);
        if (cause instanceof StatusRuntimeException status) {
            return status;
        }
        if (cause instanceof UnavailableException unavailable) {
            return unavailable(String.valueOf(unavailable.getMessage()));
        }
        if (cause instanceof IndeterminateException) {
            return Status.DEADLINE_EXCEEDED
                    .withDescription("it may have been done: repeat the same request")
                    .asRuntimeException();
        }
        LOG.error("a call of an agent failed for a reason that it should not fail for", cause);
        return Status.INTERNAL
                .withDescription("internal error; see the server's log")
                .asRuntimeException();
    }

    StatusRuntimeException unavailable(String why) {
        Metadata trailers = new Metadata();
        String endpoint = leaderEndpoint();
        if (!endpoint.isEmpty()) {
            trailers.put(LEADER, endpoint);
        }
        return Status.UNAVAILABLE.withDescription(why).asRuntimeException(trailers);
    }

    private String leaderEndpoint() {
        return raft.leadership()
                .leaderOtherThan(raft.memberId())
                .map(raft.applied().voters()::get)
                .map(VoterRow::getNodeEndpoint)
                .orElse("");
    }

    static StatusRuntimeException refused(CommandResult result) {
        RejectCode code = RejectCode.of(result.getCode());
        return refused(
                code == null ? String.valueOf(result.getCode()) : code.name(),
                result.getMessage(),
                result.getNextStep());
    }

    static StatusRuntimeException refused(String reason, String message, String nextStep) {
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.FAILED_PRECONDITION.value())
                .setMessage(message)
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setReason(reason)
                        .setDomain("quorate")
                        .putMetadata("next_step", nextStep)
                        .build()))
                .build());
    }
}
