package io.quorate.server.verb;

import io.quorate.log.v1.VoterRow;
import io.quorate.server.config.AgentConfig;
import io.quorate.server.config.AgentConfigFile;
import io.quorate.server.config.ConfigException;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.config.ServerConfigFile;
import io.quorate.server.tls.Pem;
import io.quorate.server.tls.Pki;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The configuration files that init, join and restore write for a host. One that is there already is the operator's: it
 * stays as it is, and one that contradicts what is set up now ends that before anything is done.
 */
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

    /**
     * Writes server.yaml, and agent.yaml beside it, where there is none.
     *
     * @return what to tell about the files that stay
     * @throws ConfigException as {@link #requireFitting}
     */
    static List<String> write(Path serverFile, ServerConfig server, List<VoterRow> voters) throws IOException {
        requireFitting(serverFile, server);
        List<String> kept = new ArrayList<>();
        if (Files.exists(serverFile)) {
            String listen = serverThere(serverFile).listen();
            kept.add(serverFile + " is kept as it is"
                    + (listen.equals(server.listen()) ? "" : ", with listen: " + listen));
        } else {
            Pem.writePublic(serverFile, server.toYaml());
        }
        kept.addAll(writeAgent(agentFile(serverFile), server.node(), server.pki(), voters));
        return kept;
    }

    /** Refuses files of another node, of another directory, or with ports that others do not expect. */
    static void requireFitting(Path serverFile, ServerConfig server) {
        if (Files.exists(serverFile)) {
            ServerConfig there = serverThere(serverFile);
            requireSame(serverFile, "node", there.node(), server.node());
            requireSame(serverFile, "data", absolute(there.data()), absolute(server.data()));
            requireSame(serverFile, "apiPort", there.apiPort(), server.apiPort());
            requireSame(serverFile, "raftPort", there.raftPort(), server.raftPort());
            requireSame(serverFile, "nodePort", there.nodePort(), server.nodePort());
            requireSame(serverFile, "pki", text(there.pki()), text(server.pki()));
        }
        requireFittingAgent(agentFile(serverFile), server.node(), server.pki());
    }

    private static ServerConfig serverThere(Path file) {
        return ServerConfigFile.read(file).toConfig(ServerConfigFile.Flags.none());
    }

    private static AgentConfig agentThere(Path file) {
        return AgentConfigFile.read(file).toConfig(AgentConfigFile.Flags.none());
    }

    private static void requireSame(Path file, String key, Object there, Object wanted) {
        if (!there.equals(wanted)) {
            throw new ConfigException(
                    "%s is there and says %s: %s, not %s: change that, move the file away, or name another --config"
                            .formatted(file, key, there, wanted));
        }
    }

    private static String text(Optional<Path> pki) {
        return pki.map(HostFiles::absolute).map(Path::toString).orElse("nothing");
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /** Where the agent's file is when the server's is there. */
    static Path agentFile(Path serverFile) {
        return serverFile.resolveSibling("agent.yaml");
    }

    /** As {@link #requireFitting}, for a host without a server. */
    static void requireFittingAgent(Path file, String node, Optional<Path> pki) {
        if (Files.exists(file)) {
            AgentConfig there = agentThere(file);
            requireSame(file, "node", there.node(), node);
            requireSame(file, "pki", text(there.pki()), text(pki));
        }
    }

    /** As {@link #write}, for a host without a server. */
    static List<String> writeAgent(Path file, String node, Optional<Path> pki, List<VoterRow> voters)
            throws IOException {
        requireFittingAgent(file, node, pki);
        List<String> servers = voters.stream().map(VoterRow::getNodeEndpoint).toList();
        if (Files.exists(file)) {
            List<String> named = agentThere(file).servers();
            String missing =
                    servers.stream().filter(server -> !named.contains(server)).collect(Collectors.joining(", "));
            return List.of(file + " is kept as it is"
                    + (missing.isEmpty() ? "" : "; its servers do not name " + missing + ": add what it should ask"));
        }
        StringBuilder yaml = new StringBuilder("node: ").append(node).append("\nservers:\n");
        servers.forEach(server -> yaml.append("  - \"").append(server).append("\"\n"));
        pki.ifPresent(
                path -> yaml.append("pki: \"").append(path.toAbsolutePath()).append("\"\n"));
        Pem.writePublic(file, yaml.toString());
        return List.of();
    }

    /**
     * Writes a context for the command line, with the certificate of {@code user}, where there is none.
     *
     * @return what to tell about the file, also that it was written: nobody would look for it
     */
    static List<String> writeClient(Path file, String cluster, Pki pki, String user, List<VoterRow> voters)
            throws IOException {
        if (Files.exists(file)) {
            return List.of(file + " is kept as it is");
        }
        StringBuilder yaml = new StringBuilder(
                "current: \"%s\"\ncontexts:\n  \"%s\":\n    endpoints:\n".formatted(cluster, cluster));
        voters.forEach(voter ->
                yaml.append("      - \"").append(voter.getApiEndpoint()).append("\"\n"));
        line(yaml, "ca", pki.certificateOf(Pki.Authority.PEER));
        line(yaml, "certificate", pki.clientCertificate(user));
        line(yaml, "key", pki.clientKey(user));
        Pem.writePublic(file, yaml.toString());
        return List.of("context for the command line: " + file
                + " (read from /etc/quorate/client.yaml; elsewhere, copy it to ~/.config/quorate/config.yaml)");
    }

    private static void line(StringBuilder yaml, String key, Path value) {
        yaml.append("    ")
                .append(key)
                .append(": \"")
                .append(value.toAbsolutePath())
                .append("\"\n");
    }

    /** What people must know of a group of several voters: it waits for each of them, and so for one that is lost too. */
    static Optional<String> beginsWith(Set<String> voters) {
        return voters.size() < 2
                ? Optional.empty()
                : Optional.of("nothing begins before each of %s was started once: list only hosts that you start now"
                        .formatted(String.join(", ", voters)));
    }

    static void requireLoopback(Collection<VoterAddresses> addresses) throws IOException {
        for (VoterAddresses where : addresses) {
            if (!InetAddress.getByName(where.host()).isLoopbackAddress()) {
                throw new ConfigException("--loopback-plaintext, but " + where.host() + " is not loopback");
            }
        }
    }
}
