package io.quorate.server.agent;

import com.google.protobuf.ByteString;
import io.quorate.agent.v1.DesiredInstance;
import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.server.agent.exec.ProcessIdentity;
import io.quorate.v1.OperationResult;
import io.quorate.v1.ResourceSpec;
import java.util.Optional;

/**
 * One member as this node has it.
 *
 * @param spec that it was started with; it is stopped and watched with the same
 * @param before what it was known to be before it became UNKNOWN, if anything; tells a crash from an interrupted start
 * @param recoverRevision the last recover order that it obeyed
 * @param departure token number of the arrival elsewhere that migrate_to was begun for under the present token; 0 = it was not
 * @param main main process of a supervised command
 * @param operation the start, stop, migrate_to or migrate_from under way
 * @param failures counted since this agent process started
 * @param retryAtNanos a failed stop, or a look that could not be had, is not tried again before this time
 * @param goodAtNanos last time that a monitor was good; 0 = never by this process
 */
public record MemberState(
        String resource,
        ResourceSpec spec,
        ByteString digest,
        Phase phase,
        Phase before,
        boolean degraded,
        long recoverRevision,
        long departure,
        Optional<ProcessIdentity> main,
        Optional<ProcessIdentity> operation,
        long failures,
        Optional<OperationResult> lastFailure,
        long retryAtNanos,
        long goodAtNanos) {

    /** A member that this node was told of, in the phase that it begins with. */
    static MemberState of(DesiredMember desired, Phase first) {
        return new MemberState(
                desired.getResource(),
                desired.getSpec(),
                desired.getDefinitionDigest(),
                first,
                first,
                false,
                desired.getRecoverRevision(),
                0,
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty(),
                0,
                0);
    }

    /** Anything but a verified stop. */
    boolean mayRun() {
        return phase != Phase.PHASE_STOPPED;
    }

    /** Its start was successful and nothing bad is known of it since. */
    boolean up() {
        return phase == Phase.PHASE_STARTED || phase == Phase.PHASE_RUNNING;
    }

    /** It was {@link #up} when it became UNKNOWN. */
    boolean wasUp() {
        return before == Phase.PHASE_STARTED || before == Phase.PHASE_RUNNING;
    }

    MemberState in(Phase next) {
        boolean stays = next == Phase.PHASE_RUNNING && degraded;
        return new MemberState(
                resource,
                spec,
                digest,
                next,
                before,
                stays,
                recoverRevision,
                departure,
                main,
                operation,
                failures,
                lastFailure,
                retryAtNanos,
                goodAtNanos);
    }

    MemberState unknown(Phase known) {
        return new MemberState(
                resource,
                spec,
                digest,
                Phase.PHASE_UNKNOWN,
                known,
                false,
                recoverRevision,
                departure,
                main,
                Optional.empty(),
                failures,
                lastFailure,
                retryAtNanos,
                goodAtNanos);
    }

    /** As it is about to be started, or taken over: what comes is by this definition. */
    MemberState beginning(Phase how, DesiredMember desired) {
        return new MemberState(
                resource,
                desired.getSpec(),
                desired.getDefinitionDigest(),
                how,
                before,
                false,
                Math.max(recoverRevision, desired.getRecoverRevision()),
                departure,
                Optional.empty(),
                Optional.empty(),
                failures,
                lastFailure,
                0,
                goodAtNanos);
    }

    /**
     * Under a new token, orders to recover and to leave that were given under former ones are done with: whether what was sent
     * away or awaited here runs is to be found out. What stands still here may have come from elsewhere, if it arrives.
     */
    MemberState obeying(DesiredInstance desired) {
        if (phase == Phase.PHASE_SENT || phase == Phase.PHASE_AWAITED) {
            return unknown(Phase.PHASE_UNKNOWN).obeying(desired);
        }
        long revision = desired.getMembersList().stream()
                .filter(member -> member.getResource().equals(resource))
                .mapToLong(DesiredMember::getRecoverRevision)
                .findFirst()
                .orElse(recoverRevision);
        return new MemberState(
                resource,
                spec,
                digest,
                mayRun() || desired.getArrivesFrom().isEmpty() ? phase : Phase.PHASE_AWAITED,
                before,
                degraded,
                revision,
                0,
                main,
                operation,
                failures,
                lastFailure,
                retryAtNanos,
                goodAtNanos);
    }

    /** As it is about to be sent to another node, for the arrival with this token number there. */
    MemberState sending(long arrival) {
        return leaving(Phase.PHASE_SENDING, arrival);
    }

    /** Its migrate_to was not begun. */
    MemberState staying() {
        return leaving(Phase.PHASE_RUNNING, 0);
    }

    private MemberState leaving(Phase next, long arrival) {
        return new MemberState(
                resource,
                spec,
                digest,
                next,
                before,
                false,
                recoverRevision,
                arrival,
                main,
                operation,
                failures,
                lastFailure,
                retryAtNanos,
                goodAtNanos);
    }

    MemberState withMain(Optional<ProcessIdentity> process) {
        return new MemberState(
                resource,
                spec,
                digest,
                phase,
                before,
                degraded,
                recoverRevision,
                departure,
                process,
                operation,
                failures,
                lastFailure,
                retryAtNanos,
                goodAtNanos);
    }

    MemberState withOperation(Optional<ProcessIdentity> process) {
        return new MemberState(
                resource,
                spec,
                digest,
                phase,
                before,
                degraded,
                recoverRevision,
                departure,
                main,
                process,
                failures,
                lastFailure,
                retryAtNanos,
                goodAtNanos);
    }

    MemberState good(boolean nowDegraded, long nowNanos) {
        return new MemberState(
                resource,
                spec,
                digest,
                Phase.PHASE_RUNNING,
                before,
                nowDegraded,
                recoverRevision,
                departure,
                main,
                operation,
                failures,
                lastFailure,
                0,
                nowNanos);
    }

    MemberState failed(Phase next, OperationResult failure, long retryAt) {
        return new MemberState(
                resource,
                spec,
                digest,
                next,
                before,
                false,
                recoverRevision,
                departure,
                main,
                operation,
                failures + 1,
                Optional.of(failure),
                retryAt,
                goodAtNanos);
    }
}
