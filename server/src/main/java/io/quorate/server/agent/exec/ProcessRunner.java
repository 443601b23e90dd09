package io.quorate.server.agent.exec;

import java.io.IOException;
import java.util.function.Consumer;

/** Starts processes. The seam between the agent and the operating system. */
public interface ProcessRunner {
    int OUTPUT_LIMIT_BYTES = 1024 * 1024;
    int TAIL_BYTES = 4096;

    /**
     * Runs to the end or to the timeout, when the process's whole session is killed; blocks the caller. What left the
     * session (a daemon) stays in its cell.
     *
     * @param started told who was started, before anything is waited for, so that a later agent can find it
     * @throws IOException when it cannot be started
     * @throws InterruptedException when the caller was interrupted; the session was killed
     */
    ProcessResult run(ProcessSpec spec, Consumer<ProcessIdentity> started) throws IOException, InterruptedException;

    /** Starts a process that outlives this one; its output is appended to the file of the spec, its timeout ignored. */
    Supervised launch(ProcessSpec spec) throws IOException;

    /** Kills every process of the session of an operation that an earlier agent may have left; true when none is left. */
    boolean killSession(ProcessIdentity leader);

    /** A started process and, while this agent lives, its exit code. */
    record Supervised(ProcessIdentity identity, java.util.concurrent.CompletableFuture<Integer> exit) {}
}
