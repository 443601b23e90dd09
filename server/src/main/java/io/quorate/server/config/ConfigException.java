package io.quorate.server.config;

/** A configuration that a process must not start with; the message names the key and what it should be. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }
}
