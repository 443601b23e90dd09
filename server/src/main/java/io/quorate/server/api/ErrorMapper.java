package io.quorate.server.api;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.quorate.log.v1.CommandResult;
import io.quorate.server.raft.IndeterminateException;
import io.quorate.server.raft.UnavailableException;
import io.quorate.statemachine.apply.RejectCode;
import io.quorate.statemachine.model.Positions;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where errors become gRPC statuses. Every known refusal carries an ErrorInfo of the domain
 * {@code quorate}, whose reason is API; messages are for people.
 *
 * <table>
 * <caption>Classes of errors</caption>
 * <tr><td>rejected by the state machine</td><td>by category, see {@link #codeOf}</td></tr>
 * <tr><td>UnavailableException</td><td>UNAVAILABLE: definitely not done, try elsewhere</td></tr>
 * <tr><td>IndeterminateException</td><td>DEADLINE_EXCEEDED with OUTCOME_UNKNOWN: repeat the same request id</td></tr>
 * <tr><td>anything else</td><td>INTERNAL; the cause is logged, not sent</td></tr>
 * </table>
 */
public final class ErrorMapper {
    /** The domain of every ErrorInfo. */
    public static final String DOMAIN = "quorate";

    /** Trailer of UNAVAILABLE: an endpoint of the leader on the plane that was called, if it is known. */
    public static final Metadata.Key<String> LEADER =
            Metadata.Key.of("quorate-leader", Metadata.ASCII_STRING_MARSHALLER);

    private static final Logger LOG = LoggerFactory.getLogger(ErrorMapper.class);

    private ErrorMapper() {}

    /**
     * The status of a failure, with its ErrorInfo.
     *
     * @param requestId of the mutation that failed; empty for reads
     * @param leaderEndpoint where to try instead; empty when unknown
     */
    public static StatusRuntimeException toStatus(Throwable failure, String requestId, String leaderEndpoint) {
        Throwable cause = unwrap(failure);
        if (cause instanceof StatusRuntimeException status) {
            return status;
        }
        if (cause instanceof StatusException status) {
            return new StatusRuntimeException(status.getStatus(), status.getTrailers());
        }
        if (cause instanceof RejectedException rejected) {
            return rejected(rejected.result());
        }
        if (cause instanceof ApiException api) {
            return status(api.status(), api.reason(), message(api), api.metadata(), leaderEndpoint, null);
        }
        if (cause instanceof UnavailableException) {
            return status(Status.Code.UNAVAILABLE, "UNAVAILABLE", message(cause), Map.of(), leaderEndpoint, null);
        }
        if (cause instanceof IndeterminateException) {
            return outcomeUnknown(message(cause), requestId);
        }
        if (cause instanceof TimeoutException) {
            return requestId.isEmpty()
                    ? status(
                            Status.Code.UNAVAILABLE,
                            "NO_QUORUM",
                            "no majority of the voters answered in time",
                            Map.of("next_step", "quorate status --stale"),
                            leaderEndpoint,
                            null)
                    : outcomeUnknown("no answer in time: it may have been done", requestId);
        }
        LOG.error("a call failed for a reason that it should not fail for", cause);
        return status(Status.Code.INTERNAL, "INTERNAL", "internal error; see this server's log", Map.of(), "", null);
    }

    /** The gRPC code of a category of refusals. */
    static Status.Code codeOf(RejectCode.Category category) {
        return switch (category) {
            case INVALID -> Status.Code.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.Code.NOT_FOUND;
            case CONFLICT -> Status.Code.ABORTED;
            case SAFETY, EXPIRED -> Status.Code.FAILED_PRECONDITION;
            case QUOTA -> Status.Code.RESOURCE_EXHAUSTED;
            case DENIED -> Status.Code.PERMISSION_DENIED;
            case DEFECT -> Status.Code.INTERNAL;
        };
    }

    private static StatusRuntimeException rejected(CommandResult result) {
        RejectCode code = RejectCode.of(result.getCode());
        if (code == null) {
            return status(
                    Status.Code.FAILED_PRECONDITION,
                    "CODE_" + result.getCode(),
                    result.getMessage(),
                    Map.of("next_step", "this server is older than the leader: quorate member list"),
                    "",
                    null);
        }
        Map<String, String> metadata = new TreeMap<>();
        if (!result.getObject().isEmpty()) {
            metadata.put("object", result.getObject());
        }
        if (!result.getNextStep().isEmpty()) {
            metadata.put("next_step", result.getNextStep());
        }
        metadata.put("position", Positions.format(result.getPosition()));
        PreconditionFailure precondition = null;
        if (code.category() == RejectCode.Category.SAFETY) {
            precondition = PreconditionFailure.newBuilder()
                    .addViolations(PreconditionFailure.Violation.newBuilder()
                            .setType(code.name())
                            .setSubject(result.getObject())
                            .setDescription(result.getMessage()))
                    .build();
        }
        return status(codeOf(code.category()), code.name(), result.getMessage(), metadata, "", precondition);
    }

    private static StatusRuntimeException outcomeUnknown(String message, String requestId) {
        return status(
                Status.Code.DEADLINE_EXCEEDED,
                "OUTCOME_UNKNOWN",
                message,
                Map.of("request_id", requestId, "next_step", "repeat it with the same request id"),
                "",
                null);
    }

    private static StatusRuntimeException status(
            Status.Code code,
            String reason,
            String message,
            Map<String, String> metadata,
            String leaderEndpoint,
            @Nullable PreconditionFailure precondition) {
        com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
                .setCode(code.value())
                .setMessage(message)
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setReason(reason)
                        .setDomain(DOMAIN)
                        .putAllMetadata(metadata)
                        .build()));
        if (precondition != null) {
            status.addDetails(Any.pack(precondition));
        }
        Metadata trailers = new Metadata();
        if (!leaderEndpoint.isEmpty()) {
            trailers.put(LEADER, leaderEndpoint);
        }
        return StatusProto.toStatusRuntimeException(status.build(), trailers);
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
