package io.quorate.jepsen.real.check;

/**
 * A register as a server showed it, in whatever kind of read.
 *
 * @param by who read, and how
 * @param served revision of the state that answered
 * @param wanted revision below which it must not be
 * @param revision of the register's last change; 0 when it does not exist
 * @param returnedNanos when it was answered, on the kernel's monotonic clock
 */
public record Read(String by, String key, long served, long wanted, long revision, String value, long returnedNanos) {}
