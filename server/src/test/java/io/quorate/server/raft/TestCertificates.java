package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** One authority and certificates of nodes, for loopback. */
final class TestCertificates {

    private static final String PASSWORD = "changeit";

    private final Path root;

    TestCertificates(Path root) {
        this.root = root;
    }

    TestCertificates make(String... names) throws Exception {
        keytool("ca", List.of("-ext", "bc:c"));
        for (String name : names) {
            keytool(name, List.of("-signer", "ca", "-ext", "san=ip:127.0.0.1"));
        }
        return this;
    }

    private Path store() {
        return root.resolve("all.p12");
    }

    private void keytool(String name, List<String> more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-keyalg",
                "EC",
                "-storetype",
                "PKCS12",
                "-keystore",
                store().toString(),
                "-storepass",
                PASSWORD));
        command.addAll(more);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** What the node of that name is given. */
    RaftTls tls(String certificateName) {
        try (InputStream in = Files.newInputStream(store())) {
            KeyStore all = KeyStore.getInstance("PKCS12");
            all.load(in, PASSWORD.toCharArray());
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            own.setKeyEntry(
                    "own",
                    all.getKey(certificateName, PASSWORD.toCharArray()),
                    PASSWORD.toCharArray(),
                    all.getCertificateChain(certificateName));
            KeyStore authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, null);
            authorities.setCertificateEntry("ca", all.getCertificate("ca"));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, PASSWORD.toCharArray());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities);
            return new RaftTls(
                    keys.getKeyManagers()[0],
                    trust.getTrustManagers()[0],
                    (certificate, member) -> certificate
                            .getSubjectX500Principal()
                            .getName()
                            .equals("CN=" + DataDirectory.nameOf(member)));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
