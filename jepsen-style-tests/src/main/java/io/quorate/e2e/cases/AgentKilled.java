package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Scene;
import io.quorate.e2e.TooSlowException;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * The owner's agent is restarted, and then killed, and its service manager starts it again: nothing that it runs is touched, and
 * it is not taken for a lost node. An announced restart has 20 s. A killed agent has reattachGrace, 3 s by default: where the
 * restart showed that this machine is too busy to start a JVM in that time, the kill is played with a longer one, and says so;
 * where only the start after the kill shows it, the node is rightly fenced, and the case is played again with the longer one.
 */
final class AgentKilled extends Case {
    private static final String AGENT = "agent";
    private static final Duration AFTERWARDS = Duration.ofSeconds(6);
    private static final Duration START = Duration.ofSeconds(20);
    /** As RestartSec of the guide's unit, which is systemd's default. */
    private static final long RESTART_MILLIS = 100;

    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(3);
    private static final Duration LONG_GRACE = Duration.ofSeconds(20);
    /** A start that took this long may take the whole default the next time. */
    private static final Duration FITS = Duration.ofSeconds(2);

    private boolean tooSlowBefore;

    AgentKilled() {
        super("m", "agent of the owner restarted and killed: no resource touched");
    }

    @Override
    public void play(Scene scene) {
        Host owner = scene.owner();
        scene.fault(() -> owner.daemon(AGENT).orElseThrow().stop());
        Duration took = startAgain(owner);
        requireKept(scene, owner);

        boolean fits = !tooSlowBefore && took.compareTo(FITS) <= 0;
        scene.note("an agent was back after " + took.toMillis() + " ms, so it is killed with "
                + (fits ? "the default reattachGrace" : "a reattachGrace of " + LONG_GRACE.toSeconds() + " s"));
        if (!fits) {
            scene.cluster().reattachGrace(LONG_GRACE);
        }
        long killedAt = System.nanoTime();
        owner.daemon(AGENT).orElseThrow().kill();
        Duration tookNow = startAgain(owner);
        if (fits && tookNow.compareTo(DEFAULT_GRACE) > 0) {
            requireNobodyFencedWithin(DEFAULT_GRACE, scene, killedAt);
            tooSlowBefore = true;
            throw new TooSlowException("the killed agent was back only after " + tookNow.toMillis() + " ms");
        }
        requireKept(scene, owner);
        if (!fits) {
            scene.cluster().reattachGrace(DEFAULT_GRACE);
        }
        Faults.requireNobodyFenced(scene);
    }

    private static void requireNobodyFencedWithin(Duration grace, Scene scene, long killedAt) {
        scene.check(
                scene.switched().stream().allMatch(request -> request.atNanos() - killedAt >= grace.toNanos()),
                "the power switch was used before the grace was over: " + scene.switched());
    }

    /** As its service manager; returns how long the cluster was without it, or more than that may be. */
    private static Duration startAgain(Host owner) {
        long begin = System.nanoTime();
        long before = registrations(owner);
        Await.pause(RESTART_MILLIS);
        owner.start(AGENT);
        boolean unused = Await.within(START, () -> registrations(owner) > before);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static void requireKept(Scene scene, Host owner) {
        scene.requireUndisturbed(owner, AFTERWARDS);
        scene.cluster().must("wait", "node/" + owner.name() + ":up", "--timeout", "100s", "--no-progress");
    }

    private static long registrations(Host host) {
        try (Stream<String> lines = Files.lines(host.log(AGENT))) {
            return lines.filter(line -> line.contains(" registered: ")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
