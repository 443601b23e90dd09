package io.quorate.jepsen.real;

import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.LabException;
import io.quorate.jepsen.real.fault.Fault;
import io.quorate.jepsen.real.fault.Ground;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Plays a plan, each fault in a thread of its own. */
final class Nemesis {
    private static final long LOOK_MILLIS = 250;
    /** So much longer a fault stays at most until it takes effect: nobody may have needed the disk yet, say. */
    private static final long LONGER_MILLIS = 10_000;

    private static final long END_MILLIS = 120_000;

    private final Ground ground;
    private final List<Act> acts = new ArrayList<>();

    /** What became of one step of the plan. */
    private final class Act implements Runnable {
        private final Plan.Step step;
        private final long beginNanos;
        private final Thread thread;
        private volatile String target = "";
        private volatile String evidence = "";
        private volatile @Nullable String failure;

        Act(Plan.Step step, long beginNanos) {
            this.step = step;
            this.beginNanos = beginNanos;
            this.thread = new Thread(this, "fault-" + step.kind().word());
            thread.setDaemon(true);
        }

        @Override
        public void run() {
            Fault fault = step.kind().make(step.role());
            try {
                pauseUntil(step.startMillis());
                target = fault.fire(ground);
                // to find its target may have taken a while
                double end = millis() + step.millis();
                do {
                    evidence = evidence.isEmpty() ? fault.evidence(ground) : evidence;
                    Await.pause(LOOK_MILLIS);
                } while (millis() < (evidence.isEmpty() ? end + LONGER_MILLIS : end));
            } catch (LabException e) {
                failure = String.valueOf(e.getMessage());
            } finally {
                heal(fault);
            }
        }

        private void heal(Fault fault) {
            try {
                fault.heal(ground);
            } catch (LabException e) {
                failure = "not taken away: " + e.getMessage();
            }
        }

        private double millis() {
            return (System.nanoTime() - beginNanos) / 1e6;
        }

        private void pauseUntil(long millis) {
            while (millis() < millis) {
                Await.pause(Math.max(1, millis - (long) millis()));
            }
        }

        String describe() {
            return String.format(
                    Locale.ROOT,
                    "%s(%s) %.0f+%.0fs",
                    step.kind().word(),
                    target,
                    step.startMillis() / 1e3,
                    step.millis() / 1e3);
        }
    }

    /** Begins. */
    Nemesis(Plan plan, Ground ground) {
        this.ground = ground;
        long now = System.nanoTime();
        plan.steps().forEach(step -> acts.add(new Act(step, now)));
        acts.forEach(act -> act.thread.start());
    }

    /** Waits until every fault was taken away. */
    void awaitEnd() throws InterruptedException {
        for (Act act : acts) {
            act.thread.join(END_MILLIS);
            if (act.thread.isAlive()) {
                throw new LabException("the fault " + act.describe() + " does not end");
            }
        }
    }

    /** Faults, to whom and when. */
    List<String> fired() {
        return acts.stream().map(Act::describe).toList();
    }

    /** What shows that they took effect. */
    List<String> evidence() {
        return acts.stream().map(act -> act.describe() + ": " + act.evidence).toList();
    }

    /** Faults that did not take effect, and why. */
    List<String> failures() {
        List<String> failures = new ArrayList<>();
        for (Act act : acts) {
            String failure = act.failure;
            if (failure != null) {
                failures.add(act.describe() + ": " + failure);
            } else if (act.evidence.isEmpty()) {
                failures.add(act.describe() + " did not fire");
            }
        }
        return failures;
    }
}
