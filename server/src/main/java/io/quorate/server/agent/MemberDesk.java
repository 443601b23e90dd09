package io.quorate.server.agent;

import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.MigrationOrder;
import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.server.agent.exec.ClonePart;
import io.quorate.server.agent.exec.ExitCodes;
import io.quorate.server.agent.exec.MemberOperations;
import io.quorate.server.agent.exec.OperationFiles;
import io.quorate.server.agent.exec.Outcome;
import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.server.agent.exec.ProcessExecutor;
import io.quorate.server.agent.exec.ProcessIdentity;
import io.quorate.server.agent.exec.RefusedException;
import io.quorate.server.agent.exec.RoleRules;
import io.quorate.server.agent.exec.RoleRules.Expected;
import io.quorate.server.agent.exec.Task;
import io.quorate.v1.OperationResult;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the steps of the reconciler on the members of instances: each operation on a worker, its outcome back on the
 * loop. On the loop's thread only.
 */
final class MemberDesk {
    private static final Logger LOG = LoggerFactory.getLogger(MemberDesk.class);
    private static final Map<Phase, String> INTERRUPTIBLE =
            Map.of(Phase.PHASE_SENDING, "migrate_to", Phase.PHASE_ARRIVING, "migrate_from");
    /** A stop that failed is not tried again before. */
    static final Duration STOP_RETRY = Duration.ofSeconds(15);
    /** Between two monitors of a member whose own interval cannot be had. */
    private static final Duration UNKNOWN_INTERVAL = Duration.ofSeconds(10);

    private final EventLoop loop;
    private final AgentThreads threads;
    private final Workers workers;
    private final Workers starters;
    private final InstanceTable table;
    private final MemberOperations operations;
    private final ProcessExecutor processes;
    private final OperationFiles files;
    private final LogRing logs;
    private final CopyDesk copies;
    private final String node;
    private final Predicate<String> mayBegin;
    private final Consumer<String> onChange;
    /** Monitors under way or waiting, by instance/resource: the number of the one that counts. */
    private final Map<String, Long> monitors = new HashMap<>();

    private long monitorNumber;

    /**
     * @param mayBegin whether the start of an instance may be begun now; asked on the loop's thread
     */
    MemberDesk(
            EventLoop loop,
            AgentThreads threads,
            InstanceTable table,
            AgentParts parts,
            LogRing logs,
            CopyDesk copies,
            String node,
            Predicate<String> mayBegin,
            Consumer<String> onChange) {
        this.loop = loop;
        this.threads = threads;
        this.workers = new Workers(loop, threads.members());
        this.starters = new Workers(loop, threads.starts());
        this.table = table;
        this.operations = parts.operations();
        this.processes = parts.processes();
        this.files = parts.files();
        this.logs = logs;
        this.copies = copies;
        this.node = node;
        this.mayBegin = mayBegin;
        this.onChange = onChange;
    }

    /** @param adopted it was given to this node because it was found here: what it is promoted for is found after it */
    void look(Action.Look action, boolean adopted) {
        InstanceState instance = begin(action.instance(), action.resource(), member -> member);
        Task task = instance.task(action.resource());
        perform(
                action.instance(),
                action.resource(),
                () -> {
                    Outcome outcome = operations.probe(task);
                    boolean empty = task.isPromotion()
                            || outcome.finding() != Finding.NOT_RUNNING
                            || operations.clear(action.instance(), action.resource());
                    return empty
                            ? outcome
                            : Outcome.refused("monitor", new RefusedException("processes outlived KILL", 1));
                },
                outcome -> looked(action, adopted ? outcome : read(action.instance(), action.resource(), outcome)));
    }

    private void looked(Action.Look action, Outcome outcome) {
        boolean migrates = table.get(action.instance()).orElseThrow().migrates();
        change(
                action.instance(),
                action.resource(),
                member -> interrupted(member)
                        .or(() -> migrates ? failedBefore(member) : Optional.empty())
                        .map(end -> member.failed(Phase.PHASE_FAILED, result(end), 0))
                        .orElseGet(() -> looked(member, outcome)));
        scheduleMonitor(action.instance(), action.resource());
    }

    private MemberState looked(MemberState member, Outcome outcome) {
        return switch (outcome.finding()) {
            case RUNNING -> member.good(false, now());
            case DEGRADED -> member.good(true, now());
            case NOT_RUNNING ->
                member.wasUp()
                        ? member.failed(Phase.PHASE_FAILED, result(outcome), 0)
                        : member.in(Phase.PHASE_STOPPED).withMain(Optional.empty());
            case FAILED -> member.failed(Phase.PHASE_FAILED, result(outcome), 0);
        };
    }

    /** A half of a migration whose agent ended in the middle of it: whatever runs here now, it counts as failed. */
    private static Optional<Outcome> interrupted(MemberState member) {
        return Optional.ofNullable(INTERRUPTIBLE.get(member.before()))
                .map(operation -> Outcome.refused(
                        operation,
                        new RefusedException(
                                "the agent ended in the middle of it; it is not repeated", ExitCodes.ERR_GENERIC)));
    }

    /** A failure of what another node may hold, too, is for the leader to end, whatever of it runs here. */
    private static Optional<Outcome> failedBefore(MemberState member) {
        return member.before() == Phase.PHASE_FAILED
                ? Optional.of(Outcome.refused(
                        member.departure() == 0 ? "migrate_from" : "migrate_to",
                        new RefusedException(
                                "it failed before this agent was started; it is not repeated", ExitCodes.ERR_GENERIC)))
                : Optional.empty();
    }

    void start(Action.Start action) {
        DesiredMember desired = action.member();
        String resource = desired.getResource();
        InstanceState instance =
                begin(action.instance(), resource, member -> member.beginning(Phase.PHASE_STARTING, desired));
        if (instance.part().isCopy()) {
            copies.dropScore(action.instance());
        }
        LOG.info(
                "{}/{}: start under token {}",
                action.instance(),
                resource,
                instance.token().getNumber());
        writeToken(instance);
        boolean supervised = desired.getSpec().getKindCase() == ResourceSpec.KindCase.PROCESS;
        boolean watched = desired.getSpec().getKindCase() != ResourceSpec.KindCase.OCF;
        Task task = instance.task(resource)
                .tellingStarts(process -> loop.post(() -> started(action.instance(), resource, supervised, process)))
                .permittedBy(() -> isPermitted(action.instance()));
        perform(starters, action.instance(), resource, () -> operations.start(task), outcome -> {
            change(action.instance(), resource, member -> switch (outcome.finding()) {
                case RUNNING, DEGRADED ->
                    watched
                            ? member.good(outcome.finding() == Finding.DEGRADED, now())
                            : member.in(Phase.PHASE_STARTED);
                // It was not begun.
                case NOT_RUNNING -> member.in(Phase.PHASE_STOPPED);
                case FAILED -> member.failed(Phase.PHASE_FAILED, result(outcome), 0);
            });
            LOG.info("{}/{}: start: {} {}", action.instance(), resource, outcome.finding(), outcome.exitReason());
            scheduleMonitor(action.instance(), resource);
            watchCopyOf(instance, resource, outcome);
        });
    }

    private void writeToken(InstanceState instance) {
        try {
            files.writeToken(instance.instance(), instance.token().getNumber());
        } catch (IOException e) {
            LOG.warn("{}: cannot write the token file: {}", instance.instance(), e.getMessage());
        }
    }

    private boolean isPermitted(String name) throws InterruptedException {
        CompletableFuture<Boolean> permit = new CompletableFuture<>();
        loop.post(() -> permit.complete(mayBegin.test(name)));
        try {
            return threads.await(permit);
        } catch (ExecutionException defect) {
            throw new IllegalStateException(defect);
        }
    }

    /** With a promotion or demotion that was cut short its copy ended: that shall not wait for the copy's next monitor. */
    private void watchCopyOf(InstanceState promotion, String resource, Outcome outcome) {
        if (promotion.part().isPromotion() && outcome.cutShort()) {
            monitorNow(promotion.part().copy(), resource);
        }
    }

    /** The first process that a start makes is the operation itself, or the main process of a supervised command. */
    private void started(String name, String resource, boolean supervised, ProcessIdentity process) {
        Optional<InstanceState> instance = table.get(name);
        boolean starting = instance.flatMap(state -> state.member(resource))
                .filter(member -> member.phase() == Phase.PHASE_STARTING)
                .isPresent();
        if (!starting) {
            return;
        }
        table.put(instance.get()
                .withMember(
                        resource,
                        member -> supervised
                                ? member.withMain(Optional.of(process))
                                : member.withOperation(Optional.of(process))));
        if (supervised) {
            processes.exitOf(process).ifPresent(exit -> {
                var unused = exit.thenRun(() -> loop.post(() -> monitorNow(name, resource)));
            });
        }
    }

    void stop(Action.Stop action) {
        String resource = action.resource();
        InstanceState instance = begin(action.instance(), resource, member -> member.in(Phase.PHASE_STOPPING));
        LOG.info("{}/{}: stop", action.instance(), resource);
        Task task = instance.task(resource).tellingStarts(noting(action.instance(), resource, Phase.PHASE_STOPPING));
        perform(action.instance(), resource, () -> operations.stop(task), outcome -> {
            change(
                    action.instance(),
                    resource,
                    member -> outcome.finding() == Finding.NOT_RUNNING
                            ? member.in(Phase.PHASE_STOPPED).withMain(Optional.empty())
                            : member.failed(Phase.PHASE_STOP_FAILED, result(outcome), now() + STOP_RETRY.toNanos()));
            LOG.info("{}/{}: stop: {} {}", action.instance(), resource, outcome.finding(), outcome.exitReason());
            if (instance.part().isCopy()) {
                copyStopped(action.instance());
            }
            watchCopyOf(instance, resource, outcome);
            if (outcome.finding() != Finding.NOT_RUNNING) {
                loop.after(STOP_RETRY, () -> onChange.accept(action.instance()));
            }
        });
    }

    /** Keeps the process of an operation, for the next agent, while the member is in the phase that belongs to it. */
    private Consumer<ProcessIdentity> noting(String name, String resource, Phase during) {
        return process -> loop.post(() -> table.get(name)
                .filter(state -> state.member(resource)
                        .filter(member -> member.phase() == during)
                        .isPresent())
                .ifPresent(state ->
                        table.put(state.withMember(resource, member -> member.withOperation(Optional.of(process))))));
    }

    /** What is sent is not monitored any more: it may rightly say that it does not run here. */
    void send(Action.Send action) {
        String name = action.instance();
        String resource = action.resource();
        MigrationOrder order = action.order();
        InstanceState instance = begin(name, resource, member -> member.sending(order.getTokenNumber()));
        LOG.info("{}/{}: migrate_to {} for token {}", name, resource, order.getToNode(), order.getTokenNumber());
        Task task = instance.task(resource)
                .migrating(node, order.getToNode())
                .tellingStarts(noting(name, resource, Phase.PHASE_SENDING))
                .permittedBy(() -> isPermitted(name));
        perform(starters, name, resource, () -> operations.send(task), outcome -> {
            change(name, resource, member -> switch (outcome.finding()) {
                case RUNNING, DEGRADED -> member.in(Phase.PHASE_SENT);
                case NOT_RUNNING -> member.staying();
                case FAILED -> member.failed(Phase.PHASE_FAILED, result(outcome), 0);
            });
            LOG.info("{}/{}: migrate_to: {} {}", name, resource, outcome.finding(), outcome.exitReason());
            scheduleMonitor(name, resource);
        });
    }

    void arrive(Action.Arrive action) {
        String name = action.instance();
        String resource = action.member().getResource();
        InstanceState instance =
                begin(name, resource, member -> member.beginning(Phase.PHASE_ARRIVING, action.member()));
        LOG.info(
                "{}/{}: migrate_from {} under token {}",
                name,
                resource,
                action.fromNode(),
                instance.token().getNumber());
        writeToken(instance);
        Task task = instance.task(resource)
                .migrating(action.fromNode(), node)
                .tellingStarts(noting(name, resource, Phase.PHASE_ARRIVING))
                .permittedBy(() -> isPermitted(name));
        perform(starters, name, resource, () -> operations.arrive(task), outcome -> {
            change(name, resource, member -> switch (outcome.finding()) {
                case RUNNING, DEGRADED -> member.in(Phase.PHASE_STARTED);
                case NOT_RUNNING -> member.in(Phase.PHASE_AWAITED);
                case FAILED -> member.failed(Phase.PHASE_FAILED, result(outcome), 0);
            });
            LOG.info("{}/{}: migrate_from: {} {}", name, resource, outcome.finding(), outcome.exitReason());
        });
    }

    /** Watches a member from now on; an earlier schedule of it ends. */
    private void scheduleMonitor(String name, String resource) {
        Optional<MemberState> member = table.get(name).flatMap(state -> state.member(resource));
        String key = name + "/" + resource;
        if (member.isEmpty() || !member.get().up()) {
            monitors.remove(key);
            return;
        }
        long number = ++monitorNumber;
        monitors.put(key, number);
        ResourceSpec spec = member.get().spec();
        Role role = table.get(name).orElseThrow().part().role();
        // Intervals may come from metadata, which is read from the agent's program.
        workers.run(
                () -> operations.monitorInterval(spec, role),
                failure -> UNKNOWN_INTERVAL,
                interval -> loop.after(interval, () -> monitor(name, resource, number)));
    }

    /** Does not wait for the next time of any member that is watched. */
    void monitorNow(String name) {
        table.get(name)
                .ifPresent(instance -> instance.members().forEach(member -> monitorNow(name, member.resource())));
    }

    private void monitorNow(String name, String resource) {
        @org.jspecify.annotations.Nullable Long number = monitors.get(name + "/" + resource);
        if (number != null) {
            monitor(name, resource, number);
        }
    }

    private void monitor(String name, String resource, long number) {
        String key = name + "/" + resource;
        if (monitors.getOrDefault(key, 0L) != number) {
            return;
        }
        Optional<InstanceState> instance = table.get(name);
        boolean up = instance.flatMap(state -> state.member(resource))
                .filter(MemberState::up)
                .isPresent();
        if (!up) {
            monitors.remove(key);
            return;
        }
        if (table.busy(instance.get().service())) {
            loop.after(Duration.ofMillis(100), () -> monitor(name, resource, number));
            return;
        }
        if (PromotionRules.expected(table.promotionOf(name), resource) == Expected.PROMOTED) {
            // The monitor of what is promoted is that of its promotion.
            scheduleMonitor(name, resource);
            return;
        }
        monitor(new Action.Monitor(name, resource));
    }

    void monitor(Action.Monitor action) {
        String name = action.instance();
        String resource = action.resource();
        InstanceState instance = begin(name, resource, member -> member);
        Task task = instance.task(resource);
        perform(name, resource, () -> operations.monitor(task), outcome -> {
            if (task.isPromotion()) {
                promotionMonitored(instance, resource, outcome);
            } else {
                watched(name, resource, read(name, resource, outcome));
            }
            scheduleMonitor(name, resource);
        });
    }

    private void watched(String name, String resource, Outcome outcome) {
        change(name, resource, member -> switch (outcome.finding()) {
            case RUNNING -> member.good(false, now());
            case DEGRADED -> member.good(true, now());
            case NOT_RUNNING, FAILED -> member.failed(Phase.PHASE_FAILED, result(outcome), 0);
        });
    }

    /** A monitor of what is promoted is about the promotion, the copy, or both. */
    private void promotionMonitored(InstanceState promotion, String resource, Outcome outcome) {
        String copy = promotion.part().copy();
        boolean first = promotion
                .member(resource)
                .filter(member -> member.phase() == Phase.PHASE_STARTED)
                .isPresent();
        // The first one decides: it would be asked for again at once.
        RoleRules.ofPromotion(outcome)
                .or(() -> first ? Optional.of(outcome) : Optional.empty())
                .ifPresent(verdict -> watched(promotion.instance(), resource, verdict));
        boolean copyUp = table.get(copy)
                .flatMap(state -> state.member(resource))
                .filter(MemberState::up)
                .isPresent();
        if (copyUp) {
            RoleRules.ofCopy(outcome, Expected.PROMOTED).ifPresent(verdict -> {
                watched(copy, resource, verdict);
                onChange.accept(copy);
            });
        }
    }

    /** What a monitor says of a member: that of a promotable copy by the role that it should have. */
    private Outcome read(String name, String resource, Outcome outcome) {
        InstanceState instance = table.get(name).orElseThrow();
        boolean hasRole = instance.part().isCopy()
                && instance.part().context().getPromotable()
                && spec(instance, resource).hasOcf();
        return hasRole
                ? RoleRules.ofCopy(outcome, PromotionRules.expected(table.promotionOf(name), resource))
                        .orElse(outcome)
                : outcome;
    }

    /** What does not run is not promoted: the same evidence counts for both. */
    private void copyStopped(String name) {
        if (table.get(name).orElseThrow().mayRun()) {
            return;
        }
        copies.dropScore(name);
        table.promotionOf(name).filter(InstanceState::mayRun).ifPresent(promotion -> {
            table.put(promotion.withMembers(promotion.members().stream()
                    .map(member -> member.in(Phase.PHASE_STOPPED))
                    .toList()));
            onChange.accept(promotion.instance());
        });
    }

    void tell(Action.Tell action) {
        String name = action.instance();
        String resource = action.resource();
        InstanceState instance = begin(name, resource, member -> member);
        ClonePart before = new ClonePart(action.change().before(), "");
        Task task = instance.task(resource)
                .in(before)
                .tellingStarts(process -> loop.post(() -> telling(name, resource, process)));
        perform(
                name,
                resource,
                () -> operations.tell(
                        task, action.change().step(), action.change().copies()),
                outcome -> change(name, resource, member -> member));
    }

    private void telling(String name, String resource, ProcessIdentity process) {
        table.get(name)
                .filter(InstanceState::busy)
                .ifPresent(state ->
                        table.put(state.withMember(resource, member -> member.withOperation(Optional.of(process)))));
    }

    /** Marks the instance busy, and on disk what is about to be done. OneOp: never while an operation is under way. */
    private InstanceState begin(String name, String resource, UnaryOperator<MemberState> change) {
        InstanceState before = table.get(name).orElseThrow();
        if (table.busy(before.service())) {
            throw new IllegalStateException("an operation on " + name + " is under way already");
        }
        InstanceState busy = before.withMember(resource, change).withBusy(true);
        if (before.withBusy(true).equals(busy)) {
            table.putUnsaved(busy);
        } else {
            table.put(busy);
            onChange.accept(name);
        }
        return busy;
    }

    private void perform(String name, String resource, Workers.Job<Outcome> operation, Consumer<Outcome> then) {
        perform(workers, name, resource, operation, then);
    }

    /** A defect in an operation is a failed operation: the member may run or not. */
    private void perform(
            Workers on, String name, String resource, Workers.Job<Outcome> operation, Consumer<Outcome> then) {
        on.run(operation, failure -> Outcome.refused("monitor", new RefusedException(failure, 1)), outcome -> {
            keepLog(resource, outcome);
            then.accept(outcome);
            InstanceState done = table.get(name).orElseThrow().withBusy(false);
            table.putUnsaved(done);
            table.get(done.part().home(name)).ifPresent(copies::read);
            onChange.accept(name);
        });
    }

    private void change(String name, String resource, UnaryOperator<MemberState> change) {
        InstanceState before = table.get(name).orElseThrow();
        InstanceState after =
                before.withMember(resource, member -> change.apply(member).withOperation(Optional.empty()));
        // After a restart of the agent STARTED and RUNNING are the same.
        boolean onlyHealth = before.member(resource)
                        .map(MemberDesk::withoutHealth)
                        .equals(after.member(resource).map(MemberDesk::withoutHealth))
                && before.member(resource).flatMap(MemberState::operation).isEmpty();
        if (onlyHealth) {
            table.putUnsaved(after);
        } else {
            table.put(after);
        }
    }

    private static Phase withoutHealth(MemberState member) {
        return member.up() ? Phase.PHASE_RUNNING : member.phase();
    }

    private void keepLog(String resource, Outcome outcome) {
        try {
            logs.add(resource, result(outcome));
        } catch (IOException e) {
            LOG.warn("cannot keep output of {}: {}", resource, e.getMessage());
        }
    }

    private static ResourceSpec spec(InstanceState instance, String resource) {
        return instance.member(resource).orElseThrow().spec();
    }

    private OperationResult result(Outcome outcome) {
        return outcome.toResult(node, loop.clock().wallMillis());
    }

    private long now() {
        return loop.clock().monotonicNanos();
    }
}
