package io.quorate.server.verb;

import io.quorate.client.BuildVersion;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.config.ConfigException;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.raft.ClusterBootstrap;
import io.quorate.server.raft.DataDirectory;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.Pki;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code quorate init}: formats this host's data directory as one of the first voters, makes certificates and writes
 * server.yaml. With {@code --voters} every first voter is formatted by itself, with the same cluster id and the same
 * list; without, this host begins as the only voter.
 */
@Command(
        description = "Begin a cluster: format this host's data directory, make its certificates and configuration.",
        footer = {
            "",
            "Examples:",
            "  quorate init --cluster prod --node n1 --address 10.0.0.1",
            "  quorate init --cluster prod --cluster-id 4f2a… --node n1 --voters n1=10.0.0.1,n2=10.0.0.2,n3=10.0.0.3"
        })
public final class InitVerb extends HostVerb {
    private static final String ADMIN = "admin";

    @Option(names = "--cluster", required = true, paramLabel = "NAME", description = "Name of the cluster, for people")
    @SuppressWarnings("NullAway.Init")
    private String cluster;

    @Option(names = "--node", required = true, paramLabel = "NAME", description = "This node's name")
    @SuppressWarnings("NullAway.Init")
    private String node;

    @Option(names = "--address", paramLabel = "IP[:API_PORT]", description = "Where others reach this host")
    private @Nullable String address;

    @Option(
            names = "--voters",
            split = ",",
            paramLabel = "NODE=IP[:API_PORT]",
            description = "All first voters, this one included; the same on each host")
    private Map<String, String> voters = new TreeMap<>();

    @Option(
            names = "--cluster-id",
            paramLabel = "ID",
            description = "The same on each host; needed with several --voters (openssl rand -hex 16)")
    private @Nullable String clusterId;

    @Option(names = "--data", paramLabel = "DIR", description = "Default: ${DEFAULT-VALUE}")
    private Path data = ServerConfig.DEFAULT_DATA;

    @Option(names = "--pki", paramLabel = "DIR", description = "Default: ${DEFAULT-VALUE}")
    private Path pki = ServerConfig.DEFAULT_PKI;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Where to write server.yaml, if it is not there; default: ${DEFAULT-VALUE}")
    private Path config = ServerConfig.DEFAULT_FILE;

    @Option(names = "--loopback-plaintext", description = "No certificates; every address must be loopback")
    private boolean plaintext;

    public InitVerb(CliContext context) {
        super(context);
    }

    @Override
    int run() throws Exception {
        if (DataDirectory.isFormatted(data)) {
            throw new ConfigException(
                    data + " belongs to a member already: move it away, or start it with quorate server");
        }
        Map<String, VoterAddresses> addresses = VoterAddresses.of(node, address, voters);
        VoterAddresses own = VoterAddresses.own(addresses, node);
        String id = clusterId();
        List<VoterRow> rows = new ArrayList<>();
        addresses.forEach((name, where) -> rows.add(where.row(VoterAddresses.staticMemberId(id, name), name)));
        String memberId = VoterAddresses.staticMemberId(id, node);
        if (plaintext) {
            HostFiles.requireLoopback(addresses.values());
        } else {
            certificates(own);
        }
        Optional<Path> certificates = plaintext ? Optional.empty() : Optional.of(pki);
        HostFiles.write(config, HostFiles.server(node, data, own, certificates), rows)
                .forEach(this::say);
        if (!plaintext && Files.exists(new Pki(pki).clientCertificate(ADMIN))) {
            HostFiles.writeClient(config.resolveSibling("client.yaml"), cluster, new Pki(pki), ADMIN, rows)
                    .forEach(this::say);
        }
        // last, because a formatted directory ends what a second run can do
        ClusterBootstrap.format(data, rows, id, cluster, 1, memberId, Optional.empty(), BuildVersion.current());
        report(id, memberId, own);
        return ExitCodes.OK;
    }

    private String clusterId() {
        if (clusterId != null && voters.size() < 2) {
            // Another disk of this host could begin the same cluster a second time, and nobody would notice.
            throw new ConfigException("--cluster-id is for several --voters; a cluster of one begins under a new id");
        }
        if (clusterId != null) {
            if (!clusterId.matches("[0-9a-f]{32}")) {
                throw new ConfigException("--cluster-id: 32 hexadecimal digits, the same on each host; make one with:"
                        + " openssl rand -hex 16");
            }
            return clusterId;
        }
        if (voters.size() > 1) {
            throw new ConfigException("--cluster-id is needed with --voters, the same on each host; make one with:"
                    + " openssl rand -hex 16");
        }
        return ClusterBootstrap.newClusterId();
    }

    /**
     * Uses what is there, a certificate or an authority that was brought here or that an interrupted run made, and makes
     * what is missing.
     */
    private void certificates(VoterAddresses own) throws Exception {
        Pki files = new Pki(pki);
        Instant now = Instant.ofEpochMilli(context().nowMillis());
        if (!Files.exists(files.nodeCertificate())) {
            files.createMissingAuthorities(cluster, now);
            files.issueNode(new CertificateIdentity(Role.SERVER, node), List.of(own.host()), now);
        }
        if (Files.exists(files.keyOf(Pki.Authority.CLIENT)) && !Files.exists(files.clientCertificate(ADMIN))) {
            files.issueClient(ADMIN, now);
        }
    }

    private void report(String id, String memberId, VoterAddresses own) {
        say("cluster %s %s · member %s · data %s".formatted(cluster, id, memberId, data));
        if (!plaintext) {
            say("certificates in " + pki + " (keep peer-ca.key and client-ca.key safe; other hosts of a first group"
                    + " need both authorities: copy them before init there)");
            if (Files.exists(new Pki(pki).clientCertificate(ADMIN))) {
                say("client certificate: " + new Pki(pki).clientCertificate(ADMIN));
            }
        }
        say("start it:  quorate server --config " + config + "   and   quorate agent --config "
                + HostFiles.agentFile(config));
        if (!plaintext) {
            say("then, for further hosts:  quorate member token --endpoints " + own.endpoint(own.apiPort()));
        }
    }
}
