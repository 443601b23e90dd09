package io.quorate.server.raft;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What was asked was definitely not done, and may be asked again, here or elsewhere. */
public final class UnavailableException extends Exception {

    private static final long serialVersionUID = 1;

    private final @Nullable String leaderId;

    public UnavailableException(String message) {
        this(message, null);
    }

    public UnavailableException(String message, @Nullable String leaderId) {
        super(message);
        this.leaderId = leaderId;
    }

    /** The member that can do it, when it is known and not this one. */
    public Optional<String> leaderId() {
        return Optional.ofNullable(leaderId);
    }
}
