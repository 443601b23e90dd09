package io.quorate.server.raft;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.RegisterVoter;
import io.quorate.log.v1.RemoveVoter;
import io.quorate.log.v1.VoterRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;

/** Changes of the group, one at a time, on a thread of their own. Leader only. */
final class Membership implements AutoCloseable {

    private static final long TRANSFER_MILLIS = 5_000;

    /** A coming member must have caught up by then. */
    private static final long CHANGE_SECONDS = 60;

    private final RaftPort port;
    private final RaftServer server;
    private final RaftServer.Division division;
    private final RaftSubmitter submitter;
    private final ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "quorate-membership");
        thread.setDaemon(true);
        return thread;
    });

    Membership(RaftPort port, RaftServer server, RaftServer.Division division, RaftSubmitter submitter) {
        this.port = port;
        this.server = server;
        this.division = division;
        this.submitter = submitter;
    }

    /** The first command of a cluster. */
    static Command initCluster(MemberIdentity identity) {
        return command(identity.memberId())
                .setInitCluster(InitCluster.newBuilder()
                        .setClusterId(identity.clusterId())
                        .setClusterName(identity.clusterName())
                        .setGeneration(identity.generation())
                        .addAllVoters(identity.voters()))
                .build();
    }

    private static Command.Builder command(String memberId) {
        return Command.newBuilder()
                .setActor(Actor.newBuilder()
                        .setKind(Actor.Kind.KIND_SYSTEM)
                        .setName(memberId)
                        .setVia(memberId));
    }

    /** As {@link RaftPort#transferLeadership}. */
    CompletableFuture<Void> transferLeadership(String memberId) {
        TransferLeadershipRequest request = new TransferLeadershipRequest(
                submitter.clientId(),
                submitter.self(),
                submitter.groupId(),
                submitter.nextAdminCallId(),
                RaftPeerId.valueOf(memberId),
                TRANSFER_MILLIS);
        return inBackground(() -> await(server.transferLeadershipAsync(request), "handing leadership to " + memberId));
    }

    /** As {@link RaftPort#replaceVoter}. */
    CompletableFuture<Void> replaceVoter(String goingId, VoterRow coming) {
        return inBackground(() -> {
            if (goingId.equals(port.memberId())) {
                throw new UnavailableException(
                        "the leader cannot replace itself: hand leadership over first (quorate member lead)");
            }
            propose(command(port.memberId())
                    .setRegisterVoter(RegisterVoter.newBuilder().setVoter(coming))
                    .build());
            if (!votes(coming.getId())) {
                addLearner(coming);
            }
            if (!votes(coming.getId()) || votes(goingId)) {
                swap(goingId, coming);
            }
            if (!goingId.isEmpty()) {
                propose(command(port.memberId())
                        .setRemoveVoter(RemoveVoter.newBuilder().setId(goingId))
                        .build());
            }
        });
    }

    private boolean votes(String memberId) {
        return peers(RaftPeerRole.FOLLOWER).stream()
                .anyMatch(peer -> peer.getId().toString().equals(memberId));
    }

    /** Completes when the learner has caught up: Ratis stages it before the change of configuration. */
    private void addLearner(VoterRow coming) throws Exception {
        List<RaftPeer> voters = peers(RaftPeerRole.FOLLOWER);
        List<RaftPeer> learners = peers(RaftPeerRole.LISTENER);
        if (learners.stream().anyMatch(peer -> peer.getId().toString().equals(coming.getId()))) {
            return;
        }
        List<RaftPeer> more = new ArrayList<>(learners);
        more.add(Peers.peer(coming, RaftPeerRole.LISTENER));
        change(voters, more, "adding " + coming.getId() + " as a learner");
    }

    private void swap(String goingId, VoterRow coming) throws Exception {
        List<RaftPeer> voters = new ArrayList<>(peers(RaftPeerRole.FOLLOWER));
        voters.removeIf(
                peer -> List.of(goingId, coming.getId()).contains(peer.getId().toString()));
        voters.add(Peers.peer(coming, RaftPeerRole.FOLLOWER));
        List<RaftPeer> learners = new ArrayList<>(peers(RaftPeerRole.LISTENER));
        learners.removeIf(peer -> peer.getId().toString().equals(coming.getId()));
        change(voters, learners, "replacing voter " + goingId + " by " + coming.getId());
    }

    private List<RaftPeer> peers(RaftPeerRole role) {
        return List.copyOf(division.getRaftConf().getAllPeers(role));
    }

    /** Compare and set: refused when the members changed meanwhile. */
    private void change(List<RaftPeer> voters, List<RaftPeer> learners, String what) throws Exception {
        SetConfigurationRequest.Arguments arguments = SetConfigurationRequest.Arguments.newBuilder()
                .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                .setServersInCurrentConf(peers(RaftPeerRole.FOLLOWER))
                .setListenersInCurrentConf(peers(RaftPeerRole.LISTENER))
                .setServersInNewConf(voters)
                .setListenersInNewConf(learners)
                .build();
        SetConfigurationRequest request = new SetConfigurationRequest(
                submitter.clientId(), submitter.self(), submitter.groupId(), submitter.nextAdminCallId(), arguments);
        await(server.setConfigurationAsync(request), what);
    }

    private static void await(CompletableFuture<RaftClientReply> future, String what) throws Exception {
        RaftClientReply reply;
        try {
            reply = future.get(CHANGE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IndeterminateException(what + " did not finish within " + CHANGE_SECONDS + " s");
        } catch (ExecutionException e) {
            throw new UnavailableException(what + " failed: " + e.getCause());
        }
        if (!reply.isSuccess()) {
            throw new UnavailableException(what + " failed: " + reply.getException());
        }
    }

    private void propose(Command command) throws Exception {
        CommandResult result;
        try {
            result = port.propose(command).get(CHANGE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
        if (result.getCode() != 0) {
            throw new UnavailableException(result.getMessage());
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private CompletableFuture<Void> inBackground(Step step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                step.run();
                done.complete(null);
            } catch (IOException e) {
                done.completeExceptionally(new UnavailableException(String.valueOf(e.getMessage())));
            } catch (Exception e) {
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
