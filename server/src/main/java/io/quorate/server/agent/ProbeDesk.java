package io.quorate.server.agent;

import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.MemberReport;
import io.quorate.agent.v1.ProbeOrder;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.agent.v1.ProbeReport.Finding;
import io.quorate.server.agent.exec.ClonePart;
import io.quorate.server.agent.exec.MemberOperations;
import io.quorate.server.agent.exec.Outcome;
import io.quorate.server.agent.exec.RefusedException;
import io.quorate.server.agent.exec.Task;
import io.quorate.statemachine.model.Clones;
import io.quorate.v1.RunState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

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
            String service = part(order).service(order.getInstance());
            boolean busy = table.get(order.getInstance())
                    .map(state -> state.members().stream()
                            .anyMatch(member -> member.operation().isPresent()))
                    .orElse(false);
            if (!fresh && !busy && !table.busy(service)) {
                begin(order, service);
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

    /** In this session found not running, and not started since. */
    boolean foundClean(String instance) {
        return clean.contains(instance);
    }

    void started(String instance) {
        clean.remove(instance);
    }

    private void begin(ProbeOrder order, String service) {
        long begun = epoch;
        Optional<InstanceState> state = table.get(order.getInstance());
        List<Look> looks = new ArrayList<>();
        for (ClonePart part : parts(order)) {
            order.getMembersList().forEach(member -> looks.add(new Look(member, task(order, member, state, part))));
        }
        table.hold(service);
        workers.run(
                () -> look(order, looks),
                failure -> failed(order, failure),
                report -> done(order, service, report, begun));
    }

    private ClonePart part(ProbeOrder order) {
        String clone = order.getClone().getClone();
        String copy = !order.getPromotion()
                ? ""
                : table.copiesOf(clone).stream()
                        .map(InstanceState::instance)
                        .findFirst()
                        .orElse(Clones.copyId(clone, order.getClone().getNumber()));
        return new ClonePart(order.getClone(), copy);
    }

    /**
     * What to look at: what else of the clone this node has is known to be that, and not this. A copy that is not globally
     * unique runs or is promoted under whatever number; those that are may each be the promoted one.
     */
    private List<ClonePart> parts(ProbeOrder order) {
        ClonePart part = part(order);
        List<InstanceState> others = table.partsOf(part.context().getClone()).stream()
                .filter(state -> !state.instance().equals(order.getInstance()))
                .filter(state -> state.part().isPromotion() == part.isPromotion() && state.mayRun())
                .toList();
        boolean unique = part.context().getGloballyUnique();
        if (part.isPromotion() && unique) {
            return IntStream.range(0, part.context().getMax())
                    .mapToObj(number -> new ClonePart(
                            part.context().toBuilder().setNumber(number).build(),
                            Clones.copyId(part.context().getClone(), number)))
                    .filter(each -> others.stream()
                            .noneMatch(other -> other.part().copy().equals(each.copy())))
                    .toList();
        }
        return others.isEmpty() || unique ? List.of(part) : List.of();
    }

    /** What we started is looked at with the definition that it was started with. */
    private static Task task(ProbeOrder order, DesiredMember member, Optional<InstanceState> state, ClonePart part) {
        Optional<MemberState> ours =
                state.flatMap(instance -> instance.member(member.getResource())).filter(MemberState::mayRun);
        long token = state.map(instance -> instance.token().getNumber()).orElse(0L);
        return Task.of(
                        order.getInstance(),
                        member.getResource(),
                        ours.map(MemberState::spec).orElse(member.getSpec()),
                        token)
                .withProcess(ours.flatMap(MemberState::main))
                .in(part);
    }

    private ProbeReport look(ProbeOrder order, List<Look> looks) throws InterruptedException {
        ProbeReport.Builder report = ProbeReport.newBuilder()
                .setInstance(order.getInstance())
                .setSince(order.getSince())
                .setFinding(Finding.FINDING_NOT_RUNNING);
        Map<String, Finding> members = new LinkedHashMap<>();
        order.getMembersList().forEach(member -> members.put(member.getResource(), Finding.FINDING_NOT_RUNNING));
        for (Look look : looks) {
            Outcome outcome = operations.probe(look.task());
            Finding finding = finding(look.task(), outcome);
            if (finding != Finding.FINDING_NOT_RUNNING && report.getFinding() != Finding.FINDING_RUNNING) {
                report.setFinding(finding)
                        .setDetail(outcome.toResult(node, loop.clock().wallMillis()));
            }
            members.merge(look.member().getResource(), finding, ProbeDesk::worse);
        }
        members.forEach((resource, finding) -> report.addMembers(
                MemberReport.newBuilder().setResource(resource).setState(state(finding))));
        return report.build();
    }

    /** What is not promoted may have processes all the same: those of its copy. */
    private Finding finding(Task task, Outcome outcome) {
        return switch (outcome.finding()) {
            case RUNNING, DEGRADED -> Finding.FINDING_RUNNING;
            case NOT_RUNNING ->
                task.isPromotion() || operations.cellEmpty(task.instance(), task.resource())
                        ? Finding.FINDING_NOT_RUNNING
                        : Finding.FINDING_RUNNING;
            case FAILED -> Finding.FINDING_ERROR;
        };
    }

    private static Finding worse(Finding one, Finding other) {
        if (one == Finding.FINDING_RUNNING || other == Finding.FINDING_NOT_RUNNING) {
            return one;
        }
        return other;
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

    private void done(ProbeOrder order, String service, ProbeReport report, long begun) {
        table.letGo(service);
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
