package io.quorate.client.cli;

import com.google.protobuf.Duration;
import io.quorate.client.Category;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.cli.text.Times;
import io.quorate.v1.LongOperation;
import io.quorate.v1.OperationServiceGrpc;
import io.quorate.v1.OperationState;
import io.quorate.v1.Reason;
import io.quorate.v1.WaitOperationRequest;
import io.quorate.v1.WaitOperationResponse;
import java.util.List;
import java.util.stream.Collectors;

/** Follows an operation to its end and tells what it waits for. */
public final class OperationWaiter {
    private final CliContext cli;
    private final ClientOptions options;

    public OperationWaiter(CliContext cli, ClientOptions options) {
        this.cli = cli;
        this.options = options;
    }

    /** Exit code 0 when it was done; otherwise the reason is thrown. */
    public int await(QuorateClient client, String operation, java.time.Duration limit) {
        return finished(end(client, operation, limit));
    }

    /** The operation as it ended, in whatever way. */
    @SuppressWarnings("try") // the registration ends with the block
    public LongOperation end(QuorateClient client, String operation, java.time.Duration limit) {
        String goesOn = "still running as " + operation + " · quorate operation wait " + operation
                + " · quorate operation cancel " + operation;
        WaitOperationRequest request = WaitOperationRequest.newBuilder()
                .setId(operation)
                .setTimeout(Duration.newBuilder().setSeconds(Math.max(1, limit.toSeconds())))
                .build();
        try (var ignored = cli.interrupts().onInterrupt(() -> cli.err().println(goesOn));
                Progress progress = Progress.start(cli, options)) {
            return client.streamUntil(OperationServiceGrpc.getWaitOperationMethod(), () -> request, limit, answer -> {
                        progress.now(line(answer));
                        return isFinished(answer.getOperation());
                    })
                    .getOperation();
        } catch (QuorateException e) {
            if (e.category() == Category.TIMED_OUT) {
                throw QuorateException.of(Category.TIMED_OUT, "TIMED_OUT", goesOn)
                        .object(operation)
                        .cause(e)
                        .build();
            }
            throw e;
        }
    }

    /** Says that it was done, exit code 0; otherwise the reason is thrown. */
    public int finished(LongOperation operation) {
        String text = operation.getKind() + " " + String.join(", ", operation.getObjectsList());
        String detail = operation.getDetail().isEmpty() ? "" : ": " + operation.getDetail();
        if (operation.getState() == OperationState.OPERATION_STATE_DONE) {
            if (options.output() == OutputFormat.TABLE || options.output() == OutputFormat.WIDE) {
                cli.out().println(doneLine(operation));
            }
            return ExitCodes.OK;
        }
        boolean cancelled = operation.getState() == OperationState.OPERATION_STATE_CANCELLED;
        throw QuorateException.of(
                        Category.ERROR,
                        cancelled ? "OPERATION_CANCELLED" : "OPERATION_FAILED",
                        operation.getId() + " (" + text + ") " + (cancelled ? "was cancelled" : "failed") + detail)
                .object(operation.getId())
                .nextStep(operation.getObjectsCount() == 0 ? "" : "quorate explain " + bare(operation.getObjects(0)))
                .build();
    }

    private static String doneLine(LongOperation operation) {
        String what = operation.getDetail().isEmpty() ? "done" : operation.getDetail();
        if (!operation.hasStartedAt() || !operation.hasFinishedAt()) {
            return what;
        }
        long took = Times.millis(operation.getFinishedAt()) - Times.millis(operation.getStartedAt());
        return what + " · took " + Times.span(took);
    }

    private static String line(WaitOperationResponse answer) {
        List<Reason> reasons = answer.getWaitingForList();
        if (!reasons.isEmpty()) {
            return reasons.stream()
                    .map(reason -> reason.getMessage() + (reason.getCode().isEmpty() ? "" : "  " + reason.getCode()))
                    .collect(Collectors.joining(" · "));
        }
        String detail = answer.getOperation().getDetail();
        return detail.isEmpty() ? answer.getOperation().getKind() : detail;
    }

    private static boolean isFinished(LongOperation operation) {
        return switch (operation.getState()) {
            case OPERATION_STATE_DONE, OPERATION_STATE_FAILED, OPERATION_STATE_CANCELLED -> true;
            case OPERATION_STATE_UNSPECIFIED, OPERATION_STATE_RUNNING, UNRECOGNIZED -> false;
        };
    }

    private static String bare(String object) {
        return object.substring(object.indexOf('/') + 1);
    }
}
