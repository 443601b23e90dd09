package io.quorate.statemachine.model;

/**
 * One rule that an object breaks, as a value: pure checks return lists of these.
 *
 * @param index which of the checked manifests, from 0
 * @param field path of the field as people write it in files, "placement.prefer.n1"; empty = the object as a whole
 * @param message what is wrong, and why
 * @param nextStep what to do about it; empty when the message says it all
 * @param related index of another manifest that the message is about, or -1
 */
public record Violation(int index, String field, String message, String nextStep, int related) {
    /** The message and the next step as one line. */
    public String text() {
        return nextStep.isEmpty() ? message : message + ": " + nextStep;
    }
}
