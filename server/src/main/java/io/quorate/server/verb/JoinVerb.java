package io.quorate.server.verb;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.quorate.client.BuildVersion;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.config.ConfigException;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.raft.ClusterBootstrap;
import io.quorate.server.raft.DataDirectory;
import io.quorate.server.raft.DirectoryLock;
import io.quorate.server.tls.CertificateAuthority;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.JoinToken;
import io.quorate.server.tls.Pem;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsContexts;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.JoinClusterRequest;
import io.quorate.v1.JoinClusterResponse;
import io.quorate.v1.Member;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code quorate join}: gets this host a certificate by a token, and its configuration; as a voter it also formats the
 * data directory. The key is made here and stays here.
 */
@Command(
        description = "Make this host a member of a running cluster: as a voter with an agent, or as an agent alone.",
        footer = {
            "",
            "Examples:",
            "  quorate join 10.0.0.1:7400 --token qj1… --node n2 --address 10.0.0.2",
            "  quorate join 10.0.0.1:7400 --token qj1… --node a1 --address 10.0.1.1 --agent-only"
        })
public final class JoinVerb extends HostVerb {
    private static final long DEADLINE_SECONDS = 15;

    @Parameters(index = "0", paramLabel = "HOST:PORT", description = "The API of the server that was set up by init")
    private String endpoint = "";

    @Option(names = "--token", required = true, paramLabel = "TOKEN", description = "From quorate member token")
    private String token = "";

    @Option(names = "--node", required = true, paramLabel = "NAME", description = "This node's name")
    private String node = "";

    @Option(
            names = "--address",
            required = true,
            paramLabel = "IP[:API_PORT]",
            description = "Where others reach this host")
    private String address = "";

    @Option(names = "--agent-only", description = "No voter: resources run here, decisions are made elsewhere")
    private boolean agentOnly;

    @Option(names = "--replace", description = "This name was here before: a voter that lost its disk, or a lost node")
    private boolean replace;

    @Option(names = "--data", paramLabel = "DIR", description = "Of the voter; default: ${DEFAULT-VALUE}")
    private Path data = ServerConfig.DEFAULT_DATA;

    @Option(names = "--pki", paramLabel = "DIR", description = "Default: ${DEFAULT-VALUE}")
    private Path pki = ServerConfig.DEFAULT_PKI;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Where to write server.yaml, with agent.yaml beside it, if they are not there; default:"
                    + " ${DEFAULT-VALUE}")
    private Path config = ServerConfig.DEFAULT_FILE;

    public JoinVerb(CliContext context) {
        super(context);
    }

    @Override
    int run() throws Exception {
        JoinToken parsed = JoinToken.parse(token);
        if (!agentOnly && DataDirectory.isFormatted(data)) {
            DirectoryLock.requireFree(data);
            throw new ConfigException(
                    data + " belongs to a member already: move it away, or start it with quorate server");
        }
        if (!agentOnly) {
            ClusterBootstrap.requireFormattable(data);
        }
        VoterAddresses own = VoterAddresses.parse(address);
        requireFreePki(parsed);
        requireFittingFiles(own);
        KeyPair pair = CertificateAuthority.newKeyPair();
        JoinClusterResponse joined;
        try {
            joined = call(parsed, own, pair);
        } catch (StatusRuntimeException e) {
            return refused(e);
        }
        List<VoterRow> voters = voters(joined);
        store(joined, pair);
        say("CA fingerprint from the token matches · certificate until "
                + Pem.certificates(new Pki(pki).nodeCertificate())
                        .get(0)
                        .getNotAfter()
                        .toInstant());
        if (agentOnly) {
            HostFiles.writeAgent(HostFiles.agentFile(config), node, Optional.of(pki), voters)
                    .forEach(this::say);
        } else {
            formatVoter(joined, own, voters);
        }
        say("start it:  quorate agent --config " + HostFiles.agentFile(config));
        return ExitCodes.OK;
    }

    /** Before anything is asked for: what this host has may belong to another node, or to another cluster. */
    private void requireFreePki(JoinToken parsed) {
        Pki files = new Pki(pki);
        String instead = "keep this one elsewhere: quorate join " + endpoint + " --token TOKEN --node " + node
                + " --address " + address + (agentOnly ? " --agent-only" : "") + (replace ? " --replace" : "")
                + " --pki DIR --config FILE" + (agentOnly ? "" : " --data DIR");
        files.requireFreeFor(new CertificateIdentity(agentOnly ? Role.NODE : Role.SERVER, node), instead);
        Path authority = files.certificateOf(Pki.Authority.PEER);
        if (Files.exists(authority)
                && !Pem.fingerprint(Pem.certificates(authority).get(0)).equals(parsed.fingerprint())) {
            throw new ConfigException(authority + " is of another cluster, and would be overwritten; " + instead);
        }
    }

    /** Before the token is used up, too. */
    private void requireFittingFiles(VoterAddresses own) {
        if (agentOnly) {
            HostFiles.requireFittingAgent(HostFiles.agentFile(config), node, Optional.of(pki));
        } else {
            HostFiles.requireFitting(config, HostFiles.server(node, data, own, Optional.of(pki)));
        }
    }

    private JoinClusterResponse call(JoinToken parsed, VoterAddresses own, KeyPair pair) throws InterruptedException {
        ManagedChannel channel = NettyChannelBuilder.forTarget("dns:///" + endpoint)
                .sslContext(TlsContexts.toPinned(parsed.fingerprint()))
                .build();
        try {
            return ClusterServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .joinCluster(JoinClusterRequest.newBuilder()
                            .setToken(token)
                            .setNode(node)
                            .setAddress(own.host())
                            .setAgentOnly(agentOnly)
                            .setReplace(replace)
                            .setCertificateRequest(ByteString.copyFrom(CertificateAuthority.request(pair, node)))
                            .build());
        } finally {
            channel.shutdownNow();
        }
    }

    private int refused(StatusRuntimeException failure) {
        Status status = failure.getStatus();
        String cause = status.getCause() == null ? "" : " (" + status.getCause().getMessage() + ")";
        context().err().println("error: " + endpoint + " did not let this host in: " + status.getDescription() + cause);
        return status.getCode() == Status.Code.UNAVAILABLE ? ExitCodes.UNAVAILABLE : ExitCodes.REFUSED;
    }

    private static List<VoterRow> voters(JoinClusterResponse joined) {
        List<VoterRow> voters = new ArrayList<>();
        for (Member member : joined.getMembersList()) {
            voters.add(VoterRow.newBuilder()
                    .setId(member.getId())
                    .setName(member.getName())
                    .setApiEndpoint(member.getApiEndpoint())
                    .setRaftEndpoint(member.getRaftEndpoint())
                    .setNodeEndpoint(member.getNodeEndpoint())
                    .build());
        }
        return voters;
    }

    private void store(JoinClusterResponse joined, KeyPair pair) throws Exception {
        Pki files = new Pki(pki);
        Pem.writePublic(
                files.certificateOf(Pki.Authority.PEER), joined.getPeerCa().toString(StandardCharsets.US_ASCII));
        Pem.writePublic(
                files.certificateOf(Pki.Authority.CLIENT), joined.getClientCa().toString(StandardCharsets.US_ASCII));
        Pki.store(
                files.nodeCertificate(),
                files.nodeKey(),
                Pem.certificates(joined.getCertificateChain().toByteArray()),
                pair.getPrivate());
    }

    private void formatVoter(JoinClusterResponse joined, VoterAddresses own, List<VoterRow> voters) throws Exception {
        VoterRow self = own.row(ClusterBootstrap.newMemberId(node), node);
        List<VoterRow> all = new ArrayList<>(voters);
        all.removeIf(voter -> voter.getName().equals(node));
        all.add(self);
        HostFiles.write(config, HostFiles.server(node, data, own, Optional.of(pki)), all)
                .forEach(this::say);
        // last, because a formatted directory ends what a second run can do
        ClusterBootstrap.formatLearner(
                data,
                self,
                voters,
                joined.getHeader().getClusterId(),
                joined.getClusterName(),
                joined.getGeneration(),
                BuildVersion.current());
        say("member %s of %s: it votes once it is started and has caught up"
                .formatted(self.getId(), joined.getClusterName()));
        say("start it:  quorate server --config " + config);
    }
}
