package io.quorate.statemachine.command;

/** NO-SKIP: something in the log is unknown to this version. The replica must halt, never skip it. */
public final class UnknownCommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnknownCommandException(String message) {
        super(message);
    }
}
