package io.quorate.server.tls;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a host needs to join: {@code qj1.ID.SECRET.FINGERPRINT}. The fingerprint tells the joining side whom to trust,
 * the secret tells the cluster whom to accept; only a digest of the secret is kept in the state.
 *
 * @param fingerprint SHA-256 of the peer CA's certificate, hexadecimal
 */
public record JoinToken(String id, String secret, String fingerprint) {
    private static final Pattern FORM = Pattern.compile("qj1\\.([a-z0-9]{8})\\.([A-Za-z0-9_-]{32})\\.([0-9a-f]{64})");
    private static final String ID_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
    private static final int ID_LENGTH = 8;
    private static final int SECRET_BYTES = 24;

    public static JoinToken random(String fingerprint) {
        SecureRandom random = new SecureRandom();
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_LETTERS.charAt(random.nextInt(ID_LETTERS.length())));
        }
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        return new JoinToken(
                id.toString(), Base64.getUrlEncoder().withoutPadding().encodeToString(secret), fingerprint);
    }

    /** Throws IllegalArgumentException, without repeating the token. */
    public static JoinToken parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a join token: expected qj1.ID.SECRET.FINGERPRINT");
        }
        return new JoinToken(matcher.group(1), matcher.group(2), matcher.group(3));
    }

    /** What the state keeps of the secret. */
    public byte[] secretDigest() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new TlsException("this Java has no SHA-256", e);
        }
    }

    public String format() {
        return "qj1." + id + "." + secret + "." + fingerprint;
    }

    @Override
    public String toString() {
        return "qj1." + id + ".…";
    }
}
