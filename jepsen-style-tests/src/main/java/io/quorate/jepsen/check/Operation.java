package io.quorate.jepsen.check;

/**
 * One call of a client, on one object.
 *
 * @param client who called; it has at most one operation at a time that is not open
 * @param call what was asked and, unless it is open, answered
 * @param called when, in any unit that grows
 * @param returned when it was answered, later than {@code called}; {@link #OPEN} when its outcome is not known
 * @param line of the file where it begins, 1 or more
 */
public record Operation<C>(String client, C call, long called, long returned, int line) {
    /** Of an operation that may take effect at any time after its call, or never. */
    public static final long OPEN = Long.MAX_VALUE;

    public Operation {
        if (returned <= called) {
            throw new IllegalArgumentException("an operation of " + client + " returns before it is called");
        }
    }

    public boolean isOpen() {
        return returned == OPEN;
    }

    /** As it was known before its answer came. */
    public Operation<C> opened() {
        return new Operation<>(client, call, called, OPEN, line);
    }
}
