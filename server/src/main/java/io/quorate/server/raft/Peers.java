package io.quorate.server.raft;

import io.quorate.log.v1.VoterRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;

/** Members between our words and those of Ratis. */
final class Peers {

    private Peers() {}

    /** The group that a member starts with when its log does not name a newer one. */
    static RaftGroup group(MemberIdentity identity) {
        List<RaftPeer> peers = new ArrayList<>();
        for (VoterRow voter : identity.voters()) {
            boolean learner = identity.learner() && voter.getId().equals(identity.memberId());
            peers.add(peer(voter, learner ? RaftPeerRole.LISTENER : RaftPeerRole.FOLLOWER));
        }
        return RaftGroup.valueOf(RaftGroupId.valueOf(identity.groupId()), peers);
    }

    static RaftPeer peer(VoterRow voter, RaftPeerRole startupRole) {
        return RaftPeer.newBuilder()
                .setId(voter.getId())
                .setAddress(voter.getRaftEndpoint())
                .setStartupRole(startupRole)
                .build();
    }

    static Leadership.Role role(RaftPeerRole role) {
        return switch (role) {
            case LEADER -> Leadership.Role.LEADER;
            case CANDIDATE -> Leadership.Role.CANDIDATE;
            case LISTENER -> Leadership.Role.LEARNER;
            case FOLLOWER, UNRECOGNIZED -> Leadership.Role.FOLLOWER;
        };
    }

    /** Ids of those who vote now. */
    static SortedSet<String> voterIds(RaftServer.Division division) {
        TreeSet<String> ids = new TreeSet<>();
        division.getRaftConf()
                .getAllPeers(RaftPeerRole.FOLLOWER)
                .forEach(peer -> ids.add(peer.getId().toString()));
        return ids;
    }

    static Duration sinceLeaderContact(RoleInfoProto info) {
        return switch (info.getRole()) {
            case LEADER -> Duration.ZERO;
            case CANDIDATE -> Duration.ofMillis(info.getCandidateInfo().getLastLeaderElapsedTimeMs());
            case FOLLOWER, LISTENER, UNRECOGNIZED ->
                Duration.ofMillis(info.getFollowerInfo().getLeaderInfo().getLastRpcElapsedTimeMs());
        };
    }

    /**
     * The other voters, as a leader knows them; empty when this member does not lead.
     *
     * @param lately what has answered within this time answers
     */
    static List<FirstEntry.Follower> followers(RaftServer.Division division, Duration lately) {
        RoleInfoProto info = division.getInfo().getRoleInfoProto();
        long[] next = division.getInfo().getFollowerNextIndices();
        long[] matches = division.getInfo().getFollowerMatchIndices();
        if (info.getRole() != RaftPeerRole.LEADER || next == null || matches == null) {
            return List.of();
        }
        SortedSet<String> voters = voterIds(division);
        // As below, all three are in the order of the log appenders.
        List<ServerRpcProto> members = info.getLeaderInfo().getFollowerInfoList();
        List<FirstEntry.Follower> followers = new ArrayList<>();
        for (int index = 0; index < Math.min(Math.min(next.length, matches.length), members.size()); index++) {
            ServerRpcProto member = members.get(index);
            if (voters.contains(member.getId().getId().toStringUtf8())) {
                boolean answers = member.getLastRpcElapsedTimeMs() <= lately.toMillis();
                followers.add(new FirstEntry.Follower(next[index], matches[index], answers));
            }
        }
        return List.copyOf(followers);
    }

    static List<MemberProgress> progress(RaftServer.Division division) {
        RoleInfoProto info = division.getInfo().getRoleInfoProto();
        long[] matches = division.getInfo().getFollowerMatchIndices();
        if (info.getRole() != RaftPeerRole.LEADER || matches == null) {
            return List.of();
        }
        long last = Optional.ofNullable(division.getRaftLog().getLastEntryTermIndex())
                .map(TermIndex::getIndex)
                .orElse(-1L);
        SortedSet<String> voters = voterIds(division);
        String self = division.getId().toString();
        List<MemberProgress> members = new ArrayList<>();
        members.add(new MemberProgress(self, voters.contains(self), last, 0, Duration.ZERO));
        // Both lists come from the log appenders in one order; a change of members in between shortens one of them.
        List<ServerRpcProto> followers = info.getLeaderInfo().getFollowerInfoList();
        for (int index = 0; index < Math.min(matches.length, followers.size()); index++) {
            String id = followers.get(index).getId().getId().toStringUtf8();
            members.add(new MemberProgress(
                    id,
                    voters.contains(id),
                    matches[index],
                    Math.max(0, last - matches[index]),
                    Duration.ofMillis(followers.get(index).getLastRpcElapsedTimeMs())));
        }
        return List.copyOf(members);
    }
}
