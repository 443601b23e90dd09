package io.quorate.client.cli;

import io.quorate.client.Category;
import io.quorate.client.QuorateException;

/** Errors for people: what happened and why on one line, what to do on the next. */
final class ErrorText {
    private ErrorText() {}

    static String of(QuorateException error) {
        StringBuilder text = new StringBuilder(word(error.category())).append(": ");
        if (!error.location().isEmpty() && !error.text().startsWith(error.location())) {
            text.append(error.location()).append(": ");
        }
        text.append(error.text().strip());
        if (!error.code().isEmpty() && !error.text().contains(error.code())) {
            text.append("    ").append(error.code());
        }
        text.append('\n');
        if (error.category() == Category.OUTCOME_UNKNOWN && !error.requestId().isEmpty()) {
            text.append("       request id ").append(error.requestId()).append('\n');
        }
        if (!error.nextStep().isEmpty()) {
            text.append("       ").append(error.nextStep()).append('\n');
        }
        return text.toString();
    }

    static String unexpected(Exception failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    private static String word(Category category) {
        return switch (category) {
            case ERROR, INVALID -> "error";
            case NOT_FOUND -> "not found";
            case CONFLICT -> "conflict";
            case UNAVAILABLE -> "not done";
            case REFUSED -> "refused";
            case TIMED_OUT -> "timed out";
            case OUTCOME_UNKNOWN -> "outcome unknown";
        };
    }
}
