package io.quorate.server.agent;

import io.quorate.agent.v1.DesiredInstance;
import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.LocalStatus;
import io.quorate.agent.v1.MemberReport;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.server.agent.exec.ClonePart;
import io.quorate.server.agent.exec.Durations;
import io.quorate.v1.NodePhase;
import io.quorate.v1.RunState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent of one node: it brings what runs here to what the cluster committed, one event at a time, and reports. All state
 * belongs to the loop's thread; operations run on workers and come back as events.
 */
final class AgentLoop {
    private static final Logger LOG = LoggerFactory.getLogger(AgentLoop.class);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration HOUSEKEEPING = Duration.ofSeconds(5);
    private static final Duration JOIN_AGAIN = Duration.ofSeconds(2);

    private final EventLoop loop;
    private final InstanceTable table;
    private final ContactFile contactFile;
    private final AgentParts parts;
    private final String node;
    private final LeaseHolder lease;
    private final SessionKeeper sessions;
    private final Reporter reporter;
    private final MemberDesk members;
    private final Orphans orphans;
    private final CopyDesk copies;
    private final ProbeDesk probes;
    private final OrderDesk orders;
    private final StartQueue starts;
    private Optional<RegisterAgentResponse> session = Optional.empty();
    private Optional<StreamWorkResponse> work = Optional.empty();
    private SortedMap<String, DesiredInstance> desired = new TreeMap<>();
    private long joinSaidNanos;
    private boolean joinSaid;
    private boolean acting;
    private boolean due;

    /**
     * An agent that does nothing until {@link #begin}.
     *
     * @param identity the registration request of this machine
     * @param random makes names that nobody else has
     */
    AgentLoop(
            EventLoop loop,
            InstanceTable table,
            ContactFile contactFile,
            AgentParts parts,
            LogRing logs,
            NodeLink link,
            Supplier<RegisterAgentRequest.Builder> identity,
            AgentThreads threads,
            RandomGenerator random) {
        this.loop = loop;
        this.table = table;
        this.contactFile = contactFile;
        this.parts = parts;
        this.node = table.head().getNode();
        this.reporter = new Reporter(loop, link, random, this::report);
        this.lease = new LeaseHolder(
                link,
                loop.clock(),
                contactFile,
                threads.leases(),
                answer -> loop.post(() -> renewed(answer)),
                loop::defect);
        this.sessions = new SessionKeeper(
                loop, link, random, () -> identity.get().setHighestSeen(contactFile.highestSeen()), new Listener());
        Workers workers = new Workers(loop, threads.members());
        this.copies = new CopyDesk(parts.copies(), reporter::attributes);
        this.members = new MemberDesk(loop, threads, table, parts, logs, copies, node, this::mayBegin, this::changed);
        this.orphans = new Orphans(loop, workers, table, parts.operations(), this::changed);
        this.probes = new ProbeDesk(loop, workers, parts.operations(), table, copies, node, this::owns, this::probed);
        this.orders = new OrderDesk(loop, threads, link, parts.fence(), logs, reporter, node);
        this.starts = new StartQueue(table);
    }

    void begin() {
        loop.post(() -> {
            contactFile.saw(table.head().getHighestSeen());
            table.all().values().forEach(copies::read);
            orphans.end();
            sessions.register();
            tick();
            housekeeping();
        });
    }

    /** Says goodbye for a restart and ends; what runs goes on. Bounded by the given time. */
    void detach(Duration patience) {
        CompletableFuture<Boolean> said = new CompletableFuture<>();
        loop.post(() -> {
            reporter.detach();
            awaitIdle(said);
        });
        var unused = said.completeOnTimeout(false, patience.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS)
                .join();
        lease.close();
        loop.post(() -> {
            sessions.closeStream();
            rememberPosition();
        });
        loop.stop();
    }

    private void awaitIdle(CompletableFuture<Boolean> said) {
        if (reporter.idle()) {
            said.complete(true);
        } else {
            loop.after(Duration.ofMillis(10), () -> awaitIdle(said));
        }
    }

    /** When the lease that it counts on ends, on its clock; 0: it never had one. May be called from any thread. */
    long leaseEndNanos() {
        return lease.endNanos();
    }

    /** What runs here, for the local socket. May be called from any thread. */
    CompletableFuture<LocalStatus> status() {
        CompletableFuture<LocalStatus> answer = new CompletableFuture<>();
        loop.post(() -> answer.complete(localStatus()));
        return answer;
    }

    private void tick() {
        act();
        loop.after(TICK, this::tick);
    }

    private void housekeeping() {
        try {
            parts.files().trim();
        } catch (IOException e) {
            LOG.warn("cannot trim output files: {}", e.getMessage());
        }
        rememberPosition();
        loop.after(HOUSEKEEPING, this::housekeeping);
    }

    private void rememberPosition() {
        if (!table.head().getHighestSeen().equals(contactFile.highestSeen())) {
            table.changeHead(head -> head.setHighestSeen(contactFile.highestSeen()));
        }
    }

    private final class Listener implements SessionKeeper.Listener {
        @Override
        public void onSession(RegisterAgentResponse answer) {
            session = Optional.of(answer);
            work = Optional.empty();
            joinSaid = false;
            // The cluster first: a position without it proves nothing.
            table.changeHead(
                    head -> head.setIncarnation(answer.getIncarnation()).setClusterId(answer.getClusterId()));
            contactFile.saw(answer.getHeader().getPosition());
            probes.beginSession();
            lease.hold(node, answer.getIncarnation(), answer.getSession(), Durations.of(answer.getRenewEvery()));
            reporter.begin(
                    new Reporter.Session(node, answer.getIncarnation(), answer.getSession()),
                    List.copyOf(table.all().keySet()));
        }

        @Override
        public void onSessionEnd() {
            session = Optional.empty();
            work = Optional.empty();
            probes.endSession();
            lease.release();
            reporter.end();
        }

        @Override
        public void onWork(StreamWorkResponse set) {
            contactFile.saw(set.getPosition());
            work = Optional.of(set);
            desired = new TreeMap<>();
            set.getDesiredList().forEach(instance -> desired.put(instance.getInstance(), instance));
            desired.values().forEach(instance -> copies.take(instance, table.get(instance.getInstance())));
            desired.values().forEach(AgentLoop.this::keepPolicy);
            act();
            // What is a former member is told as one, also when nothing has to be done for it.
            desired.values().stream()
                    .filter(instance -> instance.getFormerMembersCount() > 0)
                    .forEach(instance -> reporter.changed(instance.getInstance()));
        }
    }

    /**
     * What to do without contact must be known to the next process too. What other copies do is not worth a write of its own:
     * a later one brings it along.
     */
    private void keepPolicy(DesiredInstance instance) {
        table.get(instance.getInstance())
                .filter(state -> state.keepWithoutContact() != instance.getKeepWithoutContact()
                        || state.exclusive() != instance.getExclusive())
                .ifPresent(state ->
                        table.put(state.withPolicy(instance.getKeepWithoutContact(), instance.getExclusive())));
        // Another promotion of the same number may be of another copy: what runs is ended as what it is.
        table.get(instance.getInstance())
                .filter(state ->
                        state.token().getNumber() == instance.getToken().getNumber())
                .ifPresent(state -> table.putUnsaved(state.withPart(part(instance))));
        // The node that it came from has ended its part: from now on it is an instance like any other.
        table.get(instance.getInstance())
                .filter(state ->
                        state.token().getNumber() == instance.getToken().getNumber())
                .filter(state -> !state.arrivesFrom().isEmpty()
                        && instance.getArrivesFrom().isEmpty())
                .ifPresent(state -> table.put(state.withArrivesFrom("")));
    }

    /** Whether the latest set of work gives this node an instance under the token that its record has. */
    private boolean owns(InstanceState state) {
        return work.isPresent()
                && Optional.ofNullable(desired.get(state.instance()))
                        .filter(wanted ->
                                wanted.getToken().getNumber() == state.token().getNumber())
                        .isPresent();
    }

    /** Asked once more when all that goes before a start or a promotion is done: that may have taken its time. */
    private boolean mayBegin(String instance) {
        return Reconciler.mayBegin(
                Optional.ofNullable(desired.get(instance)), table.get(instance).orElseThrow(), contact());
    }

    private static ClonePart part(DesiredInstance instance) {
        return new ClonePart(instance.getClone(), instance.getCopy());
    }

    private void renewed(RenewLeaseResponse answer) {
        switch (answer.getVerdict()) {
            case VERDICT_RENEWED -> act();
            case VERDICT_REVOKED, VERDICT_OLD_INCARNATION ->
                session.ifPresent(current -> sessions.lost(current.getSession()));
            case VERDICT_UNSPECIFIED, UNRECOGNIZED -> LOG.warn("renewal answered without a verdict");
        }
    }

    private void changed(String instance) {
        reporter.changed(instance);
        act();
    }

    private void probed(ProbeReport report) {
        reporter.probed(report);
        if (report.getFinding() != ProbeReport.Finding.FINDING_RUNNING) {
            // of what is ours somebody asked: a monitor judges it, as it would have in its time
            members.monitorNow(report.getInstance());
        }
        act();
    }

    private Contact contact() {
        long end = lease.endNanos();
        long now = loop.clock().monotonicNanos();
        NodePhase phase = work.map(StreamWorkResponse::getPhase).orElse(NodePhase.NODE_PHASE_UNSPECIFIED);
        boolean paused = work.map(StreamWorkResponse::getPaused).orElse(false);
        return new Contact(work.isPresent(), now < end, end != 0 && now >= end, phase, paused);
    }

    /**
     * Takes up orders and steps of the reconciler until there is none left that can be done now. A step may call back here; it
     * is then looked at again after that step, never within it: what is begun there would be begun again by the one outside.
     */
    private void act() {
        due = true;
        if (acting) {
            return;
        }
        acting = true;
        while (due) {
            due = false;
            work.ifPresent(set -> {
                probes.take(set.getProbesList());
                orders.take(set);
                join(set);
            });
            TreeSet<String> names = new TreeSet<>(table.all().keySet());
            names.addAll(desired.keySet());
            names.forEach(this::step);
        }
        acting = false;
    }

    /** One step for one instance, decided on what is true now: each step is saved, and a lease may end meanwhile. */
    private void step(String instance) {
        // OneOp: nothing is begun while anything is done with the same service, be it through another instance.
        String service = table.get(instance)
                .map(InstanceState::service)
                .orElseGet(() -> Optional.ofNullable(desired.get(instance))
                        .map(wanted -> part(wanted).service(instance))
                        .orElse(instance));
        if (!table.busy(service)) {
            Optional<Action> action = decide(instance);
            boolean begins = action.filter(AgentLoop::begins).isPresent();
            if (!begins) {
                due |= starts.leave(instance);
            }
            action.filter(step -> !begins || starts.admits(instance, maxStarts()))
                    .ifPresent(step -> due |= perform(step));
        }
    }

    /** What may take long, and of which a node does not do any number at once. */
    private static boolean begins(Action action) {
        return action instanceof Action.Start || action instanceof Action.Send || action instanceof Action.Arrive;
    }

    private int maxStarts() {
        return work.map(StreamWorkResponse::getMaxStarts).orElse(0);
    }

    private Optional<Action> decide(String instance) {
        Optional<Action> step = alone(instance);
        Optional<InstanceState> known = table.get(instance);
        ClonePart part = known.map(InstanceState::part).orElse(ClonePart.NONE);
        if (part.isPromotion()) {
            return step.flatMap(own -> PromotionRules.ofPromotion(own, table.get(part.copy()), alone(part.copy())));
        }
        if (part.isCopy()) {
            return step.isPresent()
                    ? PromotionRules.ofCopy(step.get(), table.promotionOf(instance))
                    : copies.next(known.get());
        }
        return step;
    }

    /** The step of an instance as if there were no other. */
    private Optional<Action> alone(String instance) {
        return Reconciler.decide(
                Optional.ofNullable(desired.get(instance)),
                table.get(instance),
                table.stoppedTokens().getOrDefault(instance, 0L),
                contact(),
                loop.clock().monotonicNanos());
    }

    /** Joined when every order to look is answered; said again while the cluster does not show it. */
    private void join(StreamWorkResponse set) {
        long now = loop.clock().monotonicNanos();
        boolean due = !joinSaid || now - joinSaidNanos > JOIN_AGAIN.toNanos();
        if (set.getPhase() == NodePhase.NODE_PHASE_JOINING && due && probes.allAnswered(set.getProbesList())) {
            joinSaid = true;
            joinSaidNanos = now;
            reporter.joined();
        }
    }

    /** True when the step changed the record at once, so that there may be a next one. */
    private boolean perform(Action action) {
        if (action instanceof Action.Look look) {
            members.look(look, isAdopted(look.instance()));
        } else if (action instanceof Action.Tell tell) {
            members.tell(tell);
        } else if (action instanceof Action.Monitor monitor) {
            members.monitor(monitor);
        } else if (action instanceof Action.Start start) {
            probes.started(start.instance());
            members.start(start);
        } else if (action instanceof Action.Send send) {
            members.send(send);
        } else if (action instanceof Action.Arrive arrive) {
            probes.started(arrive.instance());
            members.arrive(arrive);
        } else if (action instanceof Action.Stop stop) {
            if (stop.forGood()) {
                table.bury(
                        stop.instance(),
                        table.get(stop.instance()).orElseThrow().token().getNumber());
            }
            members.stop(stop);
        } else if (action instanceof Action.Track track) {
            track(track.desired());
            return true;
        } else if (action instanceof Action.TakeOver takeOver) {
            takeOver(takeOver.desired());
            return true;
        } else if (action instanceof Action.Forget forget) {
            if (!reporter.hasToldStopped(forget.instance(), forget.resource())) {
                reporter.changed(forget.instance());
                return false;
            }
            InstanceState state = table.get(forget.instance()).orElseThrow();
            table.put(state.withMembers(state.members().stream()
                    .filter(member -> !member.resource().equals(forget.resource()))
                    .toList()));
            return true;
        } else if (action instanceof Action.Retire retire) {
            retire(retire.instance());
            return true;
        } else if (action instanceof Action.Drop drop && !reporter.owes(drop.instance())) {
            table.remove(drop.instance());
            copies.drop(drop.instance());
            return true;
        }
        return false;
    }

    private boolean isAdopted(String instance) {
        return Optional.ofNullable(desired.get(instance))
                .filter(DesiredInstance::getAdopt)
                .isPresent();
    }

    private void track(DesiredInstance instance) {
        Phase first = firstPhase(instance);
        Optional<InstanceState> known = table.get(instance.getInstance());
        List<MemberState> inOrder = new ArrayList<>();
        instance.getMembersList()
                .forEach(member -> inOrder.add(known.flatMap(state -> state.member(member.getResource()))
                        .orElseGet(() -> MemberState.of(member, first))));
        // Former members stay behind the others until they are stopped.
        known.ifPresent(state -> state.members().stream()
                .filter(member ->
                        inOrder.stream().noneMatch(each -> each.resource().equals(member.resource())))
                .forEach(inOrder::add));
        table.put(new InstanceState(
                instance.getInstance(),
                known.map(InstanceState::token).orElse(instance.getToken()),
                instance.getKeepWithoutContact(),
                instance.getExclusive(),
                inOrder,
                false,
                false,
                part(instance),
                instance.getArrivesFrom()));
    }

    /** What a probe found clean is stopped; what arrives may have come since. All else is looked at. */
    private Phase firstPhase(DesiredInstance instance) {
        if (!instance.getArrivesFrom().isEmpty()) {
            return Phase.PHASE_AWAITED;
        }
        return probes.foundClean(instance.getInstance()) && !instance.getAdopt()
                ? Phase.PHASE_STOPPED
                : Phase.PHASE_UNKNOWN;
    }

    private void takeOver(DesiredInstance instance) {
        InstanceState state = table.get(instance.getInstance()).orElseThrow();
        LOG.info(
                "{}: token {} after {}",
                state.instance(),
                instance.getToken().getNumber(),
                state.token().getNumber());
        if (!state.mayRun()) {
            table.bury(state.instance(), state.token().getNumber());
        }
        List<MemberState> obeyed =
                state.members().stream().map(member -> member.obeying(instance)).toList();
        table.put(state.withMembers(obeyed)
                .withToken(instance.getToken())
                .withPolicy(instance.getKeepWithoutContact(), instance.getExclusive())
                .withPart(part(instance))
                .withArrivesFrom(instance.getArrivesFrom()));
        try {
            parts.files().writeToken(state.instance(), instance.getToken().getNumber());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the token file of " + state.instance(), e);
        }
        reporter.changed(state.instance());
    }

    private void retire(String name) {
        InstanceState state = table.get(name).orElseThrow();
        LOG.info("{}: released token {}", name, state.token().getNumber());
        table.bury(name, state.token().getNumber());
        table.putUnsaved(state.withReleased());
        reporter.changed(name);
    }

    private Optional<InstanceReport> report(String name) {
        return table.get(name).map(state -> {
            InstanceReport.Builder report = InstanceReport.newBuilder()
                    .setInstance(name)
                    .setToken(state.token())
                    .setReleased(state.released())
                    .setStopFailed(
                            state.members().stream().anyMatch(member -> member.phase() == Phase.PHASE_STOP_FAILED));
            Map<String, Long> former = formerMembers(state);
            state.members()
                    .forEach(member -> report.addMembers(MemberViews.report(member, loop.clock())
                            .setLeftSince(former.getOrDefault(member.resource(), 0L))));
            former.forEach((resource, since) -> {
                if (state.member(resource).isEmpty()) {
                    report.addMembers(MemberReport.newBuilder()
                            .setResource(resource)
                            .setState(RunState.RUN_STATE_STOPPED)
                            .setLeftSince(since));
                }
            });
            return report.build();
        });
    }

    /** Members that left the unit while this node owns it, by the last set of work: it starts none of them any more. */
    private Map<String, Long> formerMembers(InstanceState state) {
        Map<String, Long> former = new TreeMap<>();
        Optional.ofNullable(desired.get(state.instance()))
                .filter(instance -> work.isPresent()
                        && instance.getToken().getNumber() == state.token().getNumber())
                .ifPresent(instance -> instance.getFormerMembersList()
                        .forEach(member -> former.put(member.getResource(), member.getSince())));
        return former;
    }

    private LocalStatus localStatus() {
        Contact contact = contact();
        LocalStatus.Builder status = LocalStatus.newBuilder()
                .setNode(node)
                .setConnected(sessions.note().isEmpty())
                .setPhase(contact.phase())
                .setIncarnation(table.head().getIncarnation())
                .setHighestSeen(contactFile.highestSeen())
                .setPaused(contact.paused())
                .setCells(parts.cellsDescription())
                .setNote(sessions.note());
        if (contact.leaseLive()) {
            long left = lease.endNanos() - loop.clock().monotonicNanos();
            status.setLeaseLeft(Durations.toProto(Duration.ofNanos(Math.max(0, left))));
        }
        table.all()
                .values()
                .forEach(state -> status.addInstances(MemberViews.local(state, desired.containsKey(state.instance()))));
        return status.build();
    }
}
