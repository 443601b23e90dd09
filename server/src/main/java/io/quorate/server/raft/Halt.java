package io.quorate.server.raft;

import org.jspecify.annotations.Nullable;

/**
 * The end of this process. A replica that cannot go on safely must not stay: its node's lease runs out and others take
 * over.
 */
@FunctionalInterface
public interface Halt {

    /**
     * Ends the process soon, without running what a clean stop would run. May be called from any thread, also several
     * times and with locks of the Raft library held, so it must not wait for anything of this process.
     *
     * @param lastWords what is wrong and which command helps
     */
    void halt(String lastWords, @Nullable Throwable cause);
}
