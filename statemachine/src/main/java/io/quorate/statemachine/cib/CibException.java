package io.quorate.statemachine.cib;

/** A document that is no CIB, or whose meaning cannot be told. The message begins with the line and column. */
public final class CibException extends Exception {
    private static final long serialVersionUID = 1L;

    CibException(Element.Place at, String message) {
        super(at + ": " + message);
    }
}
