package io.quorate.jepsen.check;

/** Calls of a register, with their answers. */
public sealed interface RegisterCall {
    /** What a register holds before anything is written. */
    String NIL = "nil";

    record Read(String value) implements RegisterCall {}

    record Write(String value) implements RegisterCall {}

    /** Compare and set; {@code done} says whether the value was {@code from}. */
    record CompareAndSet(String from, String to, boolean done) implements RegisterCall {}
}
