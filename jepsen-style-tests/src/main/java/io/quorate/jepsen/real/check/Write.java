package io.quorate.jepsen.real.check;

/**
 * A write that was acknowledged.
 *
 * @param object as watches name what it changed, such as {@code nodes/n1}
 * @param key of the register
 * @param revision at which it took effect
 * @param invokedNanos when it was asked for, on the kernel's monotonic clock
 */
public record Write(String object, String key, long revision, String value, long invokedNanos) {}
