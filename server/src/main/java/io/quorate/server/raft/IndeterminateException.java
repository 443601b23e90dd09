package io.quorate.server.raft;

/** What was asked may have been done. Only the same request id, asked again, tells. */
public final class IndeterminateException extends Exception {

    private static final long serialVersionUID = 1;

    public IndeterminateException(String message) {
        super(message);
    }
}
