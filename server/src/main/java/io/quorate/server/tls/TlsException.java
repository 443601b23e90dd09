package io.quorate.server.tls;

/** Certificates or keys cannot be used as they are. The message says which file, why, and what to do. */
public final class TlsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TlsException(String message) {
        super(message);
    }

    public TlsException(String message, Throwable cause) {
        super(message, cause);
    }
}
