package io.quorate.statemachine.apply;

/**
 * A refusal as a value.
 *
 * @param object key of the object that it is about; empty = none
 * @param nextStep a command line, or empty
 */
public record Rejection(RejectCode code, String message, String object, String nextStep) {
    public static Rejection of(RejectCode code, String object, String message) {
        return new Rejection(code, message, object, "");
    }

    public Rejection withNextStep(String command) {
        return new Rejection(code, message, object, command);
    }
}
