package io.quorate.server.raft;

import java.util.concurrent.CompletableFuture;

/** Where the proposer puts entries: Ratis, or a hand-written log in tests. */
interface EntrySink {

    /** What became of a submission, apart from its being applied, which the replica reports by itself. */
    enum Outcome {
        /** Replicated and applied here. */
        APPLIED,
        /** It never entered the log. */
        NOT_LOGGED,
        /** It may have entered the log. */
        UNKNOWN
    }

    /**
     * Submits an entry under a call id that is never used twice.
     *
     * @return completes normally in every case
     */
    CompletableFuture<Outcome> submit(long callId, byte[] entry);
}
