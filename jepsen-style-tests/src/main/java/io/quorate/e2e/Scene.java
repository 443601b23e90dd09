package io.quorate.e2e;

import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import io.quorate.e2e.lab.PowerSwitch;
import io.quorate.e2e.witness.PollLog;
import io.quorate.e2e.witness.WitnessLog;
import io.quorate.v1.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a case works with: the cluster, its fault, and what the client, the witness and the watchers saw. One thread. */
public final class Scene {
    /** Long enough for any failover of the suite on a busy machine. */
    public static final Duration FAILOVER = Duration.ofSeconds(60);

    private static final Duration CALM = Duration.ofMillis(500);
    private static final int TICKS_PER_SECOND = 50;
    private static final double BUSY_MACHINE_SHARE = 0.3;
    private static final double STALL_SECONDS = 3;

    private final Cluster cluster;
    private final Client client;
    private final long begin = System.nanoTime();
    private final long lastSequence;
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private final Map<String, String> alsoExclusive = new ConcurrentSkipListMap<>();
    private long faultAt;

    Scene(Cluster cluster, Client client) {
        this.cluster = cluster;
        this.client = client;
        this.lastSequence = cluster.lastEvent();
    }

    public Cluster cluster() {
        return cluster;
    }

    public Lab lab() {
        return cluster.lab();
    }

    /** The host that runs the service, by what its client is told. */
    public Host owner() {
        Await.until(
                "the client is answered", FAILOVER, () -> polls().since(begin).answered() > 0);
        return lab().host(polls().lastHost().orElseThrow(() -> new LabException("no answer")));
    }

    /** Injects the fault; once in a case. */
    public void fault(Runnable action) {
        check(faultAt == 0, "two faults in one case");
        Await.pause(CALM.toMillis());
        faultAt = System.nanoTime();
        action.run();
    }

    /** When the fault was injected. */
    public long faultAt() {
        check(faultAt != 0, "the fault never fired");
        return faultAt;
    }

    /** Something about how the case was played, for whoever reads its result. */
    public void note(String text) {
        notes.add(text);
    }

    List<String> notes() {
        return List.copyOf(notes);
    }

    public void check(boolean so, String message) {
        if (!so) {
            throw new CheckFailedException(message);
        }
    }

    /** Waits until a host of this kind answers requests that were sent after the fault. */
    public Host awaitServiceOn(Predicate<String> wanted, String kind) {
        Await.until(
                "the service answers from " + kind,
                FAILOVER,
                () -> polls().since(faultAt()).lastHost().filter(wanted).isPresent());
        return lab().host(polls().since(faultAt()).lastHost().orElseThrow(() -> new LabException("no answer")));
    }

    /** Waits until the service answers from another host than this one. */
    public Host awaitMoveFrom(Host former) {
        return awaitServiceOn(name -> !name.equals(former.name()), "another host than " + former.name());
    }

    /** The same at once: until now the service has answered all the time, from this host, started once. */
    public void requireUndisturbed(Host owner) {
        requireUndisturbed(owner, Duration.ZERO);
    }

    /** Lets this time pass; then the service must have answered all the time, from this host, started once. */
    public void requireUndisturbed(Host owner, Duration time) {
        Await.pause(time.toMillis());
        PollLog since = polls().since(faultAt());
        check(
                since.lastHost().filter(owner.name()::equals).isPresent(),
                "the service answers from " + since.lastHost().orElse("nowhere") + ", not from " + owner.name());
        double waited = since.longestWaitMillis();
        check(waited < 1_000, "the client waited " + waited + " ms for an answer");
        long starts =
                runs().stream().filter(run -> run.fromNanos() - faultAt() >= 0).count();
        check(starts == 0, "the service was started " + starts + " times after the fault");
    }

    /** What the power switch was asked to switch since the fault; asking for the status switches nothing. */
    public List<PowerSwitch.Request> switched() {
        return lab().power().since(faultAt()).stream()
                .filter(request ->
                        !request.action().equals("status") && !request.action().equals("monitor"))
                .toList();
    }

    /** What the client saw since the beginning of the case. */
    public PollLog polls() {
        return client.polls().since(begin);
    }

    /** The runs of the service that this case saw. */
    public List<WitnessLog.Run> runs() {
        return runs("witness");
    }

    /** What must be in one place at a time, with when and where it was: by the service itself, and by the hosts' kernels. */
    private Map<String, List<WitnessLog.Run>> exclusive() {
        Map<String, List<WitnessLog.Run>> runs = new LinkedHashMap<>();
        runs.put("the service", runs());
        runs.put("the floating address", runs(Lab.ADDRESS_SIGHTS));
        runs.put("a web server", runs(Lab.WEB_SIGHTS));
        alsoExclusive.forEach((what, sight) -> runs.put(what, runs(sight)));
        return runs;
    }

    /**
     * From now on this, too, must be in one place at a time, and somebody must have seen it by the end of the case.
     *
     * @param sight directory of the logs that tell where it was
     */
    public void alsoExclusive(String what, String sight) {
        alsoExclusive.put(what, sight);
    }

    /** A client of something that the case adds; its log has this name. */
    public Client client(String name, String address, int port) {
        return Client.start(lab(), name, address, port);
    }

    /** The runs that this case saw of what is told of in this directory. */
    public List<WitnessLog.Run> runs(String directory) {
        try {
            return WitnessLog.read(lab().file(directory)).stream()
                    .filter(run -> run.toNanos() - begin >= 0)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Events of the service since the beginning of the case. */
    public List<Event> events() {
        return cluster.history().stream()
                .filter(event -> event.getSequence() > lastSequence)
                .toList();
    }

    /** The outage of the last start that `quorate history` tells of. */
    OptionalDouble reportedMillis() {
        return events().stream()
                .filter(event -> event.getKind().equals("RESOURCE_UP") && event.hasOutage())
                .mapToDouble(event ->
                        event.getOutage().getSeconds() * 1e3 + event.getOutage().getNanos() / 1e6)
                .reduce((first, second) -> second);
    }

    /** History leaves nothing out of the outage, as the election of another leader would be; a client's polls are rougher. */
    public void requireOutageAsSeen() {
        double seen = clientMillis().orElse(0);
        double reported = reportedMillis().orElse(0);
        check(seen - reported < 1_000, "the client waited " + seen + " ms, history tells of " + reported + " ms");
    }

    OptionalDouble clientMillis() {
        return faultAt == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(polls().since(faultAt - CALM.toNanos()).longestGapMillis());
    }

    /** The longest time that the service, its address or its web server was in two places at once. */
    OptionalDouble overlapMillis() {
        return exclusive().values().stream()
                .filter(runs -> !runs.isEmpty())
                .mapToDouble(WitnessLog::overlapMillis)
                .max();
    }

    /** What was in two places at once, and what was granted twice; empty when nothing was. */
    String twice() {
        String places = exclusive().entrySet().stream()
                .filter(entry -> WitnessLog.overlapMillis(entry.getValue()) > 0)
                .map(entry -> entry.getKey() + " was in two places for " + WitnessLog.overlapMillis(entry.getValue())
                        + " ms: " + entry.getValue())
                .collect(Collectors.joining("\n"));
        return (places + "\n" + WitnessLog.grantedTwice(runs())).strip();
    }

    private static void requireSeen(String what, List<WitnessLog.Run> runs) {
        if (runs.isEmpty()) {
            throw new CheckFailedException("nobody saw " + what);
        }
        int lines = 0;
        double seconds = 0;
        for (WitnessLog.Run run : runs) {
            double ran = (run.toNanos() - run.fromNanos()) / 1e9;
            if (run.lines() < ticksIn(ran)) {
                throw new CheckFailedException(what + " was looked at only " + run.lines() + " times: " + run);
            }
            lines += run.lines();
            seconds += ran;
        }
        if (lines < ticksIn(seconds)) {
            throw new CheckFailedException(what + " was looked at only " + lines + " times: " + runs);
        }
    }

    /** How often something is done at least on a busy machine, which may also stall once. */
    private static double ticksIn(double seconds) {
        return (seconds - STALL_SECONDS) * TICKS_PER_SECOND * BUSY_MACHINE_SHARE;
    }

    /** A run that could not have shown anything fails. */
    void requireMeaning() {
        check(faultAt != 0, "the fault never fired");
        double seconds = (System.nanoTime() - begin) / 1e9;
        int polled = polls().requests();
        check(
                polled >= ticksIn(seconds),
                "the client sent only " + polled + " requests in " + Math.round(seconds) + " s");
        exclusive().forEach(Scene::requireSeen);
        lab().hosts()
                .forEach(host ->
                        check(host.isWatched() || !host.hasPower(), "nobody watched the kernel of " + host.name()));
        check(polls().since(faultAt).answered() > 0, "the service did not answer after the fault");
    }
}
