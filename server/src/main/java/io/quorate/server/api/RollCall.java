package io.quorate.server.api;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.quorate.log.v1.VoterRow;
import io.quorate.peer.v1.IntroduceVoterRequest;
import io.quorate.peer.v1.IntroduceVoterResponse;
import io.quorate.peer.v1.PeerServiceGrpc;
import io.quorate.server.raft.FirstVoters;
import io.quorate.server.raft.MemberIdentity;
import io.quorate.server.raft.StartRefusedException;
import io.quorate.server.raft.StartRefusedException.Reason;
import io.quorate.server.time.Clock;
import io.quorate.server.tls.TlsContexts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Before its first start a first voter introduces itself to all the others, and they to it: nobody takes part in Raft
 * before, see {@link FirstVoters}. Later starts pass at once. While it lasts, only this is served, on the node plane.
 */
public final class RollCall {
    private static final Logger LOG = LoggerFactory.getLogger(RollCall.class);
    private static final long AGAIN_MILLIS = 200;
    private static final Duration SAY_AGAIN = Duration.ofSeconds(30);

    private final FirstVoters firsts;
    private final PeerClients peers;
    private final Clock clock;
    private final Map<String, String> answers = new TreeMap<>();

    private RollCall(FirstVoters firsts, PeerClients peers, Clock clock) {
        this.firsts = firsts;
        this.peers = peers;
        this.clock = clock;
    }

    /**
     * Returns when every first voter of this member's group was met.
     *
     * @param node where the node plane listens
     * @throws StartRefusedException when one of them knows this member with another disk
     */
    public static void hold(FirstVoters firsts, InetSocketAddress node, Optional<TlsContexts> tls, Clock clock)
            throws IOException, StartRefusedException, InterruptedException {
        if (firsts.isComplete()) {
            return;
        }
        GrpcServers.refusePlaintext(node, "node", tls);
        ExecutorService threads = Executors.newSingleThreadExecutor(GrpcServers.named("roll-call"));
        Server server = GrpcServers.server(
                node,
                tls.map(TlsContexts::nodeServer),
                List.of(service(firsts)),
                threads,
                PlaneLimits.PEER_MESSAGE_BYTES);
        try (PeerClients peers = GrpcServers.peers(tls)) {
            server.start();
            new RollCall(firsts, peers, clock).hold();
        } finally {
            server.shutdownNow().awaitTermination();
            threads.shutdown();
        }
    }

    static BindableService service(FirstVoters firsts) {
        return new PeerServiceGrpc.PeerServiceImplBase() {
            @Override
            public void introduceVoter(IntroduceVoterRequest request, StreamObserver<IntroduceVoterResponse> observer) {
                answer(firsts, request, observer);
            }
        };
    }

    private void hold() throws IOException, StartRefusedException, InterruptedException {
        Map<VoterRow, String> missing = askAll();
        long said = clock.monotonicNanos();
        say(missing);
        while (!firsts.complete(answers)) {
            firsts.awaitIntroduction(AGAIN_MILLIS);
            missing = askAll();
            if (clock.monotonicNanos() - said > SAY_AGAIN.toNanos()) {
                said = clock.monotonicNanos();
                say(missing);
            }
        }
        LOG.info("met every first voter: {}", answers.keySet());
    }

    private static void say(Map<VoterRow, String> missing) {
        missing.forEach((voter, why) -> LOG.info(
                "a new cluster begins when each of its first voters was met once; waiting for {} at {}: {}",
                voter.getName(),
                voter.getNodeEndpoint(),
                why));
    }

    private Map<VoterRow, String> askAll() throws StartRefusedException, InterruptedException {
        MemberIdentity self = firsts.identity();
        IntroduceVoterRequest request = IntroduceVoterRequest.newBuilder()
                .setClusterId(self.clusterId())
                .setGeneration(self.generation())
                .setMemberId(self.memberId())
                .setDiskId(firsts.disk())
                .build();
        List<VoterRow> asked = new ArrayList<>();
        List<CompletableFuture<IntroduceVoterResponse>> calls = new ArrayList<>();
        for (VoterRow other : firsts.others()) {
            if (!answers.containsKey(other.getId())) {
                asked.add(other);
                calls.add(peers.introduce(other.getNodeEndpoint(), request));
            }
        }
        Map<VoterRow, String> missing = new LinkedHashMap<>();
        for (int index = 0; index < asked.size(); index++) {
            VoterRow other = asked.get(index);
            try {
                IntroduceVoterResponse answer = calls.get(index).get();
                if (answer.getMemberId().equals(other.getId())) {
                    answers.put(other.getId(), answer.getDiskId());
                } else {
                    missing.put(other, stranger(other, answer.getMemberId()));
                }
            } catch (ExecutionException e) {
                missing.put(other, reason(other, e));
            }
        }
        return missing;
    }

    /** Which of the two was formatted wrongly cannot be told from here; when that one is put right, this one goes on. */
    private static String stranger(VoterRow other, String answered) {
        return "there is " + answered + " instead of " + other.getId() + ": --voters must be the same on each host";
    }

    private String reason(VoterRow other, Throwable failure) throws StartRefusedException {
        Status status = Status.fromThrowable(failure);
        if (status.getCode() == Status.Code.FAILED_PRECONDITION) {
            throw new StartRefusedException(
                    Reason.MEMORY_LOST,
                    firsts.identity().memberId() + " must not take part: " + other.getName() + " says: "
                            + status.getDescription());
        }
        return status.getDescription() == null ? status.getCode().toString() : status.getDescription();
    }

    /** Records who introduces itself, or says why it never may take part. */
    static void answer(
            FirstVoters firsts, IntroduceVoterRequest request, StreamObserver<IntroduceVoterResponse> observer) {
        Caller caller = Caller.current();
        Optional<String> node = firsts.nodeOf(request.getMemberId());
        if (caller.role() != Caller.Role.LOCAL
                && node.isPresent()
                && !node.get().equals(caller.name())) {
            observer.onError(Status.PERMISSION_DENIED
                    .withDescription(caller.name() + " may not speak for " + request.getMemberId())
                    .asRuntimeException());
            return;
        }
        try {
            Optional<String> refusal = firsts.introduce(
                    request.getClusterId(), request.getGeneration(), request.getMemberId(), request.getDiskId());
            if (refusal.isPresent()) {
                LOG.warn("refused {}: {}", request.getMemberId(), refusal.get());
                observer.onError(Status.FAILED_PRECONDITION
                        .withDescription(refusal.get())
                        .asRuntimeException());
                return;
            }
        } catch (IOException e) {
            observer.onError(Status.UNAVAILABLE
                    .withDescription("it could not be recorded: " + e)
                    .withCause(e)
                    .asRuntimeException());
            return;
        }
        observer.onNext(IntroduceVoterResponse.newBuilder()
                .setMemberId(firsts.identity().memberId())
                .setDiskId(firsts.disk())
                .build());
        observer.onCompleted();
    }
}
