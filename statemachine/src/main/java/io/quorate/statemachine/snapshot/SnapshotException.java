package io.quorate.statemachine.snapshot;

/** A snapshot that must not be used: its message says what is wrong with it. */
public final class SnapshotException extends Exception {
    private static final long serialVersionUID = 1L;

    public SnapshotException(String message) {
        super(message);
    }

    public SnapshotException(String message, Throwable cause) {
        super(message, cause);
    }
}
