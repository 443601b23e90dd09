package io.quorate.server.agent.exec;

import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import java.time.Duration;

/**
 * Runs one kind of resource. Operations block the caller until they ended or timed out, and never throw for what a resource
 * does: that is in the outcome. At most one operation of a member is called at a time.
 */
public interface Executor {
    /** RUNNING when it is up and its first check passed; FAILED otherwise, and then it may run or not. */
    Outcome start(Task task) throws InterruptedException;

    /** NOT_RUNNING when its own way of stopping says so; the caller verifies with a monitor and the cell. */
    Outcome stop(Task task) throws InterruptedException;

    /** A recurring monitor. */
    Outcome monitor(Task task) throws InterruptedException;

    /** A look at something that need not run: NOT_RUNNING is no failure. */
    Outcome probe(Task task) throws InterruptedException;

    /** Is this definition usable on this node? NOT_RUNNING stands for "yes"; nothing is touched. */
    Outcome validate(Task task) throws InterruptedException;

    /** Between two monitors of what is in that role. */
    Duration monitorInterval(ResourceSpec spec, Role role);

    /** RUNNING when the copy says that it is promoted now; the caller verifies with a monitor. */
    default Outcome promote(Task task) throws InterruptedException {
        return unable("promote");
    }

    /** NOT_RUNNING when the copy says that it is promoted no more; the caller verifies with a monitor. */
    default Outcome demote(Task task) throws InterruptedException {
        return unable("demote");
    }

    /** Tells a copy what happens to copies of its clone, {@link Task#notice}; nothing depends on what comes of it. */
    default Outcome tell(Task task) throws InterruptedException {
        return unable("notify");
    }

    /**
     * Sends what runs here to the other node, of which {@link Task#notice} tells. RUNNING when that was successful: it runs
     * there, or waits there for {@link #migrateFrom}. FAILED otherwise, and then it may run here, there, or nowhere.
     */
    default Outcome migrateTo(Task task) throws InterruptedException {
        return unable("migrate_to");
    }

    /** Takes over what another node sent here. RUNNING when it is up; FAILED otherwise, and then it may run or not. */
    default Outcome migrateFrom(Task task) throws InterruptedException {
        return unable("migrate_from");
    }

    private static Outcome unable(String operation) {
        return Outcome.refused(
                operation, new RefusedException("only ocf resources know " + operation, ExitCodes.ERR_UNIMPLEMENTED));
    }
}
