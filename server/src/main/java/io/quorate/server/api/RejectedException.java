package io.quorate.server.api;

import io.quorate.log.v1.CommandResult;

/** The state machine refused a command: decided, deterministic, and definitely not done. */
public final class RejectedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient CommandResult result;

    public RejectedException(CommandResult result) {
        super(result.getMessage(), null, false, false);
        this.result = result;
    }

    public CommandResult result() {
        return result;
    }
}
