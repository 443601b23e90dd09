package io.quorate.server.leader;

import io.quorate.agent.v1.StreamWorkResponse;

/** Where a node's work sets go. Called by the loop's thread only; must not block. */
interface WorkStream {

    String node();

    long incarnation();

    long session();

    /** Whether another set can be taken now; {@link WorkPublisher#ready} is called when that becomes true again. */
    boolean isReady();

    void send(StreamWorkResponse work);

    /** Ends the stream because this process does not lead (any more). */
    void closeNotLeader();

    /** Ends the stream because this agent process must register again. */
    void closeRevoked(String why);
}
