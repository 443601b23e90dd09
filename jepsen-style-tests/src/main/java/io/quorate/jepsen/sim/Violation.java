package io.quorate.jepsen.sim;

/** Something happened that must not. */
final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1;

    Violation(String message) {
        super(message);
    }
}
