package io.quorate.server.agent.exec;

import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.server.time.Clock;
import io.quorate.v1.Operation;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Starts, stops and watches systemd units through systemctl. A unit is its own cell; it is empty when the unit is down, no job
 * is queued that brings it up, and no process is left in its cgroup.
 */
public final class SystemdExecutor implements Executor {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(100);
    private static final Duration MONITOR_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);
    private static final Duration SETTLE = Duration.ofSeconds(90);
    private static final String PROPERTIES = "--property=ActiveState,ControlGroup,Job";

    private final ProcessRunner runner;
    private final OperationFiles files;
    private final Path systemctl;
    private final Path cgroups;
    private final Clock clock;

    /**
     * A unit as systemd shows it.
     *
     * @param inBetween it is on its way up or down, or a job waits that will take it there
     */
    private record Shown(Outcome outcome, boolean inBetween) {}

    /** @param cgroups where cgroups are mounted, normally /sys/fs/cgroup */
    public SystemdExecutor(ProcessRunner runner, OperationFiles files, Path systemctl, Path cgroups, Clock clock) {
        this.runner = runner;
        this.files = files;
        this.systemctl = systemctl;
        this.cgroups = cgroups;
        this.clock = clock;
    }

    @Override
    public Outcome start(Task task) throws InterruptedException {
        Outcome started = call("start", task, List.of("start"), timeout(task.spec(), "start", DEFAULT_TIMEOUT));
        return started.failed() ? started : settled("start", task, started.took());
    }

    @Override
    public Outcome stop(Task task) throws InterruptedException {
        return call("stop", task, List.of("stop"), timeout(task.spec(), "stop", DEFAULT_TIMEOUT));
    }

    @Override
    public Outcome monitor(Task task) throws InterruptedException {
        return settled("monitor", task, Duration.ZERO);
    }

    @Override
    public Outcome probe(Task task) throws InterruptedException {
        return monitor(task);
    }

    @Override
    public Outcome validate(Task task) throws InterruptedException {
        return call("validate-all", task, List.of("cat"), MONITOR_TIMEOUT);
    }

    @Override
    public Duration monitorInterval(ResourceSpec spec, Role role) {
        return override(spec, "monitor")
                .filter(Operation::hasInterval)
                .map(operation -> Durations.of(operation.getInterval()))
                .orElse(DEFAULT_INTERVAL);
    }

    /** A unit in between is looked at again until it is up or down. */
    private Outcome settled(String operation, Task task, Duration before) throws InterruptedException {
        long deadline = clock.monotonicNanos() + SETTLE.toNanos();
        Shown last = show(task);
        while (last.inBetween() && clock.monotonicNanos() - deadline < 0) {
            Thread.sleep(100);
            last = show(task);
        }
        Outcome outcome = last.outcome();
        return new Outcome(
                operation,
                outcome.finding(),
                outcome.exitCode(),
                outcome.exitReason(),
                outcome.outputTail(),
                before.plus(outcome.took()));
    }

    private Shown show(Task task) throws InterruptedException {
        Outcome shown = call("monitor", task, List.of("show", PROPERTIES), MONITOR_TIMEOUT);
        if (shown.failed()) {
            return new Shown(shown, false);
        }
        Map<String, String> properties = properties(shown.outputTail());
        String state = properties.getOrDefault("ActiveState", "");
        return switch (state) {
            case "active", "reloading" -> shown(state, Finding.RUNNING, "", shown.took(), false);
            case "inactive", "failed" -> down(state, properties, shown.took());
            default -> shown(state, Finding.FAILED, "unit is " + state, shown.took(), state.endsWith("ing"));
        };
    }

    /** A job is shown by its number, none as 0 or not at all. */
    private Shown down(String state, Map<String, String> properties, Duration took) {
        boolean queued = !properties.getOrDefault("Job", "").matches("0?");
        if (queued) {
            return shown(state, Finding.FAILED, "unit is " + state + ", but a job for it is queued", took, true);
        }
        String cgroup = properties.getOrDefault("ControlGroup", "");
        boolean empty =
                cgroup.isEmpty() || Cgroup.ofSystemd(cgroups, cgroup).stream().allMatch(Cgroup::isEmpty);
        if (!empty) {
            String reason = "unit is " + state + ", but processes are left in its cgroup";
            return shown(state, Finding.FAILED, reason, took, false);
        }
        return shown(state, Finding.NOT_RUNNING, state.equals("failed") ? "unit failed" : "", took, false);
    }

    private static Shown shown(String state, Finding finding, String reason, Duration took, boolean inBetween) {
        int code = switch (finding) {
            case RUNNING, DEGRADED -> ExitCodes.OK;
            case NOT_RUNNING -> ExitCodes.NOT_RUNNING;
            case FAILED -> ExitCodes.ERR_GENERIC;
        };
        return new Shown(new Outcome("monitor", finding, code, reason, state, took), inBetween);
    }

    /** Lines of the form name=value; what else was printed is no property. */
    private static Map<String, String> properties(String text) {
        Map<String, String> properties = new TreeMap<>();
        text.lines()
                .map(line -> line.split("=", 2))
                .filter(pair -> pair.length == 2)
                .forEach(pair -> properties.put(pair[0], pair[1].strip()));
        return properties;
    }

    private Outcome call(String operation, Task task, List<String> verb, Duration timeout) throws InterruptedException {
        String unit = task.spec().getSystemd().getUnit();
        try {
            if (!unit.matches("^[A-Za-z0-9][A-Za-z0-9:_.@\\\\-]{0,254}$")) {
                throw new RefusedException("unit name not allowed: '" + unit + "'", ExitCodes.ERR_CONFIGURED);
            }
            List<String> argv = new java.util.ArrayList<>(List.of(systemctl.toString(), "--no-pager"));
            argv.addAll(verb);
            argv.add("--");
            argv.add(unit);
            ProcessSpec spec = ProcessSpec.of(
                    argv,
                    Map.of(),
                    timeout,
                    Optional.empty(),
                    files.output(task.instance(), task.resource(), operation));
            ProcessResult result = runner.run(spec, task.started());
            boolean failed = result.timedOut() || result.exitCode() != 0;
            Finding good = operation.equals("start") ? Finding.RUNNING : Finding.NOT_RUNNING;
            return Outcome.of(operation, failed ? Finding.FAILED : good, result);
        } catch (RefusedException refusal) {
            return Outcome.refused(operation, refusal);
        } catch (IOException e) {
            return Outcome.refused(
                    operation,
                    new RefusedException("cannot run systemctl: " + e.getMessage(), ExitCodes.ERR_INSTALLED));
        }
    }

    private static Duration timeout(ResourceSpec spec, String action, Duration otherwise) {
        return override(spec, action)
                .filter(Operation::hasTimeout)
                .map(operation -> Durations.of(operation.getTimeout()))
                .orElse(otherwise);
    }

    private static Optional<Operation> override(ResourceSpec spec, String action) {
        return spec.getOperationsList().stream()
                .filter(operation -> operation.getName().equals(action))
                .findFirst();
    }
}
