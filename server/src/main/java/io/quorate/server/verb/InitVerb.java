package io.quorate.server.verb;

import io.quorate.client.BuildVersion;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.manifest.ClusterFile;
import io.quorate.client.manifest.ManifestException;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.config.ConfigException;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.raft.ClusterBootstrap;
import io.quorate.server.raft.DataDirectory;
import io.quorate.server.raft.DirectoryLock;
import io.quorate.server.raft.MemberIdentity;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
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
 * list; without, this host begins as the only voter. With {@code --static} a file says it all, and a host that is a
 * member already is left as it is, so that tools that configure hosts may run it again and again.
 */
@Command(
        description = "Begin a cluster: format this host's data directory, make its certificates and configuration.",
        footer = {
            "",
            "Examples:",
            "  quorate init --cluster prod --node n1 --address 10.0.0.1",
            "  quorate init --cluster prod --cluster-id 4f2a… --node n1 --voters n1=10.0.0.1,n2=10.0.0.2,n3=10.0.0.3",
            "  quorate init --static -f cluster.yaml    # on each host: cluster, clusterId, members: {n1: 10.0.0.1, …}"
        })
public final class InitVerb extends HostVerb {
    private static final String ADMIN = "admin";

    @Option(names = "--cluster", paramLabel = "NAME", description = "Name of the cluster, for people")
    private @Nullable String cluster;

    @Option(names = "--node", paramLabel = "NAME", description = "This node's name")
    private @Nullable String node;

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

    @Option(
            names = "--static",
            description = "Everything is in --file, and certificates are brought, not made: the same file on each host;"
                    + " --node is needed only where the addresses do not tell which member this host is")
    private boolean fromFile;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "With --static: cluster, clusterId, and members as NODE: IP[:API_PORT]")
    private @Nullable String file;

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
        FirstVoters first = firstVoters();
        if (DataDirectory.isFormatted(data)) {
            MemberIdentity identity = DataDirectory.identityOf(data);
            if (fromFile && first.isOneOf(identity)) {
                say("%s is member %s of %s already: nothing to do"
                        .formatted(data, identity.memberId(), identity.clusterName()));
                return ExitCodes.OK;
            }
            DirectoryLock.requireFree(data);
            throw new ConfigException(data + " belongs to member " + identity.memberId() + " of "
                    + identity.clusterName() + " already: move it away, or start it with quorate server");
        }
        ClusterBootstrap.requireFormattable(data);
        if (plaintext) {
            HostFiles.requireLoopback(first.addresses().values());
        } else {
            requireCertificates(first);
        }
        ServerConfig server =
                HostFiles.server(first.node(), data, first.own(), plaintext ? Optional.empty() : Optional.of(pki));
        // before certificates: one that was made for a wrong name would be in the way of the right one
        HostFiles.requireFitting(config, server);
        if (!plaintext) {
            certificates(first);
        }
        List<VoterRow> rows = first.rows();
        HostFiles.write(config, server, rows).forEach(this::say);
        if (!plaintext && Files.exists(new Pki(pki).clientCertificate(ADMIN))) {
            HostFiles.writeClient(config.resolveSibling("client.yaml"), first.cluster(), new Pki(pki), ADMIN, rows)
                    .forEach(this::say);
        }
        // last, because a formatted directory ends what a second run can do
        ClusterBootstrap.format(
                data,
                rows,
                first.clusterId(),
                first.cluster(),
                1,
                first.memberId(),
                Optional.empty(),
                BuildVersion.current());
        report(first);
        return ExitCodes.OK;
    }

    private FirstVoters firstVoters() throws IOException {
        if (!fromFile) {
            if (file != null) {
                throw new ConfigException("--file is for --static");
            }
            if (cluster == null || node == null) {
                throw new ConfigException("--cluster and --node are needed, or --static -f FILE");
            }
            return new FirstVoters(cluster, clusterId(), node, VoterAddresses.of(node, address, voters));
        }
        if (file == null) {
            throw new ConfigException("--static needs -f FILE");
        }
        if (cluster != null || clusterId != null || address != null || !voters.isEmpty()) {
            throw new ConfigException("with --static, --cluster, --cluster-id, --address and --voters are in the file");
        }
        FirstVoters first;
        try {
            first = FirstVoters.of(ClusterFile.read(file, context().directory()), file, Optional.ofNullable(node));
        } catch (ManifestException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
        if (first.addresses().size() < 2) {
            // Alone it would elect itself with an empty disk, while those that joined it later still remember.
            throw new ConfigException(file + " names one member, " + first.node()
                    + ": run again after its disk was lost, this would begin the same cluster a second time,"
                    + " beside the hosts that joined; name all first voters, or begin with one:  quorate init --cluster "
                    + first.cluster() + " --node " + first.node() + " --address IP");
        }
        return first;
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
     * Refuses what is of another host, and with {@code --static} what is missing: authorities that every host made for
     * itself would not trust each other.
     */
    private void requireCertificates(FirstVoters first) {
        Pki files = new Pki(pki);
        files.requireFreeFor(
                new CertificateIdentity(Role.SERVER, first.node()),
                "a server speaks for its own name only: name another --pki, or the right --node");
        if (!fromFile) {
            return;
        }
        for (Pki.Authority authority : Pki.Authority.values()) {
            if (!Files.exists(files.certificateOf(authority))) {
                throw new TlsException("%s is missing, and --static makes no authority: bring what this made elsewhere:"
                                .formatted(files.certificateOf(authority))
                        + " quorate cert init-ca --cluster " + first.cluster());
            }
        }
        if (!Files.exists(files.nodeCertificate()) && !files.canSign()) {
            throw new TlsException("%s is missing, and so is the authority's key: bring what this made elsewhere:"
                            .formatted(files.nodeCertificate())
                    + " quorate cert issue server %s --address %s --out ./%s-pki"
                            .formatted(first.node(), first.own().host(), first.node()));
        }
    }

    /**
     * Uses what is there, a certificate or an authority that was brought here or that an interrupted run made, and makes
     * what is missing.
     */
    private void certificates(FirstVoters first) throws IOException {
        Pki files = new Pki(pki);
        Instant now = Instant.ofEpochMilli(context().nowMillis());
        if (!Files.exists(files.nodeCertificate())) {
            files.createMissingAuthorities(first.cluster(), now);
            files.issueNode(
                    new CertificateIdentity(Role.SERVER, first.node()),
                    List.of(first.own().host()),
                    now);
        }
        if (Files.exists(files.keyOf(Pki.Authority.CLIENT)) && !Files.exists(files.clientCertificate(ADMIN))) {
            files.issueClient(ADMIN, now);
        }
    }

    private void report(FirstVoters first) {
        say("cluster %s %s · member %s · data %s"
                .formatted(first.cluster(), first.clusterId(), first.memberId(), data));
        if (!plaintext) {
            say("certificates in " + pki + " (keep peer-ca.key and client-ca.key safe; other hosts of a first group"
                    + " need both authorities: copy them before init there)");
            if (Files.exists(new Pki(pki).clientCertificate(ADMIN))) {
                say("client certificate: " + new Pki(pki).clientCertificate(ADMIN));
            }
        }
        say("start it:  quorate server --config " + config + "   and   quorate agent --config "
                + HostFiles.agentFile(config));
        HostFiles.beginsWith(first.addresses().keySet()).ifPresent(this::say);
        if (!plaintext) {
            say("then, for further hosts:  quorate member token --endpoints "
                    + first.own().endpoint(first.own().apiPort()));
        }
    }
}
