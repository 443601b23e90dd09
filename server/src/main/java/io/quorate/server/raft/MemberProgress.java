package io.quorate.server.raft;

import java.time.Duration;

/**
 * How far a member of the group has come, as its leader sees it.
 *
 * @param id member id
 * @param voter false for a learner
 * @param matchIndex last log index known to be on its disk
 * @param lag log entries that the leader has and it has not
 * @param lastContact time since the leader last heard from it; zero for the leader itself
 */
public record MemberProgress(String id, boolean voter, long matchIndex, long lag, Duration lastContact) {}
