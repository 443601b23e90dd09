package io.quorate.client;

import org.jspecify.annotations.Nullable;

/**
 * A call did not succeed. The message is one line for people; {@link #code()} is stable and for programs.
 *
 * <p>Every part beside category, code and message is empty when the server did not say it.
 */
public final class QuorateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Category category;
    private final String code;
    private final String object;
    private final String nextStep;
    private final String requestId;
    private final String location;

    private QuorateException(Builder builder) {
        super(builder.message, builder.cause);
        this.category = builder.category;
        this.code = builder.code;
        this.object = builder.object;
        this.nextStep = builder.nextStep;
        this.requestId = builder.requestId;
        this.location = builder.location;
    }

    public static Builder of(Category category, String code, String message) {
        return new Builder(category, code, message);
    }

    /** The calling thread stays interrupted. */
    static QuorateException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return of(Category.ERROR, "INTERRUPTED", "interrupted").cause(cause).build();
    }

    public Category category() {
        return category;
    }

    /** The reason code, such as {@code STALE_READ}. */
    public String code() {
        return code;
    }

    /** The object that it is about, such as {@code resources/web}. */
    public String object() {
        return object;
    }

    /** A command that helps. */
    public String nextStep() {
        return nextStep;
    }

    /** By what the request may be repeated without being done twice: the text of a {@link RequestId}. */
    public String requestId() {
        return requestId;
    }

    /** Where in a file the cause is written: {@code web.yaml:17:12}. */
    public String location() {
        return location;
    }

    public int exitCode() {
        return category.exitCode();
    }

    /** The plain message, never null. */
    public String text() {
        String message = getMessage();
        return message == null ? code : message;
    }

    /** Collects the parts of an exception. */
    public static final class Builder {
        private final Category category;
        private final String code;
        private final String message;
        private String object = "";
        private String nextStep = "";
        private String requestId = "";
        private String location = "";
        private @Nullable Throwable cause;

        private Builder(Category category, String code, String message) {
            this.category = category;
            this.code = code;
            this.message = message;
        }

        public Builder object(String value) {
            this.object = value;
            return this;
        }

        public Builder nextStep(String value) {
            this.nextStep = value;
            return this;
        }

        public Builder requestId(String value) {
            this.requestId = value;
            return this;
        }

        public Builder location(String value) {
            this.location = value;
            return this;
        }

        public Builder cause(@Nullable Throwable value) {
            this.cause = value;
            return this;
        }

        public QuorateException build() {
            return new QuorateException(this);
        }
    }
}
