package io.quorate.server.raft;

import io.quorate.log.v1.VoterRow;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.NetUtils;

/** The group through this process' own Ratis server. */
final class RatisGroup implements Membership.Group {

    private static final long TRANSFER_MILLIS = 5_000;

    private static final int LISTENING_MILLIS = 2_000;

    private final RaftServer server;
    private final RaftServer.Division division;
    private final RaftSubmitter submitter;

    RatisGroup(RaftServer server, RaftServer.Division division, RaftSubmitter submitter) {
        this.server = server;
        this.division = division;
        this.submitter = submitter;
    }

    @Override
    public List<RaftPeer> voters() {
        return List.copyOf(division.getRaftConf().getAllPeers(RaftPeerRole.FOLLOWER));
    }

    @Override
    public List<RaftPeer> learners() {
        return List.copyOf(division.getRaftConf().getAllPeers(RaftPeerRole.LISTENER));
    }

    @Override
    public void requireListening(VoterRow member) throws UnavailableException {
        try (Socket socket = new Socket()) {
            socket.connect(NetUtils.createSocketAddr(member.getRaftEndpoint()), LISTENING_MILLIS);
        } catch (IOException | IllegalArgumentException e) {
            throw new UnavailableException(
                    member.getId() + " cannot be reached at " + member.getRaftEndpoint() + ": " + e.getMessage());
        }
    }

    @Override
    public void lead(String memberId) throws Exception {
        TransferLeadershipRequest request = new TransferLeadershipRequest(
                submitter.clientId(),
                submitter.self(),
                submitter.groupId(),
                submitter.nextAdminCallId(),
                RaftPeerId.valueOf(memberId),
                TRANSFER_MILLIS);
        await(server.transferLeadershipAsync(request), "handing leadership to " + memberId);
    }

    @Override
    public void change(List<RaftPeer> voters, List<RaftPeer> learners, String what) throws Exception {
        SetConfigurationRequest.Arguments arguments = SetConfigurationRequest.Arguments.newBuilder()
                .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                .setServersInCurrentConf(voters())
                .setListenersInCurrentConf(learners())
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
            reply = future.get(Membership.CHANGE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IndeterminateException(what + " did not finish within " + Membership.CHANGE_SECONDS + " s");
        } catch (ExecutionException e) {
            throw new UnavailableException(what + " failed: " + e.getCause());
        }
        if (!reply.isSuccess()) {
            throw new UnavailableException(what + " failed: " + reply.getException());
        }
    }
}
