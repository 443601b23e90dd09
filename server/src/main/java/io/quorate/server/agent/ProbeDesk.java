package io.quorate.server.agent;

import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.MemberReport;
import io.quorate.agent.v1.ProbeOrder;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.agent.v1.ProbeReport.Finding;
import io.quorate.server.agent.exec.MemberOperations;
import io.quorate.server.agent.exec.Outcome;
import io.quorate.server.agent.exec.RefusedException;
import io.quorate.server.agent.exec.Task;
import io.quorate.v1.RunState;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Answers orders to look at instances. A look is an operation (OneOp): it waits for those of the instance and keeps the next
 * from being begun, for each ends what it finds of others. An error counts as running. An order that stands after its answer
 * is answered again after a while. On the loop's thread only.
 */
final class ProbeDesk {
    private static final Duration AGAIN = Duration.ofSeconds(2);

    private final EventLoop loop;
    private final Workers workers;
    private final MemberOperations operations;
    private final InstanceTable table;
    private final String node;
    private final Consumer<ProbeReport> onReport;
    private final Map<String, Answered> answered = new HashMap<>();
    private final Set<String> underWay = new HashSet<>();
    private final Set<String> clean = new HashSet<>();
    private long epoch;

    private record Answered(long since, long atNanos) {}

    private record Look(DesiredMember member, Task task) {}

    ProbeDesk(
            EventLoop loop,
            Workers workers,
            MemberOperations operations,
            InstanceTable table,
            String node,
            Consumer<ProbeReport> onReport) {
        this.loop = loop;
        this.workers = workers;
        this.operations = operations;
        this.table = table;
        this.node = node;
        this.onReport = onReport;
    }

    /** A new session: what was found for the former one counts no more. */
    void beginSession() {
        epoch++;
        answered.clear();
        clean.clear();
    }

    /** Takes up the orders of the latest set of work. */
    void take(Collection<ProbeOrder> orders) {
        long now = loop.clock().monotonicNanos();
        for (ProbeOrder order : orders) {
            Answered last = answered.getOrDefault(order.getInstance(), new Answered(Long.MIN_VALUE, 0));
            boolean fresh = last.since() == order.getSince() && now - last.atNanos() < AGAIN.toNanos();
            boolean busy = table.get(order.getInstance())
                    .map(state -> state.busy()
                            || state.members().stream()
                                    .anyMatch(member -> member.operation().isPresent()))
                    .orElse(false);
            if (!fresh && !busy && underWay.add(order.getInstance())) {
                begin(order);
            }
        }
    }

    /** True when each of these orders has an answer. */
    boolean allAnswered(Collection<ProbeOrder> orders) {
        return orders.stream().allMatch(order -> {
            Answered last = answered.get(order.getInstance());
            return last != null && last.since() == order.getSince();
        });
    }

    /** While this is true nothing else may be done with the instance. */
    boolean looksAt(String instance) {
        return underWay.contains(instance);
    }

    /** In this session found not running, and not started since. */
    boolean foundClean(String instance) {
        return clean.contains(instance);
    }

    void started(String instance) {
        clean.remove(instance);
    }

    private void begin(ProbeOrder order) {
        long begun = epoch;
        Optional<InstanceState> state = table.get(order.getInstance());
        List<Look> looks = order.getMembersList().stream()
                .map(member -> new Look(member, task(order, member, state)))
                .toList();
        state.ifPresent(instance -> table.putUnsaved(instance.withBusy(true)));
        workers.run(() -> look(order, looks), failure -> failed(order, failure), report -> done(order, report, begun));
    }

    /** What we started is looked at with the definition that it was started with. */
    private static Task task(ProbeOrder order, DesiredMember member, Optional<InstanceState> state) {
        Optional<MemberState> ours =
                state.flatMap(instance -> instance.member(member.getResource())).filter(MemberState::mayRun);
        long token = state.map(instance -> instance.token().getNumber()).orElse(0L);
        return Task.of(
                        order.getInstance(),
                        member.getResource(),
                        ours.map(MemberState::spec).orElse(member.getSpec()),
                        token)
                .withProcess(ours.flatMap(MemberState::main));
    }

    private ProbeReport look(ProbeOrder order, List<Look> looks) throws InterruptedException {
        ProbeReport.Builder report = ProbeReport.newBuilder()
                .setInstance(order.getInstance())
                .setSince(order.getSince())
                .setFinding(Finding.FINDING_NOT_RUNNING);
        for (Look look : looks) {
            Outcome outcome = operations.probe(look.task());
            Finding finding = switch (outcome.finding()) {
                case RUNNING, DEGRADED -> Finding.FINDING_RUNNING;
                case NOT_RUNNING ->
                    operations.cellEmpty(order.getInstance(), look.member().getResource())
                            ? Finding.FINDING_NOT_RUNNING
                            : Finding.FINDING_RUNNING;
                case FAILED -> Finding.FINDING_ERROR;
            };
            if (finding != Finding.FINDING_NOT_RUNNING && report.getFinding() != Finding.FINDING_RUNNING) {
                report.setFinding(finding)
                        .setDetail(outcome.toResult(node, loop.clock().wallMillis()));
            }
            report.addMembers(MemberReport.newBuilder()
                    .setResource(look.member().getResource())
                    .setState(state(finding)));
        }
        return report.build();
    }

    private static RunState state(Finding finding) {
        return switch (finding) {
            case FINDING_RUNNING -> RunState.RUN_STATE_RUNNING;
            case FINDING_NOT_RUNNING -> RunState.RUN_STATE_STOPPED;
            case FINDING_ERROR, FINDING_UNSPECIFIED, UNRECOGNIZED -> RunState.RUN_STATE_UNKNOWN;
        };
    }

    /** A look that could not be finished says nothing of any member. */
    private ProbeReport failed(ProbeOrder order, String failure) {
        Outcome outcome = Outcome.refused("monitor", new RefusedException(failure, 1));
        ProbeReport.Builder report = ProbeReport.newBuilder()
                .setInstance(order.getInstance())
                .setSince(order.getSince())
                .setFinding(Finding.FINDING_ERROR)
                .setDetail(outcome.toResult(node, loop.clock().wallMillis()));
        order.getMembersList()
                .forEach(member -> report.addMembers(MemberReport.newBuilder()
                        .setResource(member.getResource())
                        .setState(state(Finding.FINDING_ERROR))));
        return report.build();
    }

    private void done(ProbeOrder order, ProbeReport report, long begun) {
        underWay.remove(order.getInstance());
        table.get(order.getInstance()).ifPresent(instance -> table.putUnsaved(instance.withBusy(false)));
        if (begun != epoch) {
            return;
        }
        answered.put(
                order.getInstance(), new Answered(order.getSince(), loop.clock().monotonicNanos()));
        if (report.getFinding() == Finding.FINDING_NOT_RUNNING) {
            clean.add(order.getInstance());
        } else {
            clean.remove(order.getInstance());
        }
        ProbeReport.Builder withToken = report.toBuilder();
        table.get(order.getInstance())
                .filter(InstanceState::mayRun)
                .ifPresent(state -> withToken.setToken(state.token()));
        onReport.accept(withToken.build());
    }
}
