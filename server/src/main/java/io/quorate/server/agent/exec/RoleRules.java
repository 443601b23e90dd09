package io.quorate.server.agent.exec;

import io.quorate.server.agent.exec.Outcome.Finding;
import java.util.Optional;

/** What a monitor of a promotable copy says of the copy and of its promotion, which fail each for itself. */
public final class RoleRules {
    private RoleRules() {}

    /** What the copy is held to be. */
    public enum Expected {
        PROMOTED,
        UNPROMOTED,
        /** A promotion of it began or ended badly, or is not looked at yet: either is right. */
        EITHER
    }

    /** What a monitor found is promoted, well or badly. */
    static boolean isPromoted(Outcome monitor) {
        return switch (monitor.exitCode()) {
            case ExitCodes.RUNNING_PROMOTED, ExitCodes.DEGRADED_PROMOTED, ExitCodes.FAILED_PROMOTED -> true;
            default -> false;
        };
    }

    /** What a monitor says of the copy: nothing where the failure is its promotion's alone. */
    public static Optional<Outcome> ofCopy(Outcome monitor, Expected expected) {
        return switch (monitor.exitCode()) {
            case ExitCodes.RUNNING_PROMOTED, ExitCodes.DEGRADED_PROMOTED ->
                Optional.of(
                        expected == Expected.UNPROMOTED
                                ? monitor.as(Finding.FAILED, "promoted, though this node owns no promotion of it")
                                : monitor);
            case ExitCodes.FAILED_PROMOTED -> expected == Expected.PROMOTED ? Optional.empty() : Optional.of(monitor);
            default -> Optional.of(monitor);
        };
    }

    /** What a recurring monitor says of a promotion that should be: nothing where the failure is its copy's. */
    public static Optional<Outcome> ofPromotion(Outcome monitor) {
        return switch (monitor.exitCode()) {
            case ExitCodes.RUNNING_PROMOTED, ExitCodes.DEGRADED_PROMOTED -> Optional.of(monitor);
            case ExitCodes.OK, ExitCodes.DEGRADED ->
                Optional.of(monitor.as(Finding.FAILED, "not promoted, though it was told to be"));
            case ExitCodes.NOT_RUNNING, ExitCodes.FAILED_PROMOTED ->
                Optional.of(monitor.as(Finding.FAILED, monitor.exitReason()));
            default -> Optional.empty();
        };
    }

    /**
     * A look at a promotion that need not be: NOT_RUNNING is promoted no more, or not at all. What says nothing sure counts as
     * promoted.
     */
    public static Outcome looked(Outcome monitor) {
        return switch (monitor.exitCode()) {
            case ExitCodes.OK, ExitCodes.DEGRADED, ExitCodes.NOT_RUNNING ->
                monitor.as(Finding.NOT_RUNNING, monitor.exitReason());
            case ExitCodes.RUNNING_PROMOTED, ExitCodes.DEGRADED_PROMOTED -> monitor;
            default -> monitor.as(Finding.FAILED, monitor.exitReason());
        };
    }
}
