package io.quorate.server.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** Certificates and unencrypted PKCS #8 keys in PEM files. */
public final class Pem {
    private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String KEY_END = "-----END PRIVATE KEY-----";
    private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private Pem() {}

    /** The certificates of a file, leaf first. */
    public static List<X509Certificate> certificates(Path file) {
        try {
            return certificates(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new TlsException("cannot read " + file + ": " + e.getMessage(), e);
        } catch (CertificateException e) {
            throw new TlsException(file + " holds no certificate: " + e.getMessage(), e);
        }
    }

    public static List<X509Certificate> certificates(byte[] pem) throws CertificateException {
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate certificate :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
            chain.add((X509Certificate) certificate);
        }
        if (chain.isEmpty()) {
            throw new CertificateException("no certificate found");
        }
        return chain;
    }

    /** An EC or RSA key from an unencrypted PKCS #8 file. */
    public static PrivateKey key(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new TlsException("cannot read " + file + ": " + e.getMessage(), e);
        }
        int begin = text.indexOf(KEY_BEGIN);
        int end = text.indexOf(KEY_END);
        if (begin < 0 || end < begin) {
            throw new TlsException(
                    file + " is not an unencrypted PKCS #8 key; convert it: openssl pkcs8 -topk8 -nocrypt");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(text.substring(begin + KEY_BEGIN.length(), end));
        } catch (IllegalArgumentException e) {
            throw new TlsException(file + " is damaged: " + e.getMessage(), e);
        }
        for (String algorithm : List.of("EC", "RSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                // the encoding names its algorithm: the next one may be it
            }
        }
        throw new TlsException(file + " holds neither an EC nor an RSA key");
    }

    public static String encode(List<X509Certificate> chain) {
        StringBuilder pem = new StringBuilder();
        try {
            for (X509Certificate certificate : chain) {
                pem.append("-----BEGIN CERTIFICATE-----\n")
                        .append(BASE64.encodeToString(certificate.getEncoded()))
                        .append("\n-----END CERTIFICATE-----\n");
            }
        } catch (CertificateException e) {
            throw new TlsException("a certificate cannot be encoded", e);
        }
        return pem.toString();
    }

    public static String encode(PrivateKey key) {
        return KEY_BEGIN + "\n" + BASE64.encodeToString(key.getEncoded()) + "\n" + KEY_END + "\n";
    }

    /** Writes a file that only its owner can read, in one step: a reader sees the old or the new content. */
    public static void writePrivate(Path file, String content) throws IOException {
        write(file, content, PosixFilePermissions.fromString("rw-------"));
    }

    /** Writes a file that everybody may read, in one step. */
    public static void writePublic(Path file, String content) throws IOException {
        write(file, content, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static void write(Path file, String content, Set<PosixFilePermission> mode) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IOException(file + " has no directory");
        }
        Files.createDirectories(directory);
        // created private, so that a key is never readable, not even before its mode is set
        Path temporary = Files.createTempFile(directory, ".write", ".tmp");
        try {
            Files.writeString(temporary, content);
            Files.setPosixFilePermissions(temporary, mode);
            // on the disk before its name is: a power cut leaves the old or the new content, never an empty file
            sync(temporary, StandardOpenOption.WRITE);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(directory, StandardOpenOption.READ);
    }

    private static void sync(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }

    /** SHA-256 of the encoded certificate, in lower-case hexadecimal digits. */
    public static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new TlsException("a certificate cannot be hashed", e);
        }
    }
}
