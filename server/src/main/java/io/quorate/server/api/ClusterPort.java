package io.quorate.server.api;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.server.raft.Leadership;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.Position;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.ResponseHeader;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The cluster as the services of any server see it: on a follower, commands and read barriers go to the leader. All
 * methods are safe for use by several threads and return at once.
 */
public interface ClusterPort {
    /**
     * Commits a command. Fails with UnavailableException (definitely not done) or IndeterminateException; a refusal is
     * a normal result with a code.
     */
    CompletableFuture<CommandResult> propose(Command command);

    /** A local state that holds every command acknowledged by anybody before this call. */
    CompletableFuture<ClusterState> readLinearizable();

    /** What this replica has applied. */
    ClusterState applied();

    /** The local state as soon as it has reached {@code atLeast}. */
    CompletableFuture<ClusterState> whenApplied(Position atLeast);

    Leadership leadership();

    /** Time since this server heard from a leader; zero on a ready leader. */
    Duration sinceLeaderContact();

    String memberId();

    /** The leader's public endpoint, to be tried instead of this server; empty when unknown or when it is this one. */
    String leaderApiEndpoint();

    /** Answers on the leader: here when this is it, else over the node plane, in the name of {@code caller}. */
    <Q extends Message, A extends Message> CompletableFuture<A> onLeader(
            LeaderMethod<Q, A> method, Q request, Caller caller);

    /** The header of an answer from {@code position}. */
    default ResponseHeader.Builder header(String clusterId, Position position) {
        Leadership leadership = leadership();
        return ResponseHeader.newBuilder()
                .setClusterId(clusterId)
                .setPosition(position)
                .setRaftTerm(leadership.term())
                .setAnsweredBy(memberId())
                .setLeader(leadership.leaderId().orElse(""))
                .setServedAs(ReadConsistency.READ_CONSISTENCY_LINEARIZABLE);
    }

    /**
     * A call that only the leader can answer.
     *
     * @param name the full method name of the public rpc, as in {@code quorate.v1.NodeService/CheckFencing}
     * @param changes whether it changes something: without an answer it may have been done
     */
    record LeaderMethod<Q extends Message, A extends Message>(
            String name, Parser<Q> requests, Parser<A> answers, boolean changes) {
        /** One that comes has to catch up first. */
        private static final Duration CHANGE_LIMIT = Duration.ofMinutes(2);

        /** One that changes nothing. */
        LeaderMethod(String name, Parser<Q> requests, Parser<A> answers) {
            this(name, requests, answers, false);
        }

        /** When it is given up if its caller has no deadline. */
        Duration limit() {
            return changes ? CHANGE_LIMIT : Reads.DEFAULT_DEADLINE;
        }
    }
}
