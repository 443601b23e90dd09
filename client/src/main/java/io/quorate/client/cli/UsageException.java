package io.quorate.client.cli;

/** The command line itself is wrong in a way that only the verb can see. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
