package io.quorate.server.tls;

import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentVerifierProvider;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Signs certificates: EC P-256 with SHA-256. Keys of leaves never leave the host that made them, only requests do. */
public final class CertificateAuthority {
    /** Of an authority's own certificate. */
    public static final Duration CA_VALIDITY = Duration.ofDays(3_652);

    /** Of what it issues. */
    public static final Duration LEAF_VALIDITY = Duration.ofDays(365);

    /** Clocks of hosts differ a little: a new certificate is valid at once everywhere. */
    private static final Duration BACKDATED = Duration.ofMinutes(5);

    private static final String SIGNATURE = "SHA256withECDSA";
    private static final int HOST_NAME_CHARACTERS = 253;
    private static final Pattern HOST_NAME = Pattern.compile(
            "(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

    private final X509Certificate certificate;
    private final PrivateKey key;

    public CertificateAuthority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /** A new self-signed authority of this common name, valid from {@code now}. */
    public static CertificateAuthority create(String commonName, Instant now) {
        KeyPair pair = newKeyPair();
        X500Name name = name("quorate-ca", commonName);
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                serial(),
                Date.from(now.minus(BACKDATED)),
                Date.from(now.plus(CA_VALIDITY)),
                name,
                pair.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
            return new CertificateAuthority(sign(builder, pair.getPrivate()), pair.getPrivate());
        } catch (GeneralSecurityException | CertIOException e) {
            throw new TlsException("cannot make a certificate authority", e);
        }
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public PrivateKey key() {
        return key;
    }

    /**
     * Issues a certificate for the public key of {@code requested}; whatever else the request asks for is ignored.
     *
     * @param requested PKCS #10, DER
     * @param addresses names and addresses that it is reached at
     */
    public X509Certificate sign(byte[] requested, CertificateIdentity identity, List<String> addresses, Instant now) {
        return issue(requestedKey(requested), identity, addresses, now, LEAF_VALIDITY);
    }

    /** The public key of a PKCS #10 request, DER; TlsException when the request is none, or not signed by its key. */
    public static PublicKey requestedKey(byte[] requested) {
        try {
            JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(requested);
            PublicKey subject = request.getPublicKey();
            ContentVerifierProvider verifier = new JcaContentVerifierProviderBuilder().build(subject);
            if (!request.isSignatureValid(verifier)) {
                throw new TlsException("the certificate request is not signed by its own key");
            }
            return subject;
        } catch (IOException | GeneralSecurityException | OperatorException | PKCSException e) {
            throw new TlsException("not a certificate request that can be signed: " + e.getMessage(), e);
        }
    }

    /** Issues a certificate for a public key. */
    public X509Certificate issue(
            PublicKey subject, CertificateIdentity identity, List<String> addresses, Instant now, Duration validity) {
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                certificate,
                serial(),
                Date.from(now.minus(BACKDATED)),
                Date.from(now.plus(validity)),
                new javax.security.auth.x500.X500Principal(
                        "CN=" + identity.name() + ",O=" + identity.role().organization()),
                subject);
        try {
            JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, purposes(identity.role()));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, utils.createAuthorityKeyIdentifier(certificate));
            if (identity.role() != CertificateIdentity.Role.CLIENT) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternativeNames(identity, addresses));
            }
            return sign(builder, key);
        } catch (GeneralSecurityException | CertIOException e) {
            throw new TlsException("cannot issue a certificate for " + identity.name(), e);
        }
    }

    private static ExtendedKeyUsage purposes(CertificateIdentity.Role role) {
        return role == CertificateIdentity.Role.CLIENT
                ? new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth)
                : new ExtendedKeyUsage(
                        new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth});
    }

    /** The node's name, where it is reached, and loopback: tools on a server's host talk to it there. */
    private static GeneralNames alternativeNames(CertificateIdentity identity, List<String> addresses) {
        List<GeneralName> names = new ArrayList<>();
        names.add(new GeneralName(GeneralName.dNSName, identity.name()));
        List<String> all = new ArrayList<>(addresses);
        if (identity.role() == CertificateIdentity.Role.SERVER) {
            all.addAll(List.of("localhost", "127.0.0.1", "::1"));
        }
        all.stream()
                .distinct()
                .filter(address -> !address.equals(identity.name()))
                .forEach(address -> names.add(new GeneralName(
                        isInternetAddress(address) ? GeneralName.iPAddress : GeneralName.dNSName, address)));
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }

    /** Whether a certificate can say that its owner is reached there: an internet address or a host name. */
    public static boolean isAddress(String text) {
        return isInternetAddress(text)
                || (text.length() <= HOST_NAME_CHARACTERS
                        && HOST_NAME.matcher(text).matches());
    }

    private static boolean isInternetAddress(String text) {
        return text.indexOf('%') < 0 && InetAddresses.isInetAddress(text);
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey signer)
            throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(signer)));
        } catch (OperatorException e) {
            throw new GeneralSecurityException(e);
        }
    }

    /** A PKCS #10 request, DER, that proves possession of the key; names in it are not looked at. */
    public static byte[] request(KeyPair pair, String name) {
        try {
            return new JcaPKCS10CertificationRequestBuilder(name("quorate-request", name), pair.getPublic())
                    .build(new JcaContentSignerBuilder(SIGNATURE).build(pair.getPrivate()))
                    .getEncoded();
        } catch (OperatorException | IOException e) {
            throw new TlsException("cannot make a certificate request", e);
        }
    }

    /** A new EC P-256 pair. */
    public static KeyPair newKeyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new TlsException("this Java cannot make EC P-256 keys", e);
        }
    }

    private static X500Name name(String organization, String commonName) {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, organization)
                .addRDN(BCStyle.CN, commonName)
                .build();
    }

    private static BigInteger serial() {
        return new BigInteger(127, new SecureRandom());
    }
}
