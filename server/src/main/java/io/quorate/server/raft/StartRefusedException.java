package io.quorate.server.raft;

import org.jspecify.annotations.Nullable;

/** This member must not start with what it found. The message says what is wrong and which command to run. */
public final class StartRefusedException extends Exception {

    private static final long serialVersionUID = 1;

    /** Why, as a stable name for logs and tests. */
    public enum Reason {
        NOT_INITIALIZED,
        FOREIGN_DIRECTORY,
        DIRECTORY_IN_USE,
        MEMORY_LOST,
        ROLLED_BACK,
        CORRUPT,
        ADDRESS_IN_USE,
        IO
    }

    private final Reason reason;

    public StartRefusedException(Reason reason, String message) {
        this(reason, message, null);
    }

    public StartRefusedException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
