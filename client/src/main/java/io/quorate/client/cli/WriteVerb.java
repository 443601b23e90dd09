package io.quorate.client.cli;

import com.google.protobuf.Message;
import io.quorate.client.ObjectNames;
import io.quorate.client.Positions;
import io.quorate.client.QuorateClient;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.ResponseHeader;
import java.time.Duration;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;

/** A verb that changes something: options of the mutation, and the waiting until it took effect. */
public abstract class WriteVerb extends ClientVerb {
    private static final Duration DEFAULT_WAIT = Duration.ofMinutes(10);
    private static final Duration MEMBER_CHANGE = Duration.ofMinutes(1);

    @Mixin
    private WriteFlags write = new WriteFlags();

    protected WriteVerb(CliContext cli) {
        super(cli);
    }

    protected final WriteFlags write() {
        return write;
    }

    /** Options of a mutation of one object; a bare name is looked up only when a revision is compared. */
    protected final MutationOptions mutation(QuorateClient client, String object) {
        return mutationOf(write.ifRevision().isPresent() ? ObjectNames.resolve(client, object) : object);
    }

    /** Options of a mutation of the object with this key. */
    protected final MutationOptions mutationOf(String key) {
        MutationOptions.Builder options = plainOptions();
        write.ifRevision().ifPresent(revision -> options.putIfObjectRevision(key, revision));
        return options.build();
    }

    /** Options of a mutation that names no object. */
    protected final MutationOptions mutation() {
        if (write.ifRevision().isPresent()) {
            throw new UsageException("--if-revision needs one named object");
        }
        return plainOptions().build();
    }

    private MutationOptions.Builder plainOptions() {
        MutationOptions.Builder options =
                MutationOptions.newBuilder().setReason(write.reason()).setValidateOnly(write.dryRun());
        write.repeated().ifPresent(repeated -> repeated.repeatIn(options));
        return options;
    }

    /** The time that a change of the members or of their leader may take: one that comes has to catch up first. */
    protected final Duration memberChangeLimit() {
        return options().timeout().orElse(MEMBER_CHANGE);
    }

    /** Makes a call that ends only when it took effect, and says on a terminal what it waits for, as with an operation. */
    protected final <A> A whileSaying(String what, Supplier<A> call) {
        try (Progress progress = Progress.start(cli(), options())) {
            progress.now(what);
            return call.get();
        }
    }

    /** The time that waiting may take. */
    protected final Duration waitLimit() {
        return options().timeout().orElse(DEFAULT_WAIT);
    }

    /**
     * Says that it is committed, then waits for the operation when there is one and waiting is wanted.
     *
     * @param what the sentence after the position, such as "web moves to n3"
     */
    protected final int committed(
            QuorateClient client, Message answer, ResponseHeader header, String operation, String what) {
        boolean waits = write.waits() && !operation.isEmpty();
        if (!forPeople()) {
            print(answer, () -> "");
        } else if (write.dryRun()) {
            say("would do: " + what + " (nothing was changed)");
        } else {
            String running = operation.isEmpty() || waits ? "" : " · " + operation + " goes on";
            say("committed " + Positions.format(header.getPosition()) + " · " + what + running);
        }
        if (!waits) {
            return ExitCodes.OK;
        }
        return new OperationWaiter(cli(), options()).await(client, operation, waitLimit());
    }
}
