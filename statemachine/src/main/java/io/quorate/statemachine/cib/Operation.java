package io.quorate.statemachine.cib;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One line of a node's history: an operation of a resource and what became of it.
 *
 * @param callId order in which a node ran its operations; -1 while it runs
 * @param transition number of the decision that it belonged to; -1 for one on shutdown
 * @param decider who decided; numbers of transitions are only compared among those of one
 * @param expected exit code that would be no surprise
 */
record Operation(
        Element line,
        String name,
        long intervalMillis,
        int callId,
        int exitCode,
        int status,
        int transition,
        String decider,
        int expected) {
    static final int OK = 0;
    static final int ERROR = 1;
    static final int INVALID_PARAMETER = 2;
    static final int UNIMPLEMENTED = 3;
    static final int NO_PERMISSION = 4;
    static final int NOT_INSTALLED = 5;
    static final int NOT_CONFIGURED = 6;
    static final int NOT_RUNNING = 7;
    static final int RUNNING_PROMOTED = 8;
    static final int FAILED_PROMOTED = 9;
    static final int DEGRADED = 190;
    static final int DEGRADED_PROMOTED = 191;

    static final int PENDING = -1;
    static final int DONE = 0;
    static final int CANCELLED = 1;
    static final int TIMED_OUT = 2;
    static final int HARD_ERROR = 5;
    static final int FATAL_ERROR = 6;
    static final int AGENT_NOT_INSTALLED = 7;

    static Operation of(Element line) {
        String[] key = line.get("transition-key").split(":", 4);
        boolean complete = key.length == 4;
        return new Operation(
                line,
                line.get("operation"),
                Math.max(0, Values.leadingNumber(line.get("interval"))),
                (int) Values.leadingNumber(line.find("call-id").orElse("-1")),
                (int) Values.leadingNumber(line.find("rc-code").orElse("1")),
                (int) Values.leadingNumber(line.find("op-status").orElse("0")),
                complete ? (int) Values.leadingNumber(key[1]) : -1,
                complete ? key[3] : "",
                complete ? (int) Values.leadingNumber(key[2]) : 0);
    }

    boolean is(String operation) {
        return name.equals(operation);
    }

    /** A monitor that was run once, to see what is there. */
    boolean isProbe() {
        return is("monitor") && intervalMillis == 0;
    }

    boolean isPending() {
        return status == PENDING;
    }

    /** Running with a warning counts as running. */
    int effectiveExitCode() {
        return exitCode == DEGRADED ? OK : exitCode == DEGRADED_PROMOTED ? RUNNING_PROMOTED : exitCode;
    }

    boolean isExpected() {
        return effectiveExitCode() == expected;
    }

    Optional<Instant> changed() {
        long seconds = Values.leadingNumber(line.find("last-rc-change").orElse(line.get("last-run")));
        return seconds > 0 ? Optional.of(Instant.ofEpochSecond(seconds)) : Optional.empty();
    }

    /** In the order in which they were run. */
    static List<Operation> history(Element resource) {
        List<Operation> sorted = new ArrayList<>();
        for (Element line : resource.children("lrm_rsc_op")) {
            Operation operation = of(line);
            if (operation.is("notify") || operation.status() == CANCELLED) {
                continue;
            }
            int place = sorted.size();
            // Not a total order, because of what still runs: inserted one by one, as few comparisons as can be.
            while (place > 0 && operation.isBefore(sorted.get(place - 1))) {
                place--;
            }
            sorted.add(place, operation);
        }
        return sorted;
    }

    private boolean isBefore(Operation other) {
        if (callId == -1 && other.callId == -1) {
            return false;
        }
        if (callId >= 0 && other.callId >= 0) {
            if (callId != other.callId) {
                return callId < other.callId;
            }
            // The last operation and the last failure are the same one, or the failure is the older.
            return changed().isPresent()
                    && other.changed().isPresent()
                    && changed().get().isBefore(other.changed().get());
        }
        if (!decider.equals(other.decider) || transition == other.transition) {
            return other.callId == -1;
        }
        return transition >= 0 && (other.transition == -1 || transition < other.transition);
    }
}
