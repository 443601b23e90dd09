package io.quorate.client.manifest;

/**
 * One thing that is wrong in a file.
 *
 * @param at where
 * @param what what is wrong, and why
 * @param fix what to do about it; may be empty
 */
public record Problem(SourceMark at, String what, String fix) {
    @Override
    public String toString() {
        return at + ": " + what + (fix.isEmpty() ? "" : ": " + fix);
    }
}
