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
                        .setDetail(detail(state, member))));
        return instance.build();
    }

    private static String detail(InstanceState state, MemberState member) {
        return switch (member.phase()) {
            case PHASE_SENDING -> "live migration: migrate_to is under way";
            case PHASE_SENT -> "live migration: sent to another node, to be stopped here";
            case PHASE_AWAITED -> "live migration: to be taken over from " + state.arrivesFrom();
            case PHASE_ARRIVING -> "live migration: migrate_from " + state.arrivesFrom() + " is under way";
            case PHASE_STOPPED,
                    PHASE_STARTING,
                    PHASE_STARTED,
                    PHASE_RUNNING,
                    PHASE_STOPPING,
                    PHASE_FAILED,
                    PHASE_STOP_FAILED,
                    PHASE_UNKNOWN,
                    PHASE_UNSPECIFIED,
                    UNRECOGNIZED ->
                member.lastFailure().map(failure -> failure.getExitReason()).orElse("");
        };
    }

    /** As the cluster is told of it. */
    static MemberReport.Builder report(MemberState member, Clock clock) {
        MemberReport.Builder report = MemberReport.newBuilder()
                .setResource(member.resource())
                .setState(runState(member))
                .setRecoverRevision(member.recoverRevision())
                .setFailures(member.failures());
        if (member.phase() == Phase.PHASE_SENT) {
            report.setSentTokenNumber(member.departure());
        }
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
            case PHASE_STARTING, PHASE_STARTED, PHASE_AWAITED, PHASE_ARRIVING -> RunState.RUN_STATE_STARTING;
            case PHASE_RUNNING -> member.degraded() ? RunState.RUN_STATE_DEGRADED : RunState.RUN_STATE_RUNNING;
            case PHASE_SENDING, PHASE_SENT -> RunState.RUN_STATE_RUNNING;
            case PHASE_STOPPING -> RunState.RUN_STATE_STOPPING;
            case PHASE_FAILED, PHASE_STOP_FAILED -> RunState.RUN_STATE_FAILED;
            case PHASE_UNKNOWN, PHASE_UNSPECIFIED, UNRECOGNIZED -> RunState.RUN_STATE_UNKNOWN;
        };
    }
}
