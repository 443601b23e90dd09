package io.quorate.server.verb;

import io.quorate.client.BuildVersion;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ConfirmFlags;
import io.quorate.client.cli.Confirmation;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.UsageException;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.config.ConfigException;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.raft.ClusterBootstrap;
import io.quorate.server.raft.DataDirectory;
import io.quorate.server.raft.DirectoryLock;
import io.quorate.server.raft.StartRefusedException;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsException;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Generations;
import io.quorate.statemachine.model.Limits;
import io.quorate.statemachine.model.Positions;
import io.quorate.statemachine.snapshot.Restore;
import io.quorate.v1.Position;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate restore}: formats this host's data directory with a backup, as a new generation in quarantine. */
@Command(
        description =
                "Begin a new generation of a lost cluster from a backup. Every server of the old one must stay off.",
        footer = {
            "",
            "Examples:",
            "  quorate restore --from prod.qbk --node n5 --address 10.0.0.5",
            "  quorate restore --from prod.qbk --node n1 --address 10.0.0.1 --replaces /var/lib/quorate/server.old"
        })
public final class RestoreVerb extends HostVerb {
    @Option(names = "--from", required = true, paramLabel = "FILE", description = "The backup")
    private Path from = Path.of("");

    @Option(names = "--node", required = true, paramLabel = "NAME", description = "This node's name")
    private String node = "";

    @Option(names = "--address", paramLabel = "IP[:API_PORT]", description = "Where others reach this host")
    private @Nullable String address;

    @Option(
            names = "--voters",
            split = ",",
            paramLabel = "NODE=IP[:API_PORT]",
            description = "All voters of the new group; then --generation must be the same on each host")
    private Map<String, String> voters = new TreeMap<>();

    @Option(names = "--generation", paramLabel = "N", description = "Instead of the one that this host finds")
    private int generation;

    @Option(
            names = "--replaces",
            split = ",",
            paramLabel = "DIR",
            description = "Former data directories: the new generation exceeds theirs")
    private List<Path> replaces = new ArrayList<>();

    @Option(
            names = "--added-nodes",
            split = ",",
            paramLabel = "NAME",
            description = "Nodes that joined after the backup: nothing resumes before they are seen or confirmed off;"
                    + " the same on each host")
    private Set<String> addedNodes = new TreeSet<>();

    @Option(names = "--data", paramLabel = "DIR", description = "Empty or absent; default: ${DEFAULT-VALUE}")
    private Path data = ServerConfig.DEFAULT_DATA;

    @Option(names = "--pki", paramLabel = "DIR", description = "This host's certificates; default: ${DEFAULT-VALUE}")
    private Path pki = ServerConfig.DEFAULT_PKI;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Where to write server.yaml, if it is not there; default: ${DEFAULT-VALUE}")
    private Path config = ServerConfig.DEFAULT_FILE;

    @Option(names = "--loopback-plaintext", description = "No certificates; every address must be loopback")
    private boolean plaintext;

    @Mixin
    private ConfirmFlags confirm = new ConfirmFlags();

    public RestoreVerb(CliContext context) {
        super(context);
    }

    @Override
    int run() throws Exception {
        ClusterState backup = Backups.read(from);
        if (DataDirectory.isFormatted(data)) {
            DirectoryLock.requireFree(data);
            throw new ConfigException(
                    "%s belongs to a member already; move it away and name it:  mv %s %s.old,  --replaces %s.old"
                            .formatted(data, data, data, data));
        }
        ClusterBootstrap.requireFormattable(data);
        requireNames(backup);
        Map<String, VoterAddresses> addresses = VoterAddresses.of(node, address, voters);
        VoterAddresses own = VoterAddresses.own(addresses, node);
        Optional<Path> certificates = certificates(addresses);
        int next = generation(backup);
        String name = backup.meta().getClusterName();
        String id = backup.meta().getClusterId();
        List<VoterRow> rows = new ArrayList<>();
        addresses.forEach(
                (voter, where) -> rows.add(where.row(VoterAddresses.staticMemberId(id + "/" + next, voter), voter)));
        ClusterState state = Restore.quarantined(backup, next, rows, addedNodes);
        String memberId = VoterAddresses.staticMemberId(id + "/" + next, node);
        ServerConfig server = HostFiles.server(node, data, own, certificates);
        HostFiles.requireFitting(config, server);
        confirmed(backup, next);
        HostFiles.write(config, server, rows).forEach(this::say);
        // last, because a formatted directory ends what a second run can do
        ClusterBootstrap.format(data, rows, id, name, next, memberId, Optional.of(state), BuildVersion.current());
        say("generation %d of %s · member %s · PAUSED: nothing is started, stopped or fenced until a person resumes"
                .formatted(next, name, memberId));
        say("start it:       quorate server --config " + config);
        HostFiles.beginsWith(addresses.keySet()).ifPresent(this::say);
        say("point agents:   --servers " + own.endpoint(ServerConfig.nodePortOf(own.apiPort())));
        say("look, then act: quorate status  ·  quorate resume --reason TEXT");
        return ExitCodes.OK;
    }

    private void requireNames(ClusterState backup) throws ConfigException {
        for (String added : addedNodes) {
            if (!Limits.isName(added)) {
                throw new ConfigException("--added-nodes: '" + added + "' is no name of a node");
            }
        }
        Set<String> all = new TreeSet<>(addedNodes);
        all.addAll(backup.nodes().keySet());
        if (all.size() > Limits.NODES) {
            throw new ConfigException("--added-nodes: a cluster has at most " + Limits.NODES + " nodes");
        }
    }

    private Optional<Path> certificates(Map<String, VoterAddresses> addresses) throws Exception {
        if (plaintext) {
            HostFiles.requireLoopback(addresses.values());
            return Optional.empty();
        }
        Pki files = new Pki(pki);
        if (!Files.exists(files.nodeCertificate())) {
            throw new TlsException(
                    "no certificate of this host in %s; make one: quorate cert issue server %s --address IP"
                            .formatted(pki, node));
        }
        files.requireFreeFor(
                new CertificateIdentity(Role.SERVER, node),
                "a server speaks for its own name only: name another --pki");
        return Optional.of(pki);
    }

    /** GenerationFloor: above the backup's, above every directory that is replaced, and at least the day. */
    private int generation(ClusterState backup) throws StartRefusedException {
        int known = 0;
        for (Path directory : replaces) {
            known = Math.max(known, DataDirectory.identityOf(directory).generation());
        }
        int floor = Generations.next(backup.generation(), known, context().nowMillis());
        if (generation == 0) {
            return floor;
        }
        if (generation < floor || generation > Generations.MAX) {
            throw new ConfigException("--generation: from " + floor + " to " + Generations.MAX);
        }
        return generation;
    }

    private void confirmed(ClusterState backup, int next) {
        Position position = backup.position();
        String facts = "this starts generation %d of %s from its state at %s. What was changed after it is gone.%n"
                        .formatted(next, backup.meta().getClusterName(), Positions.format(position))
                + "Every server of generation " + position.getGeneration()
                + " must stay off: agents that saw the new generation refuse it.";
        try {
            new Confirmation(context()).require(confirm, facts, backup.meta().getClusterName());
        } catch (UsageException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }
}
