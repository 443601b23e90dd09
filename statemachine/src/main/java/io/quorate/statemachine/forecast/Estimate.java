package io.quorate.statemachine.forecast;

/**
 * How long something takes.
 *
 * @param samples measurements behind it; 0: a timeout or a setting, so at most
 */
record Estimate(long millis, int samples) {
    static final Estimate NOTHING = new Estimate(0, Integer.MAX_VALUE);

    /** One after the other: known no better than the worse known of them. */
    Estimate then(Estimate other) {
        return new Estimate(millis + other.millis, Math.min(samples, other.samples));
    }
}
