package io.quorate.jepsen.check;

/** Calls of a text that grows, with their answers. */
public sealed interface AppendCall {
    record Get(String value) implements AppendCall {}

    record Put(String value) implements AppendCall {}

    record Append(String value) implements AppendCall {}
}
