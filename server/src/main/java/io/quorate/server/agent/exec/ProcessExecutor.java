package io.quorate.server.agent.exec;

import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.server.time.Clock;
import io.quorate.v1.HealthCheck;
import io.quorate.v1.Operation;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Supervises a command: it leads a session in its own cell, writes to its own log file, and goes on when the agent dies. It
 * runs while its main process lives; it is stopped as a group, TERM first and KILL after the grace.
 */
public final class ProcessExecutor implements Executor {
    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(2);
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);
    private static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);
    /** A command that cannot even start (no such program, a bad option) ends within this. */
    private static final Duration SETTLE = Duration.ofMillis(400);

    private static final int DEFAULT_UNHEALTHY_AFTER = 3;
    private static final long CHECK_PAUSE_MILLIS = 25;

    private final ProcessRunner runner;
    private final Cells cells;
    private final OperationFiles files;
    private final HealthProbe health;
    private final Clock clock;
    /** Exit codes of what this agent started; what an earlier agent started ends with an unknown one. */
    private final Map<Long, CompletableFuture<Integer>> exits = new ConcurrentHashMap<>();

    private final Map<String, Integer> unhealthyInARow = new ConcurrentHashMap<>();

    public ProcessExecutor(ProcessRunner runner, Cells cells, OperationFiles files, Clock clock) {
        this.runner = runner;
        this.cells = cells;
        this.files = files;
        this.health = new HealthProbe(runner);
        this.clock = clock;
    }

    @Override
    public Outcome start(Task task) throws InterruptedException {
        long begin = clock.monotonicNanos();
        Cell cell = member(task);
        try {
            if (!cell.isEmpty()) {
                return failed(
                        "start", task, ExitCodes.ERR_GENERIC, "processes of an earlier start are still there", begin);
            }
            unhealthyInARow.remove(key(task));
            ProcessSpec spec = command(task);
            ProcessRunner.Supervised supervised = runner.launch(spec);
            exits.put(supervised.identity().pid(), supervised.exit());
            task.started().accept(supervised.identity());
            return awaitUp(task.withProcess(Optional.of(supervised.identity())), begin);
        } catch (RefusedException refusal) {
            return Outcome.refused("start", refusal);
        } catch (IOException e) {
            return failed("start", task, ExitCodes.ERR_GENERIC, String.valueOf(e.getMessage()), begin);
        }
    }

    private Outcome awaitUp(Task task, long begin) throws InterruptedException {
        ProcessKind kind = task.spec().getProcess();
        long deadline = begin + startTimeout(task.spec()).toNanos();
        long settled = clock.monotonicNanos() + SETTLE.toNanos();
        String wrong = "";
        while (clock.monotonicNanos() - deadline < 0) {
            Optional<String> dead = death(task);
            if (dead.isPresent()) {
                return failed("start", task, exitCode(task), dead.get(), begin);
            }
            if (kind.hasHealth()) {
                Optional<String> unhealthy = health.check(kind.getHealth(), checkTemplate(task));
                if (unhealthy.isEmpty()) {
                    return done("start", Finding.RUNNING, begin);
                }
                wrong = unhealthy.get();
            } else if (clock.monotonicNanos() - settled >= 0) {
                return done("start", Finding.RUNNING, begin);
            }
            Thread.sleep(CHECK_PAUSE_MILLIS);
        }
        return failed("start", task, ExitCodes.TIMED_OUT, "not healthy in time: " + wrong, begin);
    }

    @Override
    public Outcome stop(Task task) throws InterruptedException {
        long begin = clock.monotonicNanos();
        Cell cell = member(task);
        ProcessKind kind = task.spec().getProcess();
        Duration grace = kind.hasStopGrace() ? Durations.of(kind.getStopGrace()) : DEFAULT_GRACE;
        cell.terminateAll();
        boolean gone = Signals.await(cell::isEmpty, grace) || cell.killAll(KILL_PATIENCE);
        task.process().ifPresent(main -> exits.remove(main.pid()));
        return gone
                ? done("stop", Finding.NOT_RUNNING, begin)
                : failed("stop", task, ExitCodes.ERR_GENERIC, "processes outlived KILL: " + cell.processes(), begin);
    }

    @Override
    public Outcome monitor(Task task) throws InterruptedException {
        long begin = clock.monotonicNanos();
        Optional<String> dead = death(task);
        if (dead.isPresent()) {
            boolean nothing = member(task).isEmpty();
            int code = nothing ? ExitCodes.NOT_RUNNING : ExitCodes.ERR_GENERIC;
            Outcome outcome = failed("monitor", task, code, dead.get(), begin);
            return nothing
                    ? new Outcome(
                            "monitor", Finding.NOT_RUNNING, code, dead.get(), outcome.outputTail(), outcome.took())
                    : outcome;
        }
        HealthCheck check = task.spec().getProcess().getHealth();
        Optional<String> unhealthy = health.check(check, checkTemplate(task));
        if (unhealthy.isEmpty()) {
            unhealthyInARow.remove(key(task));
            return done("monitor", Finding.RUNNING, begin);
        }
        int bad = unhealthyInARow.merge(key(task), 1, Integer::sum);
        int limit = check.getUnhealthyAfter() > 0 ? check.getUnhealthyAfter() : DEFAULT_UNHEALTHY_AFTER;
        return bad < limit
                ? done("monitor", Finding.RUNNING, begin)
                : failed("monitor", task, ExitCodes.ERR_GENERIC, unhealthy.get(), begin);
    }

    @Override
    public Outcome probe(Task task) throws InterruptedException {
        long begin = clock.monotonicNanos();
        return member(task).isEmpty() ? done("monitor", Finding.NOT_RUNNING, begin) : monitor(task);
    }

    @Override
    public Outcome validate(Task task) {
        long begin = clock.monotonicNanos();
        try {
            command(task);
            return done("validate-all", Finding.NOT_RUNNING, begin);
        } catch (RefusedException refusal) {
            return Outcome.refused("validate-all", refusal);
        } catch (IOException | InterruptedException e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return failed("validate-all", task, ExitCodes.ERR_GENERIC, String.valueOf(e.getMessage()), begin);
        }
    }

    @Override
    public Duration monitorInterval(ResourceSpec spec, Role role) {
        HealthCheck check = spec.getProcess().getHealth();
        return override(spec, "monitor")
                .filter(Operation::hasInterval)
                .map(operation -> Durations.of(operation.getInterval()))
                .orElse(check.hasInterval() ? Durations.of(check.getInterval()) : DEFAULT_INTERVAL);
    }

    /** When the main process ends, if this agent started it: a crash is then seen at once and not at the next monitor. */
    public Optional<CompletableFuture<Integer>> exitOf(ProcessIdentity main) {
        return Optional.ofNullable(exits.get(main.pid()));
    }

    private static Duration startTimeout(ResourceSpec spec) {
        return override(spec, "start")
                .filter(Operation::hasTimeout)
                .map(operation -> Durations.of(operation.getTimeout()))
                .orElse(DEFAULT_START_TIMEOUT);
    }

    private static Optional<Operation> override(ResourceSpec spec, String action) {
        return spec.getOperationsList().stream()
                .filter(operation -> operation.getName().equals(action))
                .findFirst();
    }

    /** Why the member is dead, if it is. Without a known main process (its record was lost) any process inside counts. */
    private Optional<String> death(Task task) {
        if (task.process().isEmpty()) {
            return member(task).isEmpty() ? Optional.of("no process") : Optional.empty();
        }
        ProcessIdentity main = task.process().get();
        if (main.alive()) {
            return Optional.empty();
        }
        CompletableFuture<Integer> exit = exits.get(main.pid());
        if (exit == null) {
            return Optional.of("process " + main.pid() + " ended while no agent watched, exit code unknown");
        }
        // The kernel shows the end a moment before the code is read.
        boolean known = Signals.await(exit::isDone, Duration.ofSeconds(1));
        return Optional.of("process " + main.pid() + " ended" + (known ? ": " + ExitCodes.name(exit.join()) : ""));
    }

    private int exitCode(Task task) {
        return task.process()
                .map(main -> exits.get(main.pid()))
                .filter(CompletableFuture::isDone)
                .map(CompletableFuture::join)
                .filter(code -> code != 0)
                .orElse(ExitCodes.ERR_GENERIC);
    }

    private ProcessSpec command(Task task) throws IOException, InterruptedException {
        ProcessKind kind = task.spec().getProcess();
        if (kind.getCommandCount() == 0) {
            throw new RefusedException("a process needs a command", ExitCodes.ERR_CONFIGURED);
        }
        List<String> argv = new ArrayList<>(asUser(kind.getUser()));
        kind.getCommandList().forEach(word -> argv.add(Texts.checkedValue("command", word)));
        return new ProcessSpec(
                argv,
                environment(task),
                directory(kind),
                "022",
                "",
                Duration.ZERO,
                Optional.of(member(task)),
                files.log(task.instance(), task.resource()));
    }

    private ProcessSpec checkTemplate(Task task) {
        return new ProcessSpec(
                List.of("/bin/true"),
                environment(task),
                directory(task.spec().getProcess()),
                "077",
                "",
                Duration.ZERO,
                Optional.of(cells.ofOperation(task.instance(), task.resource())),
                files.output(task.instance(), task.resource(), "monitor"));
    }

    private Map<String, String> environment(Task task) {
        Map<String, String> environment = new TreeMap<>(task.spec().getProcess().getEnvironmentMap());
        environment.put("QUORATE_TOKEN", Long.toString(task.token()));
        environment.put("QUORATE_INSTANCE", task.instance());
        environment.put("QUORATE_TOKEN_FILE", files.token(task.instance()).toString());
        return environment;
    }

    private static Path directory(ProcessKind kind) {
        return Path.of(kind.getWorkingDirectory().isEmpty() ? "/" : kind.getWorkingDirectory());
    }

    private static List<String> asUser(String user) throws IOException {
        if (user.isEmpty() || user.equals(System.getProperty("user.name"))) {
            return List.of();
        }
        if (!user.matches("^[a-z_][a-z0-9_-]{0,31}$")) {
            throw new RefusedException("user name not allowed: " + user, ExitCodes.ERR_CONFIGURED);
        }
        if (PathSafety.ownUser() != 0) {
            throw new RefusedException("only an agent run by root can start a command as " + user, ExitCodes.ERR_PERM);
        }
        return List.of(
                "/usr/bin/setpriv", "--reuid", user, "--regid", UserGroups.primaryOf(user), "--init-groups", "--");
    }

    /** The main process belongs to the member wherever it is. */
    private Cell member(Task task) {
        return new WithStrays(
                cells.ofMember(task.instance(), task.resource()),
                () -> task.process().filter(ProcessIdentity::alive).stream().toList());
    }

    private static String key(Task task) {
        return task.instance() + "/" + task.resource();
    }

    private Outcome done(String operation, Finding finding, long begin) {
        return new Outcome(
                operation,
                finding,
                finding == Finding.NOT_RUNNING && operation.equals("monitor") ? ExitCodes.NOT_RUNNING : ExitCodes.OK,
                "",
                "",
                Duration.ofNanos(clock.monotonicNanos() - begin));
    }

    private Outcome failed(String operation, Task task, int code, String reason, long begin) {
        String tail;
        try {
            tail = OutputFile.tail(files.log(task.instance(), task.resource()));
        } catch (IOException neverWritten) {
            tail = "";
        }
        return new Outcome(
                operation, Finding.FAILED, code, reason, tail, Duration.ofNanos(clock.monotonicNanos() - begin));
    }
}
