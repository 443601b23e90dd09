package io.quorate.e2e.lab;

/** The suite itself cannot go on: a command of the machine failed, a host did not come up. */
public final class LabException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LabException(String message) {
        super(message);
    }

    public LabException(String message, Throwable cause) {
        super(message, cause);
    }
}
