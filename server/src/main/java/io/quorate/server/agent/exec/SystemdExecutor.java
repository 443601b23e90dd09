package io.quorate.server.agent.exec;

import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.v1.Operation;
import io.quorate.v1.ResourceSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Starts, stops and watches systemd units through systemctl. A unit is its own cell: it is empty when the unit is inactive. */
public final class SystemdExecutor implements Executor {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(100);
    private static final Duration MONITOR_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);
    private static final Duration SETTLE = Duration.ofSeconds(90);

    private final ProcessRunner runner;
    private final OperationFiles files;
    private final Path systemctl;

    public SystemdExecutor(ProcessRunner runner, OperationFiles files, Path systemctl) {
        this.runner = runner;
        this.files = files;
        this.systemctl = systemctl;
    }

    @Override
    public Outcome start(Task task) throws InterruptedException {
        Outcome started = call("start", task, List.of("start"), timeout(task.spec(), "start", DEFAULT_TIMEOUT));
        return started.failed() ? started : settled(task, started);
    }

    @Override
    public Outcome stop(Task task) throws InterruptedException {
        return call("stop", task, List.of("stop"), timeout(task.spec(), "stop", DEFAULT_TIMEOUT));
    }

    @Override
    public Outcome monitor(Task task) throws InterruptedException {
        return settled(task, show(task));
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
    public Duration monitorInterval(ResourceSpec spec) {
        return override(spec, "monitor")
                .filter(Operation::hasInterval)
                .map(operation -> Durations.of(operation.getInterval()))
                .orElse(DEFAULT_INTERVAL);
    }

    /** A unit in between is looked at again until it is up or down. */
    private Outcome settled(Task task, Outcome first) throws InterruptedException {
        long deadline = System.nanoTime() + SETTLE.toNanos();
        Outcome last = show(task);
        while (last.exitReason().endsWith("ing") && System.nanoTime() < deadline) {
            Thread.sleep(100);
            last = show(task);
        }
        return new Outcome(
                first.operation(),
                last.finding(),
                last.exitCode(),
                last.exitReason(),
                last.outputTail(),
                first.took().plus(last.took()));
    }

    private Outcome show(Task task) throws InterruptedException {
        Outcome shown = call("monitor", task, List.of("show", "--property=ActiveState", "--value"), MONITOR_TIMEOUT);
        if (shown.failed()) {
            return shown;
        }
        String state = shown.outputTail().strip();
        return switch (state) {
            case "active", "reloading" ->
                new Outcome("monitor", Finding.RUNNING, ExitCodes.OK, "", state, shown.took());
            case "inactive" ->
                new Outcome("monitor", Finding.NOT_RUNNING, ExitCodes.NOT_RUNNING, "", state, shown.took());
            // systemd empties the cgroup of a unit before it calls it failed.
            case "failed" ->
                new Outcome("monitor", Finding.NOT_RUNNING, ExitCodes.NOT_RUNNING, "unit failed", state, shown.took());
            default ->
                new Outcome("monitor", Finding.FAILED, ExitCodes.ERR_GENERIC, "unit is " + state, state, shown.took());
        };
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
