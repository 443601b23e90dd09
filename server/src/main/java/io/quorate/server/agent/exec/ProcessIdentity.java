package io.quorate.server.agent.exec;

import java.util.Optional;

/**
 * One process of this boot, told from a later one with the same number by its start time.
 *
 * @param startTicks field 22 of /proc/PID/stat
 */
public record ProcessIdentity(long pid, long startTicks) {

    /** Identity of a process that exists now; empty when it is gone or only a zombie. */
    public static Optional<ProcessIdentity> of(long pid) {
        return ProcTable.read(pid).map(entry -> new ProcessIdentity(pid, entry.startTicks()));
    }

    /** True while this very process lives; a zombie does not. */
    public boolean alive() {
        return ProcTable.read(pid)
                .filter(entry -> entry.startTicks() == startTicks)
                .isPresent();
    }
}
