package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Engine;
import io.quorate.statemachine.placement.Problem;
import io.quorate.statemachine.placement.Transition;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a CIB says is, what is to be done about it, and what will be then. Nothing is carried out.
 *
 * @param now the time that rules and failures were judged by
 * @param transition what was decided, and everything that has to be done for it
 * @param fencingAction how nodes are fenced: {@code reboot} or {@code off}
 * @param after what is once everything has been done and has succeeded
 * @param stopped configured resources of which nothing is active then, in the order of the file
 * @param warnings what could not be read as it stands, and what it was taken for
 */
public record Simulation(
        Instant now,
        Snapshot before,
        Transition transition,
        String fencingAction,
        Snapshot after,
        List<String> stopped,
        List<String> warnings) {
    public Simulation {
        stopped = List.copyOf(stopped);
        warnings = List.copyOf(warnings);
    }

    /** Reads a CIB and decides nothing: what {@link #of} decides about. */
    public static Problem problem(InputStream in, Optional<Instant> now, Instant clock) throws CibException {
        return ProblemReader.read(Cib.read(in, now, clock));
    }

    /**
     * Reads a CIB and decides once.
     *
     * @param now empty: the CIB's own {@code execution-date}, the moment that it was kept for, or without one the clock's
     * @param clock the time outside
     * @throws CibException when it is no CIB
     */
    public static Simulation of(InputStream in, Optional<Instant> now, Instant clock) throws CibException {
        Cib cib = Cib.read(in, now, clock);
        StatusReader.Status status = StatusReader.read(cib);
        SnapshotReader snapshots = new SnapshotReader(cib, status);
        Snapshot before = snapshots.before();
        Transition transition = Engine.plan(ProblemReader.read(cib, status));
        Snapshot after = snapshots.after(transition.answer());
        boolean off = List.of("off", "poweroff").contains(cib.option("fencing-action"));
        return new Simulation(
                cib.now(),
                before,
                transition,
                off ? "off" : "reboot",
                after,
                snapshots.stopped(after),
                CibCheck.warnings(cib));
    }
}
