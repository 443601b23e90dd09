package io.quorate.jepsen.real.fault;

/**
 * Something bad that happens to the cluster for a while. An object is one occurrence; its methods are called in this order, by one
 * thread: fire once, evidence any number of times, heal once.
 */
public interface Fault {
    /** Injects it, and says to whom. */
    String fire(Ground ground);

    /** What shows that it took effect; empty as long as nothing does. */
    String evidence(Ground ground);

    /** Takes it away; whatever else has happened to its host meanwhile. */
    void heal(Ground ground);
}
