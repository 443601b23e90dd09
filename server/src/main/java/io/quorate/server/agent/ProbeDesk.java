package io.quorate.server.agent;

import io.quorate.agent.v1.CloneContext;
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
import io.quorate.v1.OperationResult;
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
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers orders to look at instances. A look is an operation (OneOp): it waits for those of the service that it looks at and
 * keeps the next of that service from being begun, for each ends what it finds of others. An error counts as running. An order
 * that stands after its answer is answered again after a while. What is found running where the order says so is stopped.
 * On the loop's thread only.
 */
final class ProbeDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ProbeDesk.class);
    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final Duration STOP_AGAIN = MemberDesk.STOP_RETRY;

    private final EventLoop loop;
    private final Workers workers;
    private final MemberOperations operations;
    private final InstanceTable table;
    private final CopyDesk copies;
    private final String node;
    private final Predicate<InstanceState> owned;
    private final Consumer<ProbeReport> onReport;
    private final Map<String, Answered> answered = new HashMap<>();
    private final Map<String, Round> rounds = new HashMap<>();
    private final Set<String> clean = new HashSet<>();
    private final Map<String, ProbeOrder> standing = new HashMap<>();
    private final Map<String, Long> stopAgainNanos = new HashMap<>();

    private record Answered(long since, long atNanos) {}

    /** An answer in the making: of several copies one is looked at after the other. */
    private static final class Round {
        private final ProbeOrder order;
        private final Set<String> looked = new HashSet<>();
        private final Set<String> stopped = new HashSet<>();
        private Optional<OperationResult> stopFailed = Optional.empty();
        private final Map<String, Finding> members = new LinkedHashMap<>();
        private Finding finding = Finding.FINDING_NOT_RUNNING;
        private Optional<OperationResult> detail = Optional.empty();
        private boolean looking;

        Round(ProbeOrder order) {
            this.order = order;
            order.getMembersList().forEach(member -> members.put(member.getResource(), Finding.FINDING_NOT_RUNNING));
        }

        void add(Look look) {
            members.merge(look.resource(), look.finding(), ProbeDesk::worse);
            if (look.finding() != Finding.FINDING_NOT_RUNNING && finding != Finding.FINDING_RUNNING) {
                finding = look.finding();
                detail = Optional.of(look.detail());
            }
        }

        ProbeReport.Builder report() {
            ProbeReport.Builder report = ProbeReport.newBuilder()
                    .setInstance(order.getInstance())
                    .setSince(order.getSince())
                    .setFinding(finding);
            detail.ifPresent(report::setDetail);
            stopFailed.ifPresent(report::setStopFailed);
            members.forEach((resource, found) -> report.addMembers(
                    MemberReport.newBuilder().setResource(resource).setState(state(found))));
            return report;
        }
    }

    /** What a look at one member of one copy came to. */
    private record Look(Task task, Finding finding, OperationResult detail) {
        String resource() {
            return task.resource();
        }
    }

    /** @param owned whether the latest set of work gives this node an instance under the token of this record of it */
    ProbeDesk(
            EventLoop loop,
            Workers workers,
            MemberOperations operations,
            InstanceTable table,
            CopyDesk copies,
            String node,
            Predicate<InstanceState> owned,
            Consumer<ProbeReport> onReport) {
        this.loop = loop;
        this.workers = workers;
        this.operations = operations;
        this.table = table;
        this.copies = copies;
        this.node = node;
        this.owned = owned;
        this.onReport = onReport;
    }

    /** A new session: what was found for the former one counts no more. */
    void beginSession() {
        answered.clear();
        rounds.clear();
        clean.clear();
    }

    /** Nothing that was ordered counts without a session: what runs here may be in maintenance by now. */
    void endSession() {
        standing.clear();
        rounds.clear();
    }

    /** Takes up the orders of the latest set of work. */
    void take(Collection<ProbeOrder> orders) {
        standing.clear();
        long now = loop.clock().monotonicNanos();
        for (ProbeOrder order : orders) {
            standing.put(order.getInstance(), order);
            Answered last = answered.getOrDefault(order.getInstance(), new Answered(Long.MIN_VALUE, 0));
            boolean fresh = last.since() == order.getSince() && now - last.atNanos() < AGAIN.toNanos();
            if (!fresh) {
                goOn(rounds.compute(
                        order.getInstance(),
                        (name, round) -> round != null && round.order.getSince() == order.getSince()
                                ? round
                                : new Round(order)));
            }
        }
        rounds.keySet().retainAll(standing.keySet());
        stopAgainNanos.keySet().retainAll(standing.keySet());
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

    /** It is about to be started here, or taken over from another node. */
    void started(String instance) {
        clean.remove(instance);
    }

    /** Looks at a copy that was not looked at yet and is not busy; with none left, answers. */
    private void goOn(Round round) {
        if (round.looking) {
            return;
        }
        String instance = round.order.getInstance();
        List<ClonePart> left = parts(round.order).stream()
                .filter(part -> !round.looked.contains(part.home(instance)))
                .toList();
        if (left.isEmpty()) {
            answer(round);
            return;
        }
        left.stream()
                .filter(part -> !table.busy(part.service(instance)))
                .findFirst()
                .ifPresent(part -> look(round, part));
    }

    /**
     * What to look at. What this node owns of the clone is known to be that, and not this; a record of what it does not own
     * any more explains nothing. A copy that is not globally unique runs or is promoted under whatever number; those that are
     * may each be the promoted one.
     */
    private List<ClonePart> parts(ProbeOrder order) {
        CloneContext clone = order.getClone();
        List<InstanceState> others = table.partsOf(clone.getClone()).stream()
                .filter(state -> !state.instance().equals(order.getInstance()))
                .filter(state -> state.part().isPromotion() == order.getPromotion() && state.mayRun())
                .filter(owned)
                .toList();
        if (!order.getPromotion()) {
            return clone.getGloballyUnique() || others.isEmpty() ? List.of(new ClonePart(clone, "")) : List.of();
        }
        Optional<ClonePart> own =
                table.get(order.getInstance()).filter(InstanceState::mayRun).map(InstanceState::part);
        if (!clone.getGloballyUnique()) {
            return own.map(List::of).orElseGet(() -> others.isEmpty() ? List.of(promotionOfAny(clone)) : List.of());
        }
        Set<String> promoted = new HashSet<>();
        others.forEach(other -> promoted.add(other.part().copy()));
        own.ifPresent(part -> promoted.add(part.copy()));
        List<ClonePart> parts = new ArrayList<>(own.stream().toList());
        IntStream.range(0, clone.getMax())
                .mapToObj(number -> promotionOf(clone, number))
                .filter(part -> !promoted.contains(part.copy()))
                .forEach(parts::add);
        return parts;
    }

    private static ClonePart promotionOf(CloneContext clone, int number) {
        return new ClonePart(clone.toBuilder().setNumber(number).build(), Clones.copyId(clone.getClone(), number));
    }

    /** The copies of the clone are one service of this node: that of a copy that it has a record of, or of any. */
    private ClonePart promotionOfAny(CloneContext clone) {
        String copy = table.copiesOf(clone.getClone()).stream()
                .map(InstanceState::instance)
                .findFirst()
                .orElse(Clones.copyId(clone.getClone(), clone.getNumber()));
        return new ClonePart(clone, copy);
    }

    private void look(Round round, ClonePart part) {
        ProbeOrder order = round.order;
        Optional<InstanceState> state = table.get(order.getInstance());
        List<Task> tasks = order.getMembersList().stream()
                .map(member -> task(order, member, state, part))
                .toList();
        String service = part.service(order.getInstance());
        round.looking = true;
        table.hold(service);
        workers.run(() -> look(tasks), failure -> failed(tasks, failure), looks -> {
            table.letGo(service);
            looked(round, part, looks);
        });
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

    private List<Look> look(List<Task> tasks) throws InterruptedException {
        List<Look> looks = new ArrayList<>();
        for (Task task : tasks) {
            Outcome outcome = operations.probe(task);
            looks.add(new Look(task, finding(task, outcome), detail(outcome)));
        }
        return looks;
    }

    private OperationResult detail(Outcome outcome) {
        return outcome.toResult(node, loop.clock().wallMillis());
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
    private List<Look> failed(List<Task> tasks, String failure) {
        OperationResult detail = detail(Outcome.refused("monitor", new RefusedException(failure, 1)));
        return tasks.stream()
                .map(task -> new Look(task, Finding.FINDING_ERROR, detail))
                .toList();
    }

    private void looked(Round round, ClonePart part, List<Look> looks) {
        String copy = part.home(round.order.getInstance());
        if (looks.stream().allMatch(look -> look.finding() == Finding.FINDING_NOT_RUNNING)
                && table.get(copy).isEmpty()) {
            copies.foundNone(copy);
        }
        round.looking = false;
        if (rounds.get(round.order.getInstance()) != round) {
            return;
        }
        if (isToStop(round, part, looks)) {
            stop(round, part, looks);
            return;
        }
        if (round.stopped.contains(copy) && isAnyRunning(looks)) {
            tryAgainLater(round, stopFailure("it was stopped, and runs again"));
        }
        round.looked.add(copy);
        looks.forEach(round::add);
        goOn(round);
    }

    /**
     * Whether what runs here is to be stopped: by the latest set of work, which gives this node nothing of it, and not what
     * this agent started itself under a token, which is stopped as everything that it does not own any more. What cannot be
     * told is not stopped, and a stop that failed is tried again only in its time.
     */
    private boolean isToStop(Round round, ClonePart part, List<Look> looks) {
        String instance = round.order.getInstance();
        ProbeOrder latest = standing.get(instance);
        boolean ours = table.get(instance).filter(InstanceState::mayRun).isPresent()
                || (!part.isPromotion()
                        && table.get(part.home(instance))
                                .filter(InstanceState::mayRun)
                                .isPresent());
        return latest != null
                && latest.getStopFound()
                && !ours
                && !round.stopped.contains(part.home(instance))
                && !table.busy(part.service(instance))
                && stopAgainNanos.getOrDefault(instance, Long.MIN_VALUE)
                        <= loop.clock().monotonicNanos()
                && !stops(looks).isEmpty();
    }

    private static boolean isAnyRunning(List<Look> looks) {
        return looks.stream().anyMatch(look -> look.finding() == Finding.FINDING_RUNNING);
    }

    /** What to stop, the last first; what is before a member that may run, and nobody can tell, stays. */
    private static List<Task> stops(List<Look> looks) {
        List<Task> tasks = new ArrayList<>();
        for (int i = looks.size() - 1; i >= 0 && looks.get(i).finding() != Finding.FINDING_ERROR; i--) {
            if (looks.get(i).finding() == Finding.FINDING_RUNNING) {
                tasks.add(looks.get(i).task());
            }
        }
        return tasks;
    }

    private void tryAgainLater(Round round, Outcome failure) {
        String instance = round.order.getInstance();
        LOG.error("{} could not be stopped: {}", instance, failure.exitReason());
        if (round.stopFailed.isEmpty()) {
            round.stopFailed = Optional.of(detail(failure));
        }
        stopAgainNanos.put(instance, loop.clock().monotonicNanos() + STOP_AGAIN.toNanos());
    }

    /** OneOp: nothing of the service is begun before this has ended, a start under a new token neither. Then it is looked at anew. */
    private void stop(Round round, ClonePart part, List<Look> looks) {
        String instance = round.order.getInstance();
        String service = part.service(instance);
        List<Task> tasks = stops(looks);
        LOG.warn("{} runs here, and this node does not own it: stop", instance);
        round.stopped.add(part.home(instance));
        round.looking = true;
        table.hold(service);
        workers.run(() -> stop(tasks), failure -> Optional.of(stopFailure(failure)), failed -> {
            table.letGo(service);
            round.looking = false;
            failed.ifPresent(outcome -> tryAgainLater(round, outcome));
            if (rounds.get(instance) == round) {
                goOn(round);
            }
        });
    }

    /** Stops in reverse; what is before a member that cannot be stopped stays, as with everything that is stopped. */
    private Optional<Outcome> stop(List<Task> tasks) throws InterruptedException {
        for (Task task : tasks) {
            Outcome outcome = operations.stop(task);
            if (outcome.finding() != Outcome.Finding.NOT_RUNNING) {
                return Optional.of(outcome);
            }
        }
        return Optional.empty();
    }

    private static Outcome stopFailure(String failure) {
        return Outcome.refused("stop", new RefusedException(failure, 1));
    }

    private void answer(Round round) {
        String instance = round.order.getInstance();
        rounds.remove(instance);
        answered.put(instance, new Answered(round.order.getSince(), loop.clock().monotonicNanos()));
        if (round.finding == Finding.FINDING_NOT_RUNNING) {
            clean.add(instance);
        } else {
            clean.remove(instance);
        }
        ProbeReport.Builder report = round.report();
        table.get(instance).filter(InstanceState::mayRun).ifPresent(state -> report.setToken(state.token()));
        onReport.accept(report.build());
    }
}
