package io.quorate.jepsen.check;

/** Calls of a lock whose holders get fencing tokens, with their answers. */
public sealed interface LockCall {
    /** The lock is given under a token above all before. */
    record Acquire(long token) implements LockCall {}

    /** Is told that another client holds the lock. */
    record Refused() implements LockCall {}

    /** Gives back the lock that was acquired under this token. */
    record Release(long token) implements LockCall {}

    /** Whether the lock is held under this token. */
    record Validate(long token, boolean held) implements LockCall {}
}
