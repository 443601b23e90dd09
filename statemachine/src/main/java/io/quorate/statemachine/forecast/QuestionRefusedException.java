package io.quorate.statemachine.forecast;

import io.quorate.log.v1.CommandResult;

/** What is supposed to happen would be refused: there is nothing to forecast. */
public final class QuestionRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient CommandResult result;

    public QuestionRefusedException(CommandResult result) {
        super(result.getMessage());
        this.result = result;
    }

    /** The refusal, as the rules of apply give it. */
    public CommandResult result() {
        return result;
    }
}
