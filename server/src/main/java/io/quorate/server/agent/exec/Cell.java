package io.quorate.server.agent.exec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The fence around all processes of one member of an instance, forked-away ones too. It outlives the agent: processes stay
 * in it when the agent dies, and the next agent finds them there. All methods may be called from any thread; what is inside
 * of a cell that cannot be read is not known, and asking for it throws.
 */
public interface Cell {
    /** Control files that a process writes its own number into to enter; empty where the marker alone does it. */
    List<Path> entrances();

    /** Variables that a process of this cell is started with. */
    Map<String, String> marker();

    /** Living processes inside, zombies left out. */
    List<ProcessIdentity> processes();

    default boolean isEmpty() {
        return processes().isEmpty();
    }

    /** Asks every process inside to end (TERM). */
    void terminateAll();

    /**
     * Kills everything inside and waits until it is gone.
     *
     * @return true when the cell is empty; false when a process outlived KILL for that long (stuck in the kernel)
     */
    boolean killAll(Duration patience);
}
