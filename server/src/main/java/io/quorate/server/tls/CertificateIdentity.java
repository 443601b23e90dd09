package io.quorate.server.tls;

import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * For whom a certificate speaks: the organization says the role, the common name says who. Anything unusual (no or
 * several organizations or names, an unknown organization, a name outside the pattern) is nobody.
 */
public record CertificateIdentity(Role role, String name) {
    /** Roles, each of one certificate authority. */
    public enum Role {
        /** A person or a program; client CA. */
        CLIENT("quorate-client"),
        /** An agent; peer CA. */
        NODE("quorate-node"),
        /** A voter, and the agent on its host; peer CA. */
        SERVER("quorate-server");

        private final String organization;

        Role(String organization) {
            this.organization = organization;
        }

        String organization() {
            return organization;
        }
    }

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");

    public CertificateIdentity {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "' cannot be the name in a certificate");
        }
    }

    /** Empty when the certificate speaks for nobody that we know. */
    public static Optional<CertificateIdentity> of(X509Certificate certificate) {
        try {
            String organization = "";
            String name = "";
            int seen = 0;
            for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                seen++;
                if (rdn.getType().equalsIgnoreCase("O")) {
                    organization = String.valueOf(rdn.getValue());
                } else if (rdn.getType().equalsIgnoreCase("CN")) {
                    name = String.valueOf(rdn.getValue());
                }
            }
            if (seen != 2 || !NAME.matcher(name).matches()) {
                return Optional.empty();
            }
            String wanted = organization;
            String who = name;
            return Arrays.stream(Role.values())
                    .filter(role -> role.organization().equals(wanted))
                    .findFirst()
                    .map(role -> new CertificateIdentity(role, who));
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
    }
}
