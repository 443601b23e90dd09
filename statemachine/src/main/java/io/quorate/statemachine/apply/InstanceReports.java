package io.quorate.statemachine.apply;

import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.MemberReport;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.EventRow;
import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.ReportInstance;
import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Limits;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.Tokens;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Evidence;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What an owner says about its instance: states, failures, the end of an outage, evidence (a). */
final class InstanceReports {
    private InstanceReports() {}

    static void report(Draft draft, ReportInstance command, CommandResult.Builder result) {
        InstanceReport report = command.getReport();
        InstanceRow before = Objects.requireNonNull(OwnershipRules.reported(draft.state(), command));
        if (report.getReleased()) {
            released(draft, before);
            return;
        }
        InstanceRow.Builder row = before.toBuilder();
        if (report.getStopFailed() && !before.getOwnership().getStopFailed()) {
            row.getOwnershipBuilder().setStopFailed(true);
        }
        List<MemberReport> known = known(draft.state(), before, report);
        row.clearMembers().addAllMembers(members(draft, before, known));
        boolean failed = false;
        for (MemberReport member : known) {
            failed |= countFailure(draft, row, command, member);
        }
        noteOutage(draft, row, report);
        noteMigration(row, known);
        if (changed(before, row)) {
            draft.put(row);
        }
        announce(draft, before, row.build(), report, failed);
    }

    private static List<MemberReport> known(ClusterState state, InstanceRow instance, InstanceReport report) {
        NavigableSet<String> names = OwnershipRules.memberNames(state, instance);
        return report.getMembersList().stream()
                .filter(member -> names.contains(member.getResource()))
                .toList();
    }

    /**
     * The members by name, in start order, former ones behind. What a report does not name stays as it was: it may run.
     * A former member goes once it is reported as stopped by an agent that knows that it is a former one. That a member runs
     * which is to be restarted, and has not been, is no news.
     */
    private static List<MemberRowStatus> members(Draft draft, InstanceRow before, List<MemberReport> reports) {
        Map<String, MemberRowStatus> old = new TreeMap<>();
        before.getMembersList().forEach(member -> old.put(member.getResource(), member));
        Map<String, MemberReport> reported = new TreeMap<>();
        reports.forEach(member -> reported.put(member.getResource(), member));
        ObjectRow unit = Units.of(draft.state(), before);
        List<String> names = new ArrayList<>();
        if (unit != null) {
            Units.members(draft.state(), unit)
                    .forEach(member -> names.add(member.getMeta().getName()));
        }
        int present = names.size();
        int restarts = before.hasRecover() ? firstRestarted(before, names) : present;
        before.getMembersList().stream()
                .map(MemberRowStatus::getResource)
                .filter(name -> !names.contains(name))
                .forEach(names::add);
        List<MemberRowStatus> members = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            MemberReport report = reported.get(names.get(i));
            MemberRowStatus row = old.get(names.get(i));
            boolean gone = i >= present
                    && report != null
                    && OwnedMembers.isGone(row, report.getState(), report.getLeftSince());
            boolean late = i >= restarts && i < present && report != null && isFromBefore(report, before);
            if (report != null && !gone && !late) {
                members.add(status(draft, row, report));
            } else if (row != null && !gone) {
                members.add(row);
            }
        }
        return members;
    }

    private static int firstRestarted(InstanceRow instance, List<String> members) {
        String from = instance.getRecover().getFromMember();
        int first = from.isEmpty() ? 0 : members.indexOf(from);
        return first < 0 ? members.size() : first;
    }

    /** Sent by an agent that did not know of the restart yet, or has not begun it. */
    private static boolean isFromBefore(MemberReport report, InstanceRow instance) {
        return RunStates.isUp(report.getState())
                && report.getRecoverRevision() < instance.getRecover().getRevision();
    }

    private static boolean changed(InstanceRow before, InstanceRow.Builder after) {
        return !before.equals(after.build());
    }

    private static MemberRowStatus status(Draft draft, @Nullable MemberRowStatus old, MemberReport member) {
        MemberRowStatus.Builder status = old != null && old.getState() == member.getState()
                ? old.toBuilder()
                : MemberRowStatus.newBuilder()
                        .setResource(member.getResource())
                        .setState(member.getState())
                        .setSince(draft.now())
                        .setLeftSince(old == null ? 0 : old.getLeftSince());
        if (member.hasLastFailure()) {
            status.setLastFailure(member.getLastFailure());
        }
        return status.build();
    }

    /**
     * Counts a failure once, however often and in how many sessions it is reported: an agent process numbers its failures.
     * A lower number means that it began to count anew, as it does when it gets the instance again.
     */
    private static boolean countFailure(
            Draft draft, InstanceRow.Builder row, ReportInstance command, MemberReport member) {
        List<FailureRow> failures = new ArrayList<>(row.getFailuresList());
        FailureRow old = null;
        for (FailureRow failure : failures) {
            if (failure.getNode().equals(command.getNode())
                    && failure.getMember().equals(member.getResource())) {
                old = failure;
            }
        }
        NodeRow node = Objects.requireNonNull(draft.state().node(command.getNode()));
        long counted = old != null && isSameCounter(old, node) ? old.getSessionFailures() : 0;
        boolean anew = member.getFailures() < counted;
        long more = member.getFailures() - (anew ? 0 : counted);
        if (more == 0 && !anew) {
            return false;
        }
        FailureRow.Builder failure = old == null
                ? FailureRow.newBuilder().setNode(command.getNode()).setMember(member.getResource())
                : old.toBuilder();
        failure.setSession(node.getSession())
                .setProcessId(node.getProcessId())
                .setSessionFailures(member.getFailures());
        if (more > 0) {
            failure.setCount((int) Math.min(Integer.MAX_VALUE, failure.getCount() + more))
                    .setLastAt(draft.now())
                    .setLast(member.getLastFailure());
        }
        failures.remove(old);
        failures.add(failure.build());
        row.clearFailures().addAllFailures(bounded(failures));
        return more > 0;
    }

    /** In order of node and member. */
    static List<FailureRow> bounded(List<FailureRow> failures) {
        List<FailureRow> kept = new ArrayList<>(failures);
        kept.sort((one, other) ->
                (one.getNode() + "/" + one.getMember()).compareTo(other.getNode() + "/" + other.getMember()));
        return kept.subList(Math.max(0, kept.size() - Limits.FAILURES_PER_INSTANCE), kept.size());
    }

    /** An agent that names no process counts anew in each session. */
    private static boolean isSameCounter(FailureRow failure, NodeRow node) {
        return node.getProcessId().isEmpty()
                ? failure.getSession() == node.getSession()
                : failure.getProcessId().equals(node.getProcessId());
    }

    /** A service that should run and failed is down since its last good monitor. */
    private static void noteOutage(Draft draft, InstanceRow.Builder row, InstanceReport report) {
        long sinceGood = 0;
        for (MemberReport member : report.getMembersList()) {
            if (member.getState() == RunState.RUN_STATE_FAILED) {
                sinceGood = Math.max(sinceGood, member.getMillisSinceGood());
            }
        }
        boolean failed =
                report.getMembersList().stream().anyMatch(member -> member.getState() == RunState.RUN_STATE_FAILED);
        if (failed && !row.hasDownSince()) {
            row.setDownSince(Stamp.newBuilder()
                            .setLogMillis(draft.now().getLogMillis() - sinceGood)
                            .setWallMillis(draft.now().getWallMillis() - sinceGood))
                    .setDetectedAt(draft.now())
                    .clearFreedAt()
                    .setDownReason("failed");
        }
    }

    /** The two steps of a live migration that others wait for: it was sent, and it has arrived. */
    private static void noteMigration(InstanceRow.Builder row, List<MemberReport> members) {
        OwnershipRow ownership = row.getOwnership();
        long token = ownership.getDeparture().getToken().getNumber();
        if (ownership.hasDeparture()
                && members.stream().anyMatch(member -> member.getSentTokenNumber() == token)
                && !ownership.getDeparture().getSent()) {
            row.getOwnershipBuilder().getDepartureBuilder().setSent(true);
        }
        if (!row.getArrivalOf().isEmpty() && RunStates.isUp(row.build()) && !ownership.getArrived()) {
            row.getOwnershipBuilder().setArrived(true);
        }
    }

    private static void released(Draft draft, InstanceRow instance) {
        InstanceRow promotion = Clones.promotionOf(draft.state(), instance);
        Lives.free(draft, instance, Evidence.EVIDENCE_RELEASED);
        ObjectRow unit = Units.of(draft.state(), instance);
        if (unit == null || !Units.isWanted(unit)) {
            notMissed(draft, instance);
            if (promotion != null) {
                notMissed(draft, promotion);
            }
        }
        Sightings.noteReleased(draft, instance);
        if (promotion != null) {
            Sightings.noteReleased(draft, promotion);
        }
        NodeRow node = draft.state().node(instance.getOwnership().getNode());
        if (node != null) {
            Lives.dropEmptyLives(draft, node.getName());
        }
        if (unit != null && unit.getDeleting()) {
            UnitRules.removeDeleted(draft, unit);
        }
    }

    private static void notMissed(Draft draft, InstanceRow instance) {
        InstanceRow freed = draft.state().instance(instance.getId());
        if (freed != null) {
            draft.put(freed.toBuilder().clearDownSince().clearDetectedAt().clearDownReason());
        }
    }

    private static void announce(
            Draft draft, InstanceRow before, InstanceRow after, InstanceReport report, boolean failed) {
        String key = Keys.instance(after.getId());
        String node = after.getOwnership().getNode();
        if (report.getStopFailed() && !before.getOwnership().getStopFailed()) {
            draft.event(Events.of("STOP_FAILED", key)
                    .setFromNode(node)
                    .setText(after.getId() + " could not be stopped on " + node));
        }
        if (failed) {
            MemberReport member = firstFailed(report);
            if (member != null) {
                draft.event(Events.of("RESOURCE_FAILED", key)
                        .setFromNode(node)
                        .setText(member.getResource() + " failed on " + node + ": "
                                + member.getLastFailure().getOperation() + " "
                                + member.getLastFailure().getExitName() + " ("
                                + member.getLastFailure().getExitCode() + ") "
                                + member.getLastFailure().getExitReason()));
            }
        }
        if (RunStates.isUp(after) && !after.getOwnership().getReleasing() && after.hasDownSince()) {
            up(draft, after);
        }
    }

    private static @Nullable MemberReport firstFailed(InstanceReport report) {
        for (MemberReport member : report.getMembersList()) {
            if (member.getState() == RunState.RUN_STATE_FAILED || member.getFailures() > 0) {
                return member;
            }
        }
        return null;
    }

    /** The end of an outage: silence or last good monitor → detected → freed → running. */
    private static void up(Draft draft, InstanceRow instance) {
        long down = instance.getDownSince().getLogMillis();
        long detected = instance.getDetectedAt().getLogMillis();
        long freed =
                instance.hasFreedAt() ? Math.max(detected, instance.getFreedAt().getLogMillis()) : detected;
        long now = draft.now().getLogMillis();
        boolean firstStart =
                instance.getLastNode().isEmpty() && instance.getDownReason().equals("first start");
        EventRow.Builder event = Events.of("RESOURCE_UP", Keys.instance(instance.getId()))
                .setFromNode(instance.getLastNode())
                .setToNode(instance.getOwnership().getNode())
                .setToken(instance.getOwnership().getToken())
                .setReason(OwnershipRules.firstReason(instance.getOwnership().getReasonsList()))
                .setDetectMillis(detected - down)
                .setFreeMillis(freed - detected)
                .setStartMillis(now - freed);
        String where = instance.getId() + " up on " + instance.getOwnership().getNode() + " (token "
                + Tokens.format(instance.getOwnership().getToken()) + ")";
        if (firstStart) {
            event.setText(where);
        } else {
            event.setOutageMillis(now - down).setText(where + ": " + instance.getDownReason());
        }
        draft.put(instance.toBuilder()
                .clearDownSince()
                .clearDetectedAt()
                .clearDownReason()
                .clearFreedAt()
                .setLastNode(instance.getOwnership().getNode()));
        draft.event(event);
    }
}
