package io.quorate.server.agent.exec;

/** This node will not run what it was asked to run: a bad name, an unsafe file, a missing agent. Says what to fix. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    public RefusedException(String message) {
        this(message, ExitCodes.ERR_ARGS);
    }

    /** A refusal of a kind that an OCF code tells, such as {@link ExitCodes#ERR_INSTALLED}. */
    public RefusedException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
