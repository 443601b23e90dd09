package io.quorate.server.raft;

import java.util.Optional;

/**
 * Who leads, as this member knows it.
 *
 * @param role of this member
 * @param term the Raft term in which that holds
 * @param leaderId member id of the leader, empty while none is known
 * @param ready only on the leader: everything committed by earlier terms is applied and the cluster is initialized
 */
public record Leadership(Role role, long term, Optional<String> leaderId, boolean ready) {

    /** The part that a member plays in Raft. */
    public enum Role {
        LEADER,
        FOLLOWER,
        CANDIDATE,
        /** Receives the log but has no vote, while it catches up. */
        LEARNER
    }

    /** Whether this member may propose now. */
    public boolean isReadyLeader() {
        return role == Role.LEADER && ready;
    }

    /** The leader, when one is known and it is not {@code memberId}: who asks there, not here, gets an answer. */
    public Optional<String> leaderOtherThan(String memberId) {
        return leaderId.filter(leader -> !leader.equals(memberId));
    }
}
