package io.quorate.server;

import io.quorate.client.BuildVersion;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.api.GrpcServers;
import io.quorate.server.api.Joining;
import io.quorate.server.api.RollCall;
import io.quorate.server.config.ConfigException;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.http.HttpPort;
import io.quorate.server.leader.AgentServiceImpl;
import io.quorate.server.leader.LeaderLoop;
import io.quorate.server.raft.DataDirectory;
import io.quorate.server.raft.DirectoryLock;
import io.quorate.server.raft.FirstVoters;
import io.quorate.server.raft.Halt;
import io.quorate.server.raft.MemberIdentity;
import io.quorate.server.raft.MemberProgress;
import io.quorate.server.raft.RaftNode;
import io.quorate.server.raft.RaftSettings;
import io.quorate.server.raft.RaftTls;
import io.quorate.server.raft.StartRefusedException;
import io.quorate.server.time.Clock;
import io.quorate.server.tls.CertificateIdentity;
import io.quorate.server.tls.CertificateIdentity.Role;
import io.quorate.server.tls.Pki;
import io.quorate.server.tls.TlsContexts;
import io.quorate.server.tls.TlsException;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.policy.DefaultPolicy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One voter: Raft, the leader loop, the gRPC planes and HTTP, started in this order and stopped in the reverse one. */
public final class ServerProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerProcess.class);
    private static final long TRANSFER_SECONDS = 3;

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final RaftNode raft;
    private final GrpcServers grpc;

    /**
     * Starts everything, or nothing.
     *
     * @throws StartRefusedException when the data directory must not be used
     * @throws IOException when a port cannot be had
     * @throws TlsException when the certificates cannot be used, or are missing beyond loopback
     */
    public static ServerProcess start(ServerConfig config, Halt halt) throws StartRefusedException, IOException {
        return new ServerProcess(config, halt);
    }

    private ServerProcess(ServerConfig config, Halt halt) throws StartRefusedException, IOException {
        InetSocketAddress api = resolved(config.listen(), config.apiPort());
        Optional<Pki> pki = config.pki().map(Pki::new);
        Optional<TlsContexts> tls = pki.map(TlsContexts::new);
        GrpcServers.refusePlaintext(api, "api", tls);
        tls.ifPresent(contexts -> contexts.requireName(Role.SERVER, config.node()));
        Clock clock = Clock.system();
        Applier applier = new Applier(RuleTable.standard());
        DataDirectory.Expected expected =
                new DataDirectory.Expected(Optional.of(config.node()), Optional.empty(), Optional.empty());
        boolean complete = false;
        try {
            // first, and so the last to be released: all below reads or writes in this directory
            keep(DirectoryLock.take(config.data()));
            FirstVoters firsts = FirstVoters.open(config.data(), expected);
            meet(firsts, resolved(config.listen(), config.nodePort()), tls, clock);
            raft = keep(RaftNode.start(new RaftNode.Options(
                    config.data(),
                    expected,
                    config.listen(),
                    config.raftPort(),
                    RaftSettings.defaults()
                            .withElectionTimeouts(config.electionTimeoutMin(), config.electionTimeoutMax()),
                    applier,
                    tls.map(ServerProcess::raftTls),
                    clock,
                    halt,
                    BuildVersion.current())));
            ExecutorService worker = Executors.newSingleThreadExecutor(task -> {
                Thread thread = new Thread(task, "policy");
                thread.setDaemon(true);
                return thread;
            });
            keep(worker::shutdownNow);
            LeaderLoop leader = keep(new LeaderLoop(raft, clock, new DefaultPolicy(), worker, halt));
            grpc = keep(GrpcServers.start(
                    new GrpcServers.Settings(
                            api, resolved(config.listen(), config.nodePort()), tls, BuildVersion.current()),
                    new GrpcServers.Backends(
                            raft,
                            firsts,
                            leader,
                            new AgentServiceImpl(raft, leader, clock),
                            applier,
                            cluster -> new Joining(cluster, pki, () -> Instant.ofEpochMilli(clock.wallMillis())))));
            leader.start();
            keep(HttpPort.start(resolved(config.httpListen(), config.httpPort()), raft, grpc::status));
            askForVote();
            complete = true;
        } finally {
            if (!complete) {
                closeStarted();
            }
        }
        LOG.info("server {} listens: api {}, node plane {}", raft.memberId(), grpc.apiPort(), grpc.nodePort());
    }

    private static void meet(FirstVoters firsts, InetSocketAddress node, Optional<TlsContexts> tls, Clock clock)
            throws StartRefusedException, IOException {
        try {
            RollCall.hold(firsts, node, tls, clock);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the other first voters");
        }
    }

    /** Only a member that was formatted by join asks; the first voters vote from the start. */
    private void askForVote() {
        MemberIdentity identity = raft.identity();
        List<VoterRow> others = identity.voters().stream()
                .filter(voter -> !voter.getId().equals(identity.memberId()))
                .toList();
        Optional<VoterRow> self = identity.self();
        if (identity.learner() && self.isPresent() && !others.isEmpty()) {
            grpc.askForVote(self.get(), others);
        }
    }

    private <T extends AutoCloseable> T keep(T part) {
        started.push(part);
        return part;
    }

    private static InetSocketAddress resolved(String host, int port) {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new ConfigException("listen: " + host + " is not an address of this host");
        }
        return address;
    }

    private static RaftTls raftTls(TlsContexts tls) {
        return new RaftTls(tls.keyManager(), tls.trustPeers(Set.of(Role.SERVER)), ServerProcess::speaksFor);
    }

    /** A voter's id is the name of its node and a suffix: the certificate must be of that node. */
    static boolean speaksFor(X509Certificate certificate, String memberId) {
        int suffix = memberId.lastIndexOf('-');
        return suffix > 0
                && CertificateIdentity.of(certificate)
                        .filter(identity -> identity.role() == Role.SERVER)
                        .filter(identity -> identity.name().equals(memberId.substring(0, suffix)))
                        .isPresent();
    }

    public String memberId() {
        return raft.memberId();
    }

    public int apiPort() {
        return grpc.apiPort();
    }

    public int nodePort() {
        return grpc.nodePort();
    }

    /** Hands leadership over first: the others then need no election. */
    @Override
    public void close() {
        handOver();
        closeStarted();
    }

    private void handOver() {
        if (!raft.leadership().isReadyLeader()) {
            return;
        }
        Optional<MemberProgress> next = raft.members().stream()
                .filter(MemberProgress::voter)
                .filter(member -> !member.id().equals(raft.memberId()))
                .min(Comparator.comparing(MemberProgress::lastContact).thenComparing(MemberProgress::lag));
        if (next.isEmpty()) {
            return;
        }
        try {
            raft.transferLeadership(next.get().id()).get(TRANSFER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("leadership was not handed over before the stop: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeStarted() {
        while (!started.isEmpty()) {
            AutoCloseable part = started.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("while stopping", e);
            }
        }
    }

    /** Runs until the process is told to end; for {@code quorate server}. */
    public static void runUntilTold(ServerConfig config) throws StartRefusedException, IOException {
        ServerProcess process = start(config, ServerProcess::halt);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            process.close();
                            stopped.countDown();
                        },
                        "server-stop"));
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The replica cannot go on safely: no hooks, no clean stop. */
    private static void halt(String lastWords, @Nullable Throwable cause) {
        LOG.error("this server stops at once: {}", lastWords, cause);
        Runtime.getRuntime().halt(HALTED);
    }

    /** Exit code after a halt; service managers should start the process again only after a person looked. */
    public static final int HALTED = 70;
}
