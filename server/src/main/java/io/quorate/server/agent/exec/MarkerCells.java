package io.quorate.server.agent.exec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Cells without cgroups: every process carries a variable in its environment, and /proc is searched for it. A daemonized
 * grandchild is found too; one that clears its environment and leaves its parent is not, which is why cgroups come first.
 */
public final class MarkerCells implements Cells {
    /** The variable that names the cell; {@code QUORATE_CELL=AGENT_ID:INSTANCE/RESOURCE}. */
    public static final String VARIABLE = "QUORATE_CELL";

    private static final String OPERATION_VARIABLE = "QUORATE_OPERATION_CELL";

    private final String agentId;

    public MarkerCells(String agentId) {
        this.agentId = agentId;
    }

    @Override
    public Cell ofMember(String instance, String resource) {
        return new MarkedCell(VARIABLE, agentId + ":" + instance + "/" + resource);
    }

    @Override
    public Cell ofOperation(String instance, String resource) {
        return new MarkedCell(OPERATION_VARIABLE, agentId + ":" + instance + "/" + resource);
    }

    @Override
    public String description() {
        return "process marker " + VARIABLE + " (cgroups are not writable here)";
    }

    private record MarkedCell(String variable, String value) implements Cell {
        @Override
        public List<Path> entrances() {
            return List.of();
        }

        @Override
        public Map<String, String> marker() {
            return Map.of(variable, value);
        }

        @Override
        public List<ProcessIdentity> processes() {
            long self = ProcessHandle.current().pid();
            return ProcTable.marked(variable + "=" + value).stream()
                    .filter(entry -> entry.pid() != self)
                    .map(entry -> new ProcessIdentity(entry.pid(), entry.startTicks()))
                    .toList();
        }

        @Override
        public void terminateAll() {
            Signals.terminate(processes());
        }

        @Override
        public boolean killAll(Duration patience) {
            return Signals.killUntilEmpty(this::processes, patience);
        }
    }
}
