package io.quorate.server.api;

import io.grpc.Status;
import java.util.Map;

/**
 * A refusal that the server itself decides, before or without a command: nothing was done.
 *
 * <p>Carries the stable reason code and, in {@code metadata}, what the caller needs for its next step.
 */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Status.Code status;
    private final String reason;
    private final transient Map<String, String> metadata;

    /**
     * @param reason stable code in capitals, as in {@code COMPACTED}
     * @param metadata as in ErrorInfo: {@code object}, {@code position}, {@code next_step}, …
     */
    public ApiException(Status.Code status, String reason, String message, Map<String, String> metadata) {
        super(message, null, false, false);
        this.status = status;
        this.reason = reason;
        this.metadata = Map.copyOf(metadata);
    }

    static ApiException invalid(String message) {
        return new ApiException(Status.Code.INVALID_ARGUMENT, "INVALID", message, Map.of());
    }

    static ApiException notFound(String object) {
        return new ApiException(Status.Code.NOT_FOUND, "NOT_FOUND", "there is no " + object, Map.of("object", object));
    }

    /** It is there, and nothing runs of it. */
    static ApiException noService(String key) {
        return new ApiException(
                Status.Code.NOT_FOUND,
                "NOT_FOUND",
                key + " is no service: it runs nowhere",
                Map.of("object", key, "next_step", "quorate get " + key));
    }

    static ApiException unavailable(String reason, String message) {
        return new ApiException(Status.Code.UNAVAILABLE, reason, message, Map.of());
    }

    public Status.Code status() {
        return status;
    }

    public String reason() {
        return reason;
    }

    public Map<String, String> metadata() {
        return metadata;
    }
}
