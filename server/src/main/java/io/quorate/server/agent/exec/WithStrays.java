package io.quorate.server.agent.exec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A cell together with processes that belong to it although they need not be inside: they left it, or were started before
 * there was one.
 */
record WithStrays(Cell inner, Supplier<List<ProcessIdentity>> strays) implements Cell {
    @Override
    public List<Path> entrances() {
        return inner.entrances();
    }

    @Override
    public Map<String, String> marker() {
        return inner.marker();
    }

    @Override
    public List<ProcessIdentity> processes() {
        Set<ProcessIdentity> all = new LinkedHashSet<>(inner.processes());
        all.addAll(strays.get());
        return List.copyOf(all);
    }

    @Override
    public boolean isEmpty() {
        return inner.isEmpty() && strays.get().isEmpty();
    }

    @Override
    public void terminateAll() {
        Signals.terminate(processes());
    }

    @Override
    public boolean killAll(Duration patience) {
        boolean emptied = inner.killAll(patience);
        // A stray may have been on its way into the cell: one that is being started is.
        return Signals.killUntilEmpty(strays, patience) && emptied && inner.killAll(patience);
    }
}
