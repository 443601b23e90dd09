package io.quorate.server.agent.exec;

import io.quorate.server.agent.exec.NotifyVariables.Step;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a copy, where its clone wants that, what is done to it: as Pacemaker does, before and after while it runs. A notice
 * is bounded by its timeout and cannot fail: what it came to is in the log.
 */
final class Notices {
    private static final Logger LOG = LoggerFactory.getLogger(Notices.class);

    private Notices() {}

    /** An operation of an executor. */
    interface Call {
        Outcome on(Task task) throws InterruptedException;
    }

    static Outcome around(Executor executor, Task task, Step step, Call call) throws InterruptedException {
        return after(executor, task, step, own -> before(executor, own, step, call));
    }

    static Outcome before(Executor executor, Task task, Step step, Call call) throws InterruptedException {
        if (wanted(task)) {
            tell(executor, task, "pre", step, Set.of(task.home()));
        }
        return call.on(withLists(task, step));
    }

    /** Told afterwards only when it was done. */
    static Outcome after(Executor executor, Task task, Step step, Call call) throws InterruptedException {
        Outcome outcome = call.on(withLists(task, step));
        if (wanted(task) && step.isDone(outcome)) {
            tell(executor, task, "post", step, Set.of(task.home()));
        }
        return outcome;
    }

    static Outcome tell(Executor executor, Task task, String type, Step step, Set<String> affected)
            throws InterruptedException {
        Outcome told = executor.tell(task.noticing(
                NotifyVariables.notification(task.part().context(), task.resource(), type, step, affected)));
        if (told.failed()) {
            LOG.warn(
                    "{}/{}: notify {}-{}: {} {}",
                    task.instance(),
                    task.resource(),
                    type,
                    step.action(),
                    ExitCodes.name(told.exitCode()),
                    told.exitReason());
        }
        return told;
    }

    private static Task withLists(Task task, Step step) {
        return task.noticing(NotifyVariables.lists(task.part().context(), task.resource(), step, Set.of(task.home())));
    }

    /** Others than resource agents have no way to hear. */
    private static boolean wanted(Task task) {
        return task.part().context().getNotify() && task.spec().hasOcf();
    }
}
