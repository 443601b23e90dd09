package io.quorate.server.verb;

import io.quorate.log.v1.VoterRow;
import io.quorate.server.config.ConfigException;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.tls.Pem;
import io.quorate.server.tls.Pki;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The configuration files that init, join and restore write for a host. */
final class HostFiles {
    private HostFiles() {}

    /** A server's configuration; everything that is not said here has its default. */
    static ServerConfig server(String node, Path data, VoterAddresses own, Optional<Path> pki) {
        return new ServerConfig(
                node,
                data.toAbsolutePath(),
                own.host(),
                own.apiPort(),
                ServerConfig.raftPortOf(own.apiPort()),
                ServerConfig.nodePortOf(own.apiPort()),
                ServerConfig.LOOPBACK,
                ServerConfig.httpPortOf(own.apiPort()),
                pki.map(Path::toAbsolutePath),
                ServerConfig.DEFAULT_ELECTION_MIN,
                ServerConfig.DEFAULT_ELECTION_MAX);
    }

    /** Writes server.yaml, and agent.yaml beside it. */
    static void write(Path serverFile, ServerConfig server, List<VoterRow> voters) throws IOException {
        Pem.writePublic(serverFile, server.toYaml());
        writeAgent(agentFile(serverFile), server.node(), server.pki(), voters);
    }

    /** Where the agent's file is when the server's is there. */
    static Path agentFile(Path serverFile) {
        return serverFile.resolveSibling("agent.yaml");
    }

    static void writeAgent(Path file, String node, Optional<Path> pki, List<VoterRow> voters) throws IOException {
        StringBuilder yaml = new StringBuilder("node: ").append(node).append("\nservers:\n");
        voters.forEach(
                voter -> yaml.append("  - \"").append(voter.getNodeEndpoint()).append("\"\n"));
        pki.ifPresent(
                path -> yaml.append("pki: \"").append(path.toAbsolutePath()).append("\"\n"));
        Pem.writePublic(file, yaml.toString());
    }

    /** A context for the command line, with the certificate of {@code user}. */
    static void writeClient(Path file, String cluster, Pki pki, String user, List<VoterRow> voters) throws IOException {
        StringBuilder yaml = new StringBuilder(
                "current: \"%s\"\ncontexts:\n  \"%s\":\n    endpoints:\n".formatted(cluster, cluster));
        voters.forEach(voter ->
                yaml.append("      - \"").append(voter.getApiEndpoint()).append("\"\n"));
        line(yaml, "ca", pki.certificateOf(Pki.Authority.PEER));
        line(yaml, "certificate", pki.clientCertificate(user));
        line(yaml, "key", pki.clientKey(user));
        Pem.writePublic(file, yaml.toString());
    }

    private static void line(StringBuilder yaml, String key, Path value) {
        yaml.append("    ")
                .append(key)
                .append(": \"")
                .append(value.toAbsolutePath())
                .append("\"\n");
    }

    static void requireLoopback(Collection<VoterAddresses> addresses) throws IOException {
        for (VoterAddresses where : addresses) {
            if (!InetAddress.getByName(where.host()).isLoopbackAddress()) {
                throw new ConfigException("--loopback-plaintext, but " + where.host() + " is not loopback");
            }
        }
    }
}
