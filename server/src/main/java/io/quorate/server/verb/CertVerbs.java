package io.quorate.server.verb;

import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.Pem;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs {@code quorate cert …}: a small authority for a small site. */
public final class CertVerbs {
    private CertVerbs() {}

    private abstract static class CertVerb extends HostVerb {
        @Option(names = "--pki", paramLabel = "DIR", description = "Default: ${DEFAULT-VALUE}")
        Path pki = ServerConfig.DEFAULT_PKI;

        CertVerb(CliContext context) {
            super(context);
        }

        Instant now() {
            return Instant.ofEpochMilli(context().nowMillis());
        }
    }

    /** {@code quorate cert init-ca}. */
    @Command(description = "Make the two authorities: for nodes, and for clients.")
    public static final class InitCa extends CertVerb {
        @Option(names = "--cluster", required = true, paramLabel = "NAME", description = "Shown in the certificates")
        @SuppressWarnings("NullAway.Init")
        private String cluster;

        public InitCa(CliContext context) {
            super(context);
        }

        @Override
        int run() throws IOException {
            Pki files = new Pki(pki);
            files.createAuthorities(cluster, now());
            for (Pki.Authority authority : Pki.Authority.values()) {
                Path file = files.certificateOf(authority);
                say(file + "  sha256:" + Pem.fingerprint(Pem.certificates(file).get(0)));
            }
            return ExitCodes.OK;
        }
    }

    /** {@code quorate cert issue}. */
    @Command(
            description = "Make a key and a certificate, signed by the authority in --pki.",
            footer = {
                "",
                "Examples: quorate cert issue server n2 --address 10.0.0.2 --out ./n2-pki",
                "          quorate cert issue client alice"
            })
    public static final class Issue extends CertVerb {
        @Parameters(index = "0", paramLabel = "server|node|client", description = "For a voter, an agent, a person")
        @SuppressWarnings("NullAway.Init")
        private Role role;

        @Parameters(index = "1", paramLabel = "NAME", description = "Of the node, or of the person")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Option(names = "--address", split = ",", paramLabel = "IP", description = "Where it is reached")
        private List<String> addresses = new ArrayList<>();

        @Option(names = "--out", paramLabel = "DIR", description = "Where to put it; default: --pki")
        private @org.jspecify.annotations.Nullable Path out;

        public Issue(CliContext context) {
            super(context);
        }

        @Override
        int run() throws IOException {
            Pki authority = new Pki(pki);
            Pki target = new Pki(out == null ? pki : out);
            if (role == Role.CLIENT) {
                authority.issueClient(target, name, now());
                say(target.clientCertificate(name) + "  " + target.clientKey(name));
            } else {
                CertificateIdentity identity = new CertificateIdentity(role, name);
                target.requireFreeFor(identity, "put it elsewhere: " + elsewhere());
                authority.issueNode(target, identity, addresses, now());
                say(target.nodeCertificate() + "  " + target.nodeKey());
            }
            return ExitCodes.OK;
        }

        private String elsewhere() {
            String where = addresses.isEmpty() ? "" : " --address " + String.join(",", addresses);
            return "quorate cert issue %s %s%s --out ./%s-pki"
                    .formatted(role.name().toLowerCase(Locale.ROOT), name, where, name);
        }
    }

    /** {@code quorate cert ls}. */
    @Command(description = "The certificates of this host, and until when they are valid.")
    public static final class Ls extends CertVerb {
        private static final Duration WARN = Duration.ofDays(30);

        public Ls(CliContext context) {
            super(context);
        }

        @Override
        int run() throws IOException {
            List<Path> files = new ArrayList<>();
            if (Files.isDirectory(pki)) {
                try (Stream<Path> all = Files.walk(pki, 2)) {
                    all.filter(file -> file.toString().endsWith(".crt"))
                            .sorted()
                            .forEach(files::add);
                }
            }
            if (files.isEmpty()) {
                throw new TlsException("no certificates in " + pki);
            }
            for (Path file : files) {
                X509Certificate leaf = Pem.certificates(file).get(0);
                Instant until = leaf.getNotAfter().toInstant();
                String state =
                        until.isBefore(now()) ? "EXPIRED" : until.isBefore(now().plus(WARN)) ? "expires soon" : "ok";
                say("%-12s  %s  until %s  %s"
                        .formatted(
                                state,
                                file,
                                until,
                                leaf.getSubjectX500Principal().getName()));
            }
            return ExitCodes.OK;
        }
    }

    /** {@code quorate cert renew}. */
    @Command(
            description =
                    "Make this host's certificate anew, for the same name and addresses; servers read it at once.")
    public static final class Renew extends CertVerb {
        public Renew(CliContext context) {
            super(context);
        }

        @Override
        int run() throws IOException {
            Pki files = new Pki(pki);
            X509Certificate old = Pem.certificates(files.nodeCertificate()).get(0);
            CertificateIdentity identity = CertificateIdentity.of(old)
                    .orElseThrow(() -> new TlsException(files.nodeCertificate() + " is not of this product"));
            files.issueNode(identity, addresses(old), now());
            say("%s for %s %s until %s"
                    .formatted(
                            files.nodeCertificate(),
                            identity.role().name().toLowerCase(Locale.ROOT),
                            identity.name(),
                            Pem.certificates(files.nodeCertificate())
                                    .get(0)
                                    .getNotAfter()
                                    .toInstant()));
            return ExitCodes.OK;
        }

        private static List<String> addresses(X509Certificate certificate) {
            List<String> addresses = new ArrayList<>();
            try {
                Collection<List<?>> names = certificate.getSubjectAlternativeNames();
                if (names != null) {
                    names.forEach(name -> addresses.add(String.valueOf(name.get(1))));
                }
            } catch (CertificateParsingException e) {
                throw new TlsException("the names in the old certificate cannot be read", e);
            }
            return addresses;
        }
    }
}
