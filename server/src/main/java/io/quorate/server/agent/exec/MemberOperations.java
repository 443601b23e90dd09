package io.quorate.server.agent.exec;

import io.quorate.server.agent.exec.NotifyVariables.Step;
import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Operations on members with the guards around them: an operation begins only when every earlier one of that member is gone
 * (OneOp), and a stop counts only when the monitor says "not running" and the cell is empty (StopEmpty). Blocking; at most
 * one call for a member at a time.
 */
public final class MemberOperations {
    private static final Logger LOG = LoggerFactory.getLogger(MemberOperations.class);
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    /** Definitions that are remembered as valid here; more of them are only asked about again. */
    private static final int VALID_REMEMBERED = 10_000;

    private final ProcessRunner runner;
    private final Cells cells;
    private final Executor ocf;
    private final Executor process;
    private final Executor systemd;

    /** The definition of each member that its agent found valid on this node: it is asked once for each. */
    private final Map<String, ResourceSpec> valid = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ResourceSpec> eldest) {
            return size() > VALID_REMEMBERED;
        }
    });

    public MemberOperations(ProcessRunner runner, Cells cells, Executor ocf, Executor process, Executor systemd) {
        this.runner = runner;
        this.cells = cells;
        this.ocf = ocf;
        this.process = process;
        this.systemd = systemd;
    }

    /**
     * Starts what is valid here. The start of a command or of a systemd unit includes the first look at it. That of a
     * resource agent does not: by its contract it returns when the service runs, so that members after it may start before
     * the caller monitors it. NOT_RUNNING: it was not begun, for there was no permit any more.
     */
    public Outcome start(Task task) throws InterruptedException {
        if (!operationsGone(task)) {
            return leftover("start");
        }
        Executor executor = of(task.spec());
        if (task.isPromotion()) {
            Outcome promoted =
                    Notices.around(executor, task, Step.PROMOTE, own -> permitted("promote", own, executor::promote));
            boolean unused = leavesNothing(task, promoted);
            return promoted;
        }
        Optional<Outcome> objection = validated(task);
        if (objection.isPresent()) {
            return objection.get();
        }
        Outcome started = Notices.after(executor, task, Step.START, own -> permitted("start", own, executor::start));
        if (!Step.START.isDone(started) || task.spec().getKindCase() != ResourceSpec.KindCase.SYSTEMD) {
            return started;
        }
        Outcome monitor = executor.monitor(task);
        if (monitor.finding() == Finding.NOT_RUNNING) {
            return new Outcome(
                    "monitor",
                    Finding.FAILED,
                    monitor.exitCode(),
                    "not running right after its start",
                    monitor.outputTail(),
                    monitor.took());
        }
        return monitor.failed() ? monitor : started;
    }

    /**
     * Stops and verifies; NOT_RUNNING is StopEmpty, anything else a failed stop. A promotion is stopped by a demotion, and
     * that it is over is for the monitor to say, whatever the demotion said of itself.
     */
    public Outcome stop(Task task) throws InterruptedException {
        if (!operationsGone(task)) {
            return leftover("stop");
        }
        Executor executor = of(task.spec());
        if (task.isPromotion()) {
            Outcome demoted = Notices.around(executor, task, Step.DEMOTE, executor::demote);
            if (!leavesNothing(task, demoted)) {
                return demoted.as(Finding.FAILED, "processes outlived KILL");
            }
            Outcome found = RoleRules.looked(executor.probe(task));
            return found.finding() == Finding.NOT_RUNNING
                    ? demoted.as(Finding.NOT_RUNNING, demoted.exitReason())
                    : notDemoted(demoted, found);
        }
        if (mayBePromoted(task) && RoleRules.isPromoted(executor.probe(task))) {
            // By nobody's order. Agents may refuse to stop what is promoted; whether it was demoted, the stop will
            // tell.
            Outcome demoted = Notices.around(executor, task, Step.DEMOTE, executor::demote);
            LOG.warn("{}: promoted when it was to stop; demote: {}", task.instance(), demoted.finding());
        }
        Outcome stopped = Notices.before(executor, task, Step.STOP, executor::stop);
        if (stopped.failed()) {
            return stopped;
        }
        Outcome monitor = executor.probe(task);
        if (monitor.finding() != Finding.NOT_RUNNING) {
            String reason = "stop said ok, but monitor says " + ExitCodes.name(monitor.exitCode());
            return new Outcome(
                    "stop", Finding.FAILED, monitor.exitCode(), reason, monitor.outputTail(), stopped.took());
        }
        // Helpers that outlive a stop that the monitor confirms run nothing that counts; the cell must be empty all the
        // same.
        if (!cells.ofMember(task.instance(), task.resource()).killAll(KILL_PATIENCE)) {
            return new Outcome(
                    "stop", Finding.FAILED, ExitCodes.ERR_GENERIC, "processes outlived KILL", "", stopped.took());
        }
        return stopped;
    }

    /**
     * Sends what runs here to another node with its agent's own means. NOT_RUNNING: it was not begun, for there was no permit
     * any more.
     */
    public Outcome send(Task task) throws InterruptedException {
        return operationsGone(task)
                ? permitted("migrate_to", task, of(task.spec())::migrateTo)
                : leftover("migrate_to");
    }

    /**
     * Takes over what another node sent here; as with a start, whether it runs is for a monitor to say. NOT_RUNNING: it was not
     * begun, for there was no permit any more.
     */
    public Outcome arrive(Task task) throws InterruptedException {
        return operationsGone(task)
                ? permitted("migrate_from", task, of(task.spec())::migrateFrom)
                : leftover("migrate_from");
    }

    private static Outcome permitted(String operation, Task task, Notices.Call call) throws InterruptedException {
        return task.permit().granted() ? call.on(task) : Outcome.notBegun(operation);
    }

    /**
     * Of a promotion or demotion that was cut short, what it began may finish after it was decided otherwise: in a session of
     * its own, or in the copy itself, from which it cannot be told. So the copy ends with it.
     */
    private boolean leavesNothing(Task task, Outcome outcome) {
        return !outcome.cutShort() || clear(task.home(), task.resource());
    }

    private static boolean mayBePromoted(Task task) {
        return task.part().context().getPromotable() && task.spec().hasOcf();
    }

    private static Outcome notDemoted(Outcome demoted, Outcome found) {
        return demoted.failed()
                ? demoted
                : demoted.as(Finding.FAILED, "demote said ok, but monitor says " + ExitCodes.name(found.exitCode()));
    }

    /** Tells a copy that other copies of its clone changed; what comes of it is only for the log. */
    public Outcome tell(Task task, Step step, Set<String> affected) throws InterruptedException {
        return operationsGone(task) ? Notices.tell(of(task.spec()), task, "post", step, affected) : leftover("notify");
    }

    /** A recurring look at something that should run; NOT_RUNNING is then a failure, which is the caller's to say. */
    public Outcome monitor(Task task) throws InterruptedException {
        return operationsGone(task) ? of(task.spec()).monitor(task) : leftover("monitor");
    }

    /**
     * A look at something that need not run, or need not be promoted. Where it does not run, its definition is validated at
     * once, so that a failover to this node need not wait for that; an objection is for the start to tell.
     */
    public Outcome probe(Task task) throws InterruptedException {
        if (!operationsGone(task)) {
            return leftover("monitor");
        }
        Outcome found = of(task.spec()).probe(task);
        if (task.isPromotion()) {
            return RoleRules.looked(found);
        }
        if (found.finding() == Finding.NOT_RUNNING) {
            validated(task)
                    .ifPresent(objection -> LOG.info(
                            "{} could not start here as things are: {} {}",
                            task.resource(),
                            ExitCodes.name(objection.exitCode()),
                            objection.exitReason()));
        }
        return found;
    }

    /** What the agent objects to this definition on this node; nothing when it is valid. */
    private Optional<Outcome> validated(Task task) throws InterruptedException {
        String member = task.instance() + "/" + task.resource();
        if (task.spec().equals(valid.get(member))) {
            return Optional.empty();
        }
        Outcome verdict = of(task.spec()).validate(task);
        if (verdict.failed()) {
            return Optional.of(verdict);
        }
        valid.put(member, task.spec());
        return Optional.empty();
    }

    public Duration monitorInterval(ResourceSpec spec, Role role) {
        return of(spec).monitorInterval(spec, role);
    }

    /** Ends an operation that an earlier agent left running; true when nothing of it is left. */
    public boolean endOrphan(String instance, String resource, ProcessIdentity operation) {
        boolean sessionGone = runner.killSession(operation);
        return cells.ofOperation(instance, resource).killAll(KILL_PATIENCE) && sessionGone;
    }

    /**
     * Ends a start, promotion or demotion that an earlier agent left unfinished; true when nothing of it is left. What a copy
     * was told to become cannot be told from the copy itself, so that ends, too. systemd goes on with a start that nobody
     * waits for any more, so its unit is stopped.
     */
    public boolean endStart(Task task) throws InterruptedException {
        return task.spec().getKindCase() == ResourceSpec.KindCase.SYSTEMD
                ? !systemd.stop(task).failed()
                : clear(task.home(), task.resource());
    }

    /** Kills what is left of a member that is not running, helpers or an unfinished start; true when nothing is left. */
    public boolean clear(String instance, String resource) {
        return cells.ofMember(instance, resource).killAll(KILL_PATIENCE);
    }

    /** True when no process of the member is left. */
    public boolean cellEmpty(String instance, String resource) {
        return cells.ofMember(instance, resource).isEmpty();
    }

    private boolean operationsGone(Task task) {
        return cells.ofOperation(task.home(), task.resource()).killAll(KILL_PATIENCE);
    }

    private static Outcome leftover(String operation) {
        String reason = "an earlier operation of this resource cannot be ended";
        return new Outcome(operation, Finding.FAILED, ExitCodes.ERR_GENERIC, reason, "", Duration.ZERO);
    }

    private Executor of(ResourceSpec spec) {
        return switch (spec.getKindCase()) {
            case OCF -> ocf;
            case PROCESS -> process;
            case SYSTEMD -> systemd;
            case KIND_NOT_SET -> throw new IllegalArgumentException("a resource without a kind");
        };
    }
}
