package io.quorate.e2e;

import java.time.Duration;

/**
 * A fault and what must follow. A new case is a class of {@code io.quorate.e2e.cases} with a line in {@code AllCases}. The suite
 * settles the cluster before it, checks the witness after it, and bounds its time.
 */
public abstract class Case {
    private static final Duration LIMIT = Duration.ofMinutes(8);

    private final String name;
    private final String title;

    /**
     * @param name as in "a2"
     * @param title what happens, in a few words
     */
    protected Case(String name, String title) {
        this.name = name;
        this.title = title;
    }

    public final String name() {
        return name;
    }

    public final String title() {
        return title;
    }

    /** The longest time that it may take. */
    public Duration limit() {
        return LIMIT;
    }

    /** Whether the cluster can be used by the next case; otherwise a new one is made for it. */
    public boolean clusterIsReusable() {
        return true;
    }

    /** Whether the cluster can be asked after it: not when its end is that the servers have halted. */
    public boolean historyIsReadable() {
        return true;
    }

    /**
     * Injects the fault through {@link Scene#fault} and checks what must follow. The service must answer at its end.
     *
     * @throws CheckFailedException when something is not as it must be
     * @throws TooSlowException when it showed nothing because the machine stalled
     */
    public abstract void play(Scene scene) throws Exception;
}
