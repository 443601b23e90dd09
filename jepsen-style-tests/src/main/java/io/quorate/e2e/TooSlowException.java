package io.quorate.e2e;

/** The machine was too slow for what a case shows: the case is played once more, as it then knows. */
public final class TooSlowException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TooSlowException(String message) {
        super(message);
    }
}
