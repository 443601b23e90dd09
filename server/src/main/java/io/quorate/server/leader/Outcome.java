package io.quorate.server.leader;

import io.quorate.log.v1.CommandResult;
import org.jspecify.annotations.Nullable;

/**
 * What became of a proposal: a verdict, or the reason why there is none.
 *
 * @param result the verdict; null when there is none
 * @param failure why there is no verdict; null otherwise
 */
record Outcome(@Nullable CommandResult result, @Nullable Throwable failure) {

    boolean isAccepted() {
        return result != null && result.getCode() == 0;
    }

    /** The refusal; null when it was accepted or nothing is known. */
    @Nullable
    CommandResult refusal() {
        return result != null && result.getCode() != 0 ? result : null;
    }
}
