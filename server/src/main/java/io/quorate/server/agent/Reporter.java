package io.quorate.server.agent;

import io.quorate.agent.v1.AttributeReport;
import io.quorate.agent.v1.FenceCheckReply;
import io.quorate.agent.v1.FenceReport;
import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.LogReply;
import io.quorate.agent.v1.MemberReport;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.agent.v1.ReachReply;
import io.quorate.agent.v1.Refusal;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.ReportResultsResponse;
import io.quorate.v1.RunState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports what changed, one batch at a time. A batch keeps its id and content until it is answered; meanwhile changes gather,
 * and of an instance only the latest state goes out. Probe answers are bounded by the orders that ask for them. On the loop's
 * thread only.
 */
final class Reporter {
    private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);
    private static final Duration TELL_AGAIN = Duration.ofSeconds(2);
    private static final String INSTANCES = "instances/";
    private static final String NODES = "nodes/";

    private final EventLoop loop;
    private final NodeLink link;
    private final RandomGenerator random;
    private final Function<String, Optional<InstanceReport>> stateOf;
    private final TreeSet<String> changed = new TreeSet<>();
    /** What this session was told of each instance: the same again would only be noise in the log (QUIET). */
    private final Map<String, InstanceReport> told = new HashMap<>();

    private final SortedMap<String, ProbeReport> probes = new TreeMap<>();
    private final List<FenceReport> fences = new ArrayList<>();
    private final List<LogReply> logs = new ArrayList<>();
    private final List<FenceCheckReply> checks = new ArrayList<>();
    private final List<ReachReply> reaches = new ArrayList<>();
    /** Promotion scores as they are, and as this session was told; those of a former one are to be told again. */
    private SortedMap<String, String> attributes = new TreeMap<>();

    private final Map<String, String> toldAttributes = new TreeMap<>();
    private final TreeSet<String> changedAttributes = new TreeSet<>();
    private boolean joinComplete;
    private boolean detaching;
    /** Told once, refused, and to be told again. */
    private final TreeSet<String> refused = new TreeSet<>();

    private @Nullable Session session;
    private @Nullable ReportResultsRequest outstanding;
    private Duration retry = FIRST_RETRY;

    /** Whose reports these are. */
    record Session(String node, long incarnation, long session) {}

    /** A reporter that asks for the latest state of an instance when a batch is made. */
    Reporter(
            EventLoop loop, NodeLink link, RandomGenerator random, Function<String, Optional<InstanceReport>> stateOf) {
        this.loop = loop;
        this.link = link;
        this.random = random;
        this.stateOf = stateOf;
    }

    /**
     * A new session: what an unanswered batch of the former one told is told again. Only probes are void, and looked at anew;
     * the other orders are carried out once, whichever session hears of it.
     */
    void begin(Session newSession, Iterable<String> instances) {
        session = newSession;
        if (outstanding != null) {
            fences.addAll(outstanding.getFencesList());
            logs.addAll(outstanding.getLogsList());
            checks.addAll(outstanding.getFenceChecksList());
            reaches.addAll(outstanding.getReachRepliesList());
            outstanding.getInstancesList().forEach(report -> changed.add(report.getInstance()));
            outstanding = null;
        }
        probes.clear();
        told.clear();
        changedAttributes.addAll(toldAttributes.keySet());
        changedAttributes.addAll(attributes.keySet());
        toldAttributes.clear();
        joinComplete = false;
        retry = FIRST_RETRY;
        instances.forEach(changed::add);
        send();
    }

    void end() {
        session = null;
    }

    void changed(String instance) {
        changed.add(instance);
        send();
    }

    void probed(ProbeReport report) {
        probes.put(report.getInstance(), report);
        send();
    }

    /** All attributes that resource agents on this node set: what is not among them is none any more. */
    void attributes(SortedMap<String, String> all) {
        attributes = new TreeMap<>(all);
        changedAttributes.addAll(attributes.keySet());
        changedAttributes.addAll(toldAttributes.keySet());
        changedAttributes.removeIf(name -> attributes.getOrDefault(name, "").equals(toldAttributes.get(name)));
        send();
    }

    void joined() {
        joinComplete = true;
        send();
    }

    void fenced(FenceReport report) {
        fences.add(report);
        send();
    }

    void logs(LogReply reply) {
        logs.add(reply);
        send();
    }

    void checked(FenceCheckReply reply) {
        checks.add(reply);
        send();
    }

    void reached(ReachReply reply) {
        reaches.add(reply);
        send();
    }

    void detach() {
        detaching = true;
        send();
    }

    /** True while a change of this instance waits to be sent or answered. */
    boolean owes(String instance) {
        return changed.contains(instance)
                || (outstanding != null
                        && outstanding.getInstancesList().stream()
                                .anyMatch(report -> report.getInstance().equals(instance)));
    }

    /** True when this session has heard, and not refused, that a member was stopped, and nothing newer is on its way. */
    boolean hasToldStopped(String instance, String resource) {
        return !owes(instance)
                && told.getOrDefault(instance, InstanceReport.getDefaultInstance()).getMembersList().stream()
                        .anyMatch(member -> member.getResource().equals(resource)
                                && member.getState() == RunState.RUN_STATE_STOPPED);
    }

    /** True when nothing waits to be sent or answered. */
    boolean idle() {
        return outstanding == null && nothingGathered();
    }

    private boolean nothingGathered() {
        return changed.isEmpty()
                && probes.isEmpty()
                && fences.isEmpty()
                && logs.isEmpty()
                && checks.isEmpty()
                && reaches.isEmpty()
                && changedAttributes.isEmpty()
                && !joinComplete
                && !detaching;
    }

    private void send() {
        if (session == null || outstanding != null) {
            return;
        }
        List<InstanceReport> news = changed.stream()
                .map(stateOf)
                .flatMap(Optional::stream)
                .filter(report -> !essence(report).equals(told.get(report.getInstance())))
                .toList();
        changed.clear();
        if (news.isEmpty() && nothingGathered()) {
            return;
        }
        news.forEach(report -> told.put(report.getInstance(), essence(report)));
        ReportResultsRequest.Builder batch = ReportResultsRequest.newBuilder()
                .setNode(session.node())
                .setIncarnation(session.incarnation())
                .setSession(session.session())
                .setReportId(new UUID(random.nextLong(), random.nextLong()).toString())
                .addAllProbes(probes.values())
                .addAllFences(fences)
                .addAllLogs(logs)
                .addAllFenceChecks(checks)
                .addAllReachReplies(reaches)
                .setJoinComplete(joinComplete)
                .setDetaching(detaching);
        batch.addAllInstances(news);
        for (String name : changedAttributes) {
            String value = attributes.getOrDefault(name, "");
            toldAttributes.put(name, value);
            batch.addAttributes(AttributeReport.newBuilder().setName(name).setValue(value));
        }
        changedAttributes.clear();
        probes.clear();
        fences.clear();
        logs.clear();
        checks.clear();
        reaches.clear();
        joinComplete = false;
        detaching = false;
        outstanding = batch.build();
        transmit(outstanding);
    }

    /** A report without what every monitor changes. */
    private static InstanceReport essence(InstanceReport report) {
        InstanceReport.Builder essence = report.toBuilder();
        essence.getMembersBuilderList().forEach(MemberReport.Builder::clearMillisSinceGood);
        return essence.build();
    }

    private void transmit(ReportResultsRequest request) {
        var unused = link.report(request)
                .whenComplete((answer, failure) -> loop.post(() -> answered(request, answer, failure)));
    }

    private boolean isOutstanding(ReportResultsRequest request) {
        return outstanding != null && outstanding.getReportId().equals(request.getReportId());
    }

    private void answered(
            ReportResultsRequest request, @Nullable ReportResultsResponse answer, @Nullable Throwable failure) {
        if (!isOutstanding(request)) {
            return;
        }
        if (answer == null) {
            LOG.debug("report {} not answered: {}", request.getReportId(), String.valueOf(failure));
            loop.after(retry, () -> {
                if (isOutstanding(request)) {
                    transmit(request);
                }
            });
            Duration doubled = retry.multipliedBy(2);
            retry = doubled.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : doubled;
            return;
        }
        answer.getRefusedList().forEach(this::refused);
        if (answer.getRefusedList().stream().anyMatch(each -> each.getObject().startsWith(NODES))) {
            loop.after(TELL_AGAIN, () -> tellAttributes(request));
        } else {
            request.getAttributesList().stream()
                    .filter(attribute -> attribute.getValue().isEmpty())
                    .forEach(attribute -> toldAttributes.remove(attribute.getName()));
        }
        outstanding = null;
        retry = FIRST_RETRY;
        send();
    }

    /** The reason may pass (a leader that is behind, say): an instance is told again after a pause, unless it changes before. */
    private void refused(Refusal refusal) {
        LOG.warn("report on {} refused: {} {}", refusal.getObject(), refusal.getCode(), refusal.getMessage());
        if (refusal.getObject().startsWith(INSTANCES)) {
            String instance = refusal.getObject().substring(INSTANCES.length());
            told.remove(instance);
            if (refused.isEmpty()) {
                loop.after(TELL_AGAIN, this::tellRefused);
            }
            refused.add(instance);
        }
    }

    private void tellAttributes(ReportResultsRequest refusedRequest) {
        refusedRequest.getAttributesList().forEach(attribute -> changedAttributes.add(attribute.getName()));
        send();
    }

    private void tellRefused() {
        changed.addAll(refused);
        refused.clear();
        send();
    }
}
