package io.quorate.statemachine.cib;

/** A document that is no CIB, or whose meaning cannot be told. The message names the line where there is one. */
public final class CibException extends Exception {
    private static final long serialVersionUID = 1L;

    CibException(String message) {
        super(message);
    }

    CibException(int line, String message) {
        super("line " + line + ": " + message);
    }
}
