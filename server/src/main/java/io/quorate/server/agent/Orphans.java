package io.quorate.server.agent;

import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.server.agent.exec.MemberOperations;
import io.quorate.server.agent.exec.ProcessIdentity;
import io.quorate.v1.ResourceSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * OneOp over the agent's own death: what an earlier process was doing is ended before anything is looked at. On the loop's
 * thread only.
 */
final class Orphans {
    private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);
    private static final Duration AGAIN = Duration.ofSeconds(2);

    private final EventLoop loop;
    private final Workers workers;
    private final InstanceTable table;
    private final MemberOperations operations;
    private final Consumer<String> onChange;

    Orphans(
            EventLoop loop,
            Workers workers,
            InstanceTable table,
            MemberOperations operations,
            Consumer<String> onChange) {
        this.loop = loop;
        this.workers = workers;
        this.table = table;
        this.operations = operations;
        this.onChange = onChange;
    }

    void end() {
        List.copyOf(table.all().values()).forEach(this::end);
    }

    private void end(InstanceState instance) {
        boolean any = instance.members().stream()
                .anyMatch(member -> member.operation().isPresent() || wasInterrupted(instance, member));
        if (any) {
            table.putUnsaved(instance.withBusy(true));
            workers.run(() -> allEnded(instance), failure -> false, gone -> ended(instance.instance(), gone));
        }
    }

    private boolean allEnded(InstanceState instance) throws InterruptedException {
        boolean ended = true;
        for (MemberState member : instance.members()) {
            ended &= end(instance, member);
        }
        return ended;
    }

    private boolean end(InstanceState instance, MemberState member) throws InterruptedException {
        Optional<ProcessIdentity> operation = member.operation();
        boolean ended = operation.isEmpty()
                || operations.endOrphan(instance.part().home(instance.instance()), member.resource(), operation.get());
        boolean unfinished =
                wasInterrupted(instance, member) && member.main().isEmpty() && member.phase() == Phase.PHASE_UNKNOWN;
        // A start that died before it could say which process it is may have left anything; one of systemd goes on
        // without
        // the process that asked for it. What another had done when it was ended is for the next look to find.
        // What a promotion or demotion began may go on in the copy's own processes.
        boolean leftOvers = unfinished
                && (operation.isEmpty()
                        || member.spec().getKindCase() == ResourceSpec.KindCase.SYSTEMD
                        || instance.part().isPromotion());
        return ended && (!leftOvers || operations.endStart(instance.task(member.resource())));
    }

    /** Its operation ran among the processes of the service, where it cannot be told from them. */
    private static boolean wasInterrupted(InstanceState instance, MemberState member) {
        return member.before() == Phase.PHASE_STARTING
                || member.before() == Phase.PHASE_ARRIVING
                || (instance.part().isPromotion() && member.before() == Phase.PHASE_STOPPING);
    }

    private void ended(String name, boolean gone) {
        InstanceState instance = table.get(name).orElseThrow();
        if (!gone) {
            LOG.warn("{}: an operation of an earlier agent cannot be ended yet", name);
            loop.after(AGAIN, () -> end(table.get(name).orElseThrow()));
            return;
        }
        table.put(instance.withMembers(instance.members().stream()
                        .map(member -> member.withOperation(Optional.empty()))
                        .toList())
                .withBusy(false));
        onChange.accept(name);
    }
}
