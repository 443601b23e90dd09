package io.quorate.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One failed attempt: what it says about the outcome, and the error for the caller.
 *
 * @param outcome what is known about the request
 * @param error what to throw when this attempt was the last one
 */
record GrpcFailure(Outcome outcome, QuorateException error) {
    private static final String DOMAIN = "quorate";
    static final String REQUEST_EXPIRED = "REQUEST_EXPIRED";

    /**
     * The id is known with other content. After an attempt without an answer that was this very request: servers fill in
     * what a request cannot say (a new secret, the life of a node), and may not come to the same twice.
     */
    static final String REQUEST_ID_REUSED = "REQUEST_ID_REUSED";

    private static final String COMPARE_CERTIFICATES =
            "certificates here and there must be of one authority, and none expired; on a server: quorate cert ls";

    /** A request was sent and nobody answered. */
    static final String NO_ANSWER = "NO_ANSWER";

    /** No connection: nothing was sent. */
    static final String UNREACHABLE = "UNREACHABLE";

    static final String COMPACTED = "COMPACTED";

    /** What an attempt that failed says about the request. */
    enum Outcome {
        /** The cluster decided: asking again gives the same answer. */
        DECIDED,
        /** Definitely not done, and it may work elsewhere or later. */
        NOT_DONE,
        /** It may have been done. */
        UNKNOWN
    }

    /**
     * Reads the status of a failed attempt.
     *
     * @param sent whether anything of the request may have left this process
     */
    static GrpcFailure of(StatusRuntimeException failure, boolean sent, Endpoint endpoint) {
        ErrorInfo info = errorInfo(failure);
        Status status = failure.getStatus();
        if (info == null) {
            return ofTransport(status, failure, sent, endpoint);
        }
        Outcome outcome = switch (status.getCode()) {
            case UNAVAILABLE -> Outcome.NOT_DONE;
            case DEADLINE_EXCEEDED, UNKNOWN, CANCELLED, INTERNAL -> Outcome.UNKNOWN;
            default -> Outcome.DECIDED;
        };
        return new GrpcFailure(
                outcome,
                QuorateException.of(category(status.getCode()), info.getReason(), describe(status))
                        .object(info.getMetadataOrDefault("object", ""))
                        .nextStep(info.getMetadataOrDefault("next_step", ""))
                        .requestId(info.getMetadataOrDefault("request_id", ""))
                        .location(location(info))
                        .cause(failure)
                        .build());
    }

    private static GrpcFailure ofTransport(
            Status status, StatusRuntimeException failure, boolean sent, Endpoint endpoint) {
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, UNKNOWN, INTERNAL, ABORTED, DATA_LOSS, OK ->
                new GrpcFailure(
                        sent ? Outcome.UNKNOWN : Outcome.NOT_DONE,
                        QuorateException.of(
                                        Category.UNAVAILABLE,
                                        sent ? NO_ANSWER : UNREACHABLE,
                                        endpoint + ": " + transportText(status))
                                .nextStep(isOfTls(status.getCause()) ? COMPARE_CERTIFICATES : "")
                                .cause(failure)
                                .build());
            case UNIMPLEMENTED ->
                new GrpcFailure(
                        Outcome.DECIDED,
                        QuorateException.of(
                                        Category.ERROR,
                                        "UNIMPLEMENTED",
                                        endpoint + " does not know this call: is it an older server, or no server?")
                                .cause(failure)
                                .build());
            default ->
                new GrpcFailure(
                        Outcome.DECIDED,
                        QuorateException.of(
                                        category(status.getCode()),
                                        status.getCode().name(),
                                        describe(status))
                                .cause(failure)
                                .build());
        };
    }

    /** A stream that ended although it should not. */
    static QuorateException ended(Endpoint endpoint) {
        return QuorateException.of(Category.UNAVAILABLE, NO_ANSWER, endpoint + ": the stream ended early")
                .build();
    }

    /** Whether a server itself said it, and not only the absence of one. */
    static boolean isFromServer(QuorateException error) {
        return !error.code().equals(NO_ANSWER) && !error.code().equals(UNREACHABLE);
    }

    private static Category category(Status.Code code) {
        return switch (code) {
            case INVALID_ARGUMENT -> Category.INVALID;
            case NOT_FOUND, OUT_OF_RANGE -> Category.NOT_FOUND;
            case ABORTED, ALREADY_EXISTS -> Category.CONFLICT;
            case UNAVAILABLE -> Category.UNAVAILABLE;
            case FAILED_PRECONDITION, PERMISSION_DENIED, UNAUTHENTICATED, RESOURCE_EXHAUSTED -> Category.REFUSED;
            case DEADLINE_EXCEEDED -> Category.OUTCOME_UNKNOWN;
            case OK, CANCELLED, UNKNOWN, UNIMPLEMENTED, INTERNAL, DATA_LOSS -> Category.ERROR;
        };
    }

    private static String location(ErrorInfo info) {
        String source = info.getMetadataOrDefault("source", "");
        String line = info.getMetadataOrDefault("line", "");
        String column = info.getMetadataOrDefault("column", "");
        if (source.isEmpty() || line.isEmpty() || line.equals("0")) {
            return source;
        }
        return source + ":" + line + (column.isEmpty() || column.equals("0") ? "" : ":" + column);
    }

    private static boolean isOfTls(@Nullable Throwable failure) {
        return failure != null
                && (failure instanceof SSLException
                        || failure instanceof CertificateException
                        || isOfTls(failure.getCause()));
    }

    private static String transportText(Status status) {
        Throwable root = status.getCause();
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        if (root != null && root.getMessage() != null) {
            return String.valueOf(root.getMessage());
        }
        return status.getCode() == Status.Code.DEADLINE_EXCEEDED ? "no answer in time" : describe(status);
    }

    private static String describe(Status status) {
        String description = status.getDescription();
        return description == null ? status.getCode().name() : description;
    }

    private static @Nullable ErrorInfo errorInfo(StatusRuntimeException failure) {
        com.google.rpc.Status rich = StatusProto.fromThrowable(failure);
        if (rich == null) {
            return null;
        }
        for (Any detail : rich.getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                try {
                    ErrorInfo info = detail.unpack(ErrorInfo.class);
                    return info.getDomain().equals(DOMAIN) ? info : null;
                } catch (InvalidProtocolBufferException e) {
                    return null;
                }
            }
        }
        return null;
    }
}
