package io.quorate.e2e;

/** Something that a case requires is not so: the case has failed. */
public final class CheckFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CheckFailedException(String message) {
        super(message);
    }
}
