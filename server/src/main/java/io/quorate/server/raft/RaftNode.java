package io.quorate.server.raft;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.DigestCheck;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.StartRefusedException.Reason;
import io.quorate.server.time.Clock;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.command.CommandCodec;
import io.quorate.statemachine.command.UnknownCommandException;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import io.quorate.v1.Position;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslProvider;
import org.apache.ratis.util.ExitUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This process as a member of the Raft group. See {@link RaftPort} for the contract of its methods. */
public final class RaftNode implements RaftPort, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RaftNode.class);
    private static final long TICK_MILLIS = 200;
    private static final Duration WATERMARK_EVERY = Duration.ofSeconds(1);
    private static final Duration DIGEST_EVERY = Duration.ofSeconds(30);

    /**
     * What a member is started with.
     *
     * @param data directory that was formatted by {@link ClusterBootstrap}
     * @param expected what the configuration says about its identity
     * @param listenHost address to listen on for peers; empty = all
     * @param listenPort for peers; the other members dial this member's Raft endpoint as the group knows it
     * @param applier the rules
     * @param tls empty only on loopback
     * @param halt ends the process
     * @param version of this program
     */
    public record Options(
            Path data,
            DataDirectory.Expected expected,
            String listenHost,
            int listenPort,
            RaftSettings settings,
            Applier applier,
            Optional<RaftTls> tls,
            Clock clock,
            Halt halt,
            String version) {}

    private final Options options;
    private final DataDirectory directory;
    private final String memberId;
    private final RaftServer server;
    private final RaftServer.Division division;
    private final ClusterStateMachine machine;
    private final RaftSubmitter submitter;
    private final FirstEntry firstEntry = new FirstEntry();
    private final Proposer proposer;
    private final Membership membership;
    private final DigestMajority digests;
    private final DigestPost digestPost;
    private final ScheduledExecutorService events;
    private final List<Consumer<Leadership>> leadershipListeners = new CopyOnWriteArrayList<>();
    private volatile Leadership leadership;
    private final AtomicLong readyTerm = new AtomicLong(-1);
    private volatile long formerLeaderNanos;
    private volatile boolean closing;
    // Only on the events thread.
    private Watermark watermark;
    private long watermarkNanos;
    private long digestNanos;

    private RaftNode(Options options, DataDirectory directory) throws IOException {
        this.options = options;
        this.directory = directory;
        this.memberId = directory.identity().memberId();
        this.watermark = directory.watermark();
        this.events = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, memberId + "-raft-events");
            thread.setDaemon(true);
            return thread;
        });
        this.leadership = new Leadership(Leadership.Role.FOLLOWER, 0, Optional.empty(), false);
        RaftGroup group = Peers.group(directory.identity());
        this.digests = new DigestMajority(memberId, options.halt(), this::postDigest);
        this.submitter = new RaftSubmitter(group.getGroupId(), RaftPeerId.valueOf(memberId));
        this.machine = new ClusterStateMachine(
                options.applier(),
                options.clock(),
                options.halt(),
                new MachineEvents(),
                directory.snapshot(),
                options.settings().snapshotEntries(),
                options.version());
        this.proposer = new Proposer(
                memberId, machine, submitter, options.clock(), options.halt(), () -> leadership.leaderId());
        Parameters parameters = parameters(options.tls());
        RaftProperties properties =
                options.settings().properties(directory.raft(), options.listenHost(), options.listenPort());
        this.server = RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf(memberId))
                .setGroup(group)
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setStateMachineRegistry(id -> machine)
                .setProperties(properties)
                .setParameters(parameters)
                .build();
        this.division = server.getDivision(group.getGroupId());
        this.submitter.use(server, division);
        this.digestPost = new DigestPost(group, properties, parameters);
        this.membership = new Membership(
                memberId,
                () -> machine.newest().state(),
                proposer::propose,
                new RatisGroup(server, division, submitter));
    }

    private static Parameters parameters(Optional<RaftTls> tls) {
        Parameters parameters = new Parameters();
        GrpcConfigKeys.Server.setServicesCustomizer(parameters, new PeerGuard(tls));
        tls.ifPresent(material -> GrpcConfigKeys.TLS.setConf(
                parameters,
                GrpcTlsConfig.newBuilder()
                        .setKeyManager(material.keyManager())
                        .setTrustManager(material.trustManager())
                        .setMutualTls(true)
                        // The bundled BoringSSL would go on refusing members whose certificates come from a new CA.
                        .setSslProvider(SslProvider.JDK)
                        .setProtocols("TLSv1.3")
                        .build()));
        return parameters;
    }

    /** Checks the data directory and starts. On return this member takes part in elections. */
    public static RaftNode start(Options options) throws StartRefusedException {
        DataDirectory directory = DataDirectory.open(options.data(), options.expected());
        // Ratis exits the process when its port is taken, without a word of ours.
        ExitUtils.disableSystemExit();
        RaftNode node;
        try {
            node = new RaftNode(options, directory);
        } catch (IOException | RuntimeException e) {
            throw refused(options, e);
        }
        try {
            node.proposer.start();
            node.server.start();
            var unused = node.events.scheduleWithFixedDelay(node::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
            return node;
        } catch (IOException | RuntimeException e) {
            node.close();
            throw refused(options, e);
        }
    }

    private static StartRefusedException refused(Options options, Exception failure) {
        Throwable root = Failures.root(failure);
        if (root instanceof java.net.BindException) {
            return new StartRefusedException(
                    Reason.ADDRESS_IN_USE,
                    "The Raft address " + options.listenHost() + ":" + options.listenPort()
                            + " is taken by another process. Stop it, or choose another port for both.",
                    failure);
        }
        return new StartRefusedException(Reason.IO, "Starting Raft in " + options.data() + " failed: " + root, failure);
    }

    /** What Ratis reports, on threads of Ratis. */
    private final class MachineEvents implements ClusterStateMachine.Events {

        @Override
        public DryRun.@Nullable Plan predicted(String clientId, long callId, long term, ClusterState base) {
            return submitter.isOwn(clientId) ? proposer.predicted(callId, term, base) : null;
        }

        @Override
        public void applied(
                String clientId, long callId, long index, LogEntry entry, Replica.Snapshot before, Applied applied) {
            if (entry.hasDigestCheck()) {
                digests.applied(entry.getDigestCheck(), index, before, Peers.voterIds(division));
            }
            if (submitter.isOwn(clientId)) {
                proposer.applied(callId, applied);
            }
        }

        @Override
        public void logged(long bytes) {
            if (submitter.snapshotDue(bytes, options.settings().snapshotBytes())) {
                machine.demandSnapshot();
                later(submitter::requestSnapshot);
            }
        }

        @Override
        public void snapshotWritten() {
            later(submitter::requestSnapshot);
        }

        @Override
        public void leaderReady(long term) {
            formerLeaderNanos = machine.newest().proposedNanos();
            Optional<Command> first = machine.newest().state().isInitialized()
                    ? Optional.empty()
                    : Optional.of(Membership.initCluster(directory.identity()));
            proposer.lead(term, first, () -> {
                readyTerm.set(term);
                later(RaftNode.this::refreshLeadership);
            });
        }

        @Override
        public void notLeader() {
            readyTerm.set(-1);
            proposer.endTerm(Long.MAX_VALUE);
            later(RaftNode.this::refreshLeadership);
        }

        @Override
        public void leaderChanged() {
            later(RaftNode.this::refreshLeadership);
        }

        @Override
        public void stopped() {
            if (!closing) {
                options.halt().halt("Raft of member " + memberId + " stopped by itself; the log says why", null);
            }
        }

        @Override
        public boolean mayLog(String clientId, byte[] entry) {
            return submitter.isOwn(clientId) || isDigestVote(entry);
        }

        private boolean isDigestVote(byte[] bytes) {
            try {
                LogEntry entry = CommandCodec.decode(bytes);
                return entry.getCommandsCount() == 0 && entry.hasDigestCheck() && !entry.hasStamp();
            } catch (UnknownCommandException e) {
                log.warn("Refused an entry that another member sent: {}", e.getMessage());
                return false;
            }
        }
    }

    private void later(Runnable task) {
        try {
            events.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("Stopping; an event of Raft is dropped", e);
        }
    }

    private void tick() {
        try {
            refreshLeadership();
            if (!closing && division.getInfo().getLifeCycleState().isClosingOrClosed()) {
                options.halt().halt("Raft of member " + memberId + " closed by itself; the log says why", null);
            }
            writeWatermark();
            markDigest();
            giveUpLostTerm();
        } catch (RuntimeException e) {
            options.halt().halt("Watching Raft of member " + memberId + " failed: " + e, e);
        }
    }

    private void refreshLeadership() {
        DivisionInfo info = division.getInfo();
        long term = info.getCurrentTerm();
        Leadership.Role role = role(info);
        long seen = readyTerm.get();
        boolean ready = role == Leadership.Role.LEADER && seen == term;
        if (seen >= 0 && !ready && term > seen && readyTerm.compareAndSet(seen, -1)) {
            // The call that said "ready" came after the one that ended the term.
            proposer.endTerm(seen);
        }
        RaftPeerId leader = info.getLeaderId();
        Leadership now = new Leadership(role, term, Optional.ofNullable(leader).map(RaftPeerId::toString), ready);
        if (!now.equals(leadership)) {
            leadership = now;
            log.info(
                    "{} of term {}, leader {}{}", role, term, now.leaderId().orElse("unknown"), ready ? ", ready" : "");
            leadershipListeners.forEach(listener -> listener.accept(now));
        }
    }

    /** Ratis calls a member a follower, too, that its configuration does not list. */
    private Leadership.Role role(DivisionInfo info) {
        Leadership.Role role = Peers.role(info.getCurrentRole());
        boolean votes = Peers.voterIds(division).contains(memberId);
        return role == Leadership.Role.FOLLOWER && !votes ? Leadership.Role.LEARNER : role;
    }

    private void giveUpLostTerm() {
        DivisionInfo info = division.getInfo();
        if (info.isLeaderReady()) {
            return;
        }
        List<FirstEntry.Follower> followers =
                Peers.followers(division, options.settings().electionTimeoutMax());
        if (followers.isEmpty()) {
            return;
        }
        long term = info.getCurrentTerm();
        long begunTerm = machine.getLastAppliedTermIndex().getTerm();
        long next = division.getRaftLog().getNextIndex();
        if (firstEntry.isLost(options.clock().monotonicNanos(), term, begunTerm, next, followers)) {
            log.warn("The first entry of term {} was sent and is not confirmed: there will be another election", term);
            submitter.stepDown();
        }
    }

    private void writeWatermark() {
        if (watermarkNanos != 0 && options.clock().millisSince(watermarkNanos) < WATERMARK_EVERY.toMillis()) {
            return;
        }
        TermIndex applied = machine.getLastAppliedTermIndex();
        // An entry counts when it is committed and on this disk: others may have committed it before we wrote it.
        if (applied.getIndex() > watermark.index() && division.getRaftLog().getFlushIndex() >= applied.getIndex()) {
            watermark = Watermark.of(
                    applied.getTerm(),
                    applied.getIndex(),
                    machine.newest().state().position());
            watermarkNanos = options.clock().monotonicNanos();
            try {
                directory.writeWatermark(watermark);
            } catch (IOException e) {
                options.halt().halt(DataDirectory.cannotWrite(directory.raft().resolveSibling(Watermark.FILE), e), e);
            }
        }
    }

    private void markDigest() {
        boolean due = options.clock().millisSince(digestNanos) >= DIGEST_EVERY.toMillis();
        if (leadership.isReadyLeader() && due && !digests.endAt(machine.newest().logIndex())) {
            digestNanos = options.clock().monotonicNanos();
            proposer.markDigest();
        }
    }

    private void postDigest(DigestCheck vote) {
        if (!proposer.voteDigest(vote)) {
            digestPost.post(vote);
        }
    }

    @Override
    public CompletableFuture<CommandResult> propose(Command command) {
        return proposer.propose(command);
    }

    @Override
    public CompletableFuture<ClusterState> readLinearizable() {
        return proposer.barrier();
    }

    @Override
    public ClusterState applied() {
        return machine.newest().state();
    }

    @Override
    public CompletableFuture<ClusterState> whenApplied(Position atLeast) {
        return machine.whenApplied(atLeast);
    }

    @Override
    public Leadership leadership() {
        return leadership;
    }

    @Override
    public Subscription onApplied(AppliedListener listener) {
        return machine.onApplied(listener);
    }

    @Override
    public Subscription onLeadership(Consumer<Leadership> listener) {
        later(() -> {
            leadershipListeners.add(listener);
            listener.accept(leadership);
        });
        return () -> leadershipListeners.remove(listener);
    }

    @Override
    public Duration sinceLeaderContact() {
        return Peers.sinceLeaderContact(division.getInfo().getRoleInfoProto());
    }

    @Override
    public long formerLeaderNanos() {
        return formerLeaderNanos;
    }

    @Override
    public CompletableFuture<Void> transferLeadership(String toMemberId) {
        return membership.transferLeadership(toMemberId);
    }

    @Override
    public CompletableFuture<Void> replaceVoter(String goingId, VoterRow coming) {
        return membership.replaceVoter(goingId, coming);
    }

    @Override
    public List<MemberProgress> members() {
        return Peers.progress(division);
    }

    @Override
    public String memberId() {
        return memberId;
    }

    /** Who this member is: as its directory says. */
    public MemberIdentity identity() {
        return directory.identity();
    }

    @Override
    public void historyWentBack(Position shown, String node) {
        if (!leadership.isReadyLeader()
                || Positions.ORDER.compare(shown, applied().position()) <= 0) {
            return;
        }
        // A follower may show a commit that this leader applies in this very moment: only after a barrier it is proof.
        var unused = proposer.barrier().thenAccept(state -> {
            if (shown.getGeneration() == state.generation() && shown.getRevision() > state.revision()) {
                options.halt()
                        .halt(
                                "HISTORY_WENT_BACK: the agent of node " + node + " was shown " + Positions.format(shown)
                                        + " by this cluster, but its voters only remember "
                                        + Positions.format(state.position())
                                        + ". Acknowledged commands are gone, most likely because the disk of a voter was put "
                                        + "back to an older copy. Start the voter that has the newest log, or restore. Only if "
                                        + "no voter's disk was put back and no other node says so, " + node
                                        + " remembers wrongly: quorate help history-went-back",
                                null);
            }
        });
    }

    /** Stops without handing leadership over: see {@link #transferLeadership} for that. */
    @Override
    public void close() {
        closing = true;
        proposer.close();
        membership.close();
        digestPost.close();
        events.shutdown();
        try {
            if (!events.awaitTermination(5, TimeUnit.SECONDS)) {
                log.warn("Stopping while an event of Raft is handled");
            }
            server.close();
        } catch (IOException e) {
            log.warn("Closing Raft failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
