package io.quorate.statemachine.cib;

/**
 * What became of one thing that a CIB says when it was imported.
 *
 * @param line where it stands, from 1; 0 when it stands nowhere
 * @param subject what it is: {@code primitive vip}, {@code option stonith-action}
 * @param protective whether it protects data, so that losing it is not a matter of taste
 * @param text how it was kept or changed, or why it is not supported, and what to do
 */
public record Finding(int line, String subject, Verdict verdict, boolean protective, String text) {
    /** What became of it. */
    public enum Verdict {
        /** It means the same. */
        KEPT,
        /** It is there, in another form or with another effect. */
        CHANGED,
        /** It is not there. */
        NOT_SUPPORTED
    }

    /** Whether data are less protected than they were, unless somebody does something. */
    public boolean losesProtection() {
        return protective && verdict == Verdict.NOT_SUPPORTED;
    }
}
