package io.quorate.server.agent.exec;

import io.quorate.v1.OperationResult;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one operation on one member came to.
 *
 * @param finding what the member is now, as far as this operation tells
 * @param exitReason what the agent said about it, or what we say when there was no agent to ask
 */
public record Outcome(
        String operation, Finding finding, int exitCode, String exitReason, String outputTail, Duration took) {

    /** What an operation found or left. */
    public enum Finding {
        /** It runs and is healthy, or a start succeeded. */
        RUNNING,
        /** It runs with reduced quality. */
        DEGRADED,
        /** It does not run, or a stop succeeded. */
        NOT_RUNNING,
        /** The operation failed or timed out: the member may run or not. */
        FAILED
    }

    private static final Pattern EXIT_REASON = Pattern.compile("(?m)^ocf-exit-reason:(.*)$");

    /** An operation that was not even started. */
    public static Outcome refused(String operation, RefusedException refusal) {
        String reason = String.valueOf(refusal.getMessage());
        return new Outcome(operation, Finding.FAILED, refusal.exitCode(), reason, "", Duration.ZERO);
    }

    /** A start, a promotion or a migration that there was no permit for any more when it was its turn: nothing was done. */
    static Outcome notBegun(String operation) {
        String reason = "not begun: the lease ended, or the cluster decided otherwise meanwhile";
        return new Outcome(operation, Finding.NOT_RUNNING, ExitCodes.NOT_RUNNING, reason, "", Duration.ZERO);
    }

    static Outcome of(String operation, Finding finding, ProcessResult result) {
        return new Outcome(
                operation, finding, result.exitCode(), reason(operation, result), result.tail(), result.took());
    }

    private static String reason(String operation, ProcessResult result) {
        Matcher matcher = EXIT_REASON.matcher(result.tail());
        Optional<String> last = Optional.empty();
        while (matcher.find()) {
            last = Optional.of(matcher.group(1).strip());
        }
        String fallback = result.timedOut()
                ? operation + " did not end within " + result.took().toMillis() + " ms"
                : "";
        return last.orElse(fallback);
    }

    /** The same operation, read as another finding. */
    public Outcome as(Finding read, String reason) {
        return new Outcome(operation, read, exitCode, reason, outputTail, took);
    }

    /** It did not end by itself: what it began may go on without it. */
    public boolean cutShort() {
        return exitCode == ExitCodes.TIMED_OUT;
    }

    public boolean failed() {
        return finding == Finding.FAILED;
    }

    /** As reports carry it. */
    public OperationResult toResult(String node, long wallMillis) {
        return OperationResult.newBuilder()
                .setOperation(operation)
                .setNode(node)
                .setExitCode(exitCode)
                .setExitName(ExitCodes.name(exitCode))
                .setExitReason(exitReason)
                .setOutputTail(outputTail)
                .setTook(Durations.toProto(took))
                .setAt(com.google.protobuf.Timestamp.newBuilder()
                        .setSeconds(Math.floorDiv(wallMillis, 1000))
                        .setNanos((int) Math.floorMod(wallMillis, 1000L) * 1_000_000))
                .build();
    }
}
