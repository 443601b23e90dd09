package io.quorate.server.agent;

import io.quorate.agent.v1.LocalInstance;
import io.quorate.agent.v1.LocalMember;
import io.quorate.agent.v1.MemberReport;
import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.server.time.Clock;
import io.quorate.v1.RunState;

/** Members as others are shown them: the cluster, and who asks on the local socket. Pure functions. */
final class MemberViews {
    private MemberViews() {}

    /** @param wanted the last confirmed answer gave the instance to this node */
    static LocalInstance local(InstanceState state, boolean wanted) {
        LocalInstance.Builder instance = LocalInstance.newBuilder()
                .setInstance(state.instance())
                .setToken(state.token())
                .setWanted(wanted)
                .setKeepWithoutContact(state.keepWithoutContact());
        state.members()
                .forEach(member -> instance.addMembers(LocalMember.newBuilder()
                        .setResource(member.resource())
                        .setState(runState(member))
                        .setDetail(member.lastFailure()
                                .map(failure -> failure.getExitReason())
                                .orElse(""))));
        return instance.build();
    }

    /** As the cluster is told of it. */
    static MemberReport.Builder report(MemberState member, Clock clock) {
        MemberReport.Builder report = MemberReport.newBuilder()
                .setResource(member.resource())
                .setState(runState(member))
                .setRecoverRevision(member.recoverRevision())
                .setFailures(member.failures());
        boolean failed = member.phase() == Phase.PHASE_FAILED || member.phase() == Phase.PHASE_STOP_FAILED;
        if (failed) {
            member.lastFailure().ifPresent(report::setLastFailure);
            if (member.goodAtNanos() != 0) {
                report.setMillisSinceGood(clock.millisSince(member.goodAtNanos()));
            }
        }
        return report;
    }

    private static RunState runState(MemberState member) {
        return switch (member.phase()) {
            case PHASE_STOPPED -> RunState.RUN_STATE_STOPPED;
            case PHASE_STARTING, PHASE_STARTED -> RunState.RUN_STATE_STARTING;
            case PHASE_RUNNING -> member.degraded() ? RunState.RUN_STATE_DEGRADED : RunState.RUN_STATE_RUNNING;
            case PHASE_STOPPING -> RunState.RUN_STATE_STOPPING;
            case PHASE_FAILED, PHASE_STOP_FAILED -> RunState.RUN_STATE_FAILED;
            case PHASE_UNKNOWN, PHASE_UNSPECIFIED, UNRECOGNIZED -> RunState.RUN_STATE_UNKNOWN;
        };
    }
}
