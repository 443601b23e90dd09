package io.quorate.statemachine.forecast;

import io.quorate.agent.v1.FenceDeviceResult;
import io.quorate.agent.v1.FenceReport;
import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.MemberReport;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CompleteJoin;
import io.quorate.log.v1.ExpireLease;
import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.ProbeRow;
import io.quorate.log.v1.ReportFence;
import io.quorate.log.v1.ReportInstance;
import io.quorate.log.v1.ReportProbes;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.FencePaths;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.NodePhase;
import io.quorate.v1.OperationResult;
import io.quorate.v1.RunState;
import io.quorate.v1.TicketState;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Agents to whom nothing happens: they start, stop, migrate, answer and fence as they are told, and it works. Level-triggered as the
 * real ones: what there is to do is read from the state.
 */
final class Agents {
    private final History history;

    Agents(History history) {
        this.history = history;
    }

    /** Everything that is being done in this state. */
    List<Job> jobs(ClusterState state) {
        List<Job> jobs = new ArrayList<>();
        for (NodeRow node : state.nodes().values()) {
            if (node.getPhase() == NodePhase.NODE_PHASE_JOINING) {
                jobs.add(new Job.Join(node, probes(node, node.getJoinPendingList(), state)));
            } else if (node.getPhase() == NodePhase.NODE_PHASE_UP) {
                List<String> asked = asked(state, node);
                if (!asked.isEmpty()) {
                    jobs.add(new Job.Probe(node, probes(node, asked, state), about(state, asked)));
                }
            }
        }
        for (InstanceRow instance : state.instances().values()) {
            Job job = job(state, instance);
            if (job != null) {
                jobs.add(job);
            }
        }
        for (FenceTicketRow ticket : state.tickets().values()) {
            NodeRow executor = ticket.getState() == TicketState.TICKET_STATE_OPEN ? executor(state, ticket) : null;
            if (executor != null) {
                jobs.add(new Job.Fence(ticket, executor));
            }
        }
        return jobs;
    }

    /** What a node that is up has not answered yet, or what it finds gone once it has stopped it. */
    private static List<String> asked(ClusterState state, NodeRow node) {
        List<String> asked = new ArrayList<>();
        for (InstanceRow instance : state.instances().values()) {
            boolean needed = instance.getProbeSince() > 0
                    && (!instance.hasOwnership() || Units.isHeldForProbes(state, instance))
                    && !instance.getOwnership().getNode().equals(node.getName())
                    && node.getFoundList().stream()
                            .noneMatch(found -> found.getInstance().equals(instance.getId()));
            if ((needed && !hasAnswered(instance, node)) || Units.isToStopOn(state, instance, node)) {
                asked.add(instance.getId());
            }
        }
        return asked;
    }

    /** Names this very question: an instance may have to be looked at again later. */
    private static String about(ClusterState state, List<String> asked) {
        StringJoiner about = new StringJoiner(",");
        for (String id : asked) {
            InstanceRow instance = state.instance(id);
            about.add(id + "@" + (instance == null ? 0 : instance.getProbeSince()));
        }
        return about.toString();
    }

    private static boolean hasAnswered(InstanceRow instance, NodeRow node) {
        for (ProbeRow probe : instance.getProbesList()) {
            if (probe.getNode().equals(node.getName())) {
                return probe.getIncarnation() == node.getIncarnation() && probe.getSince() >= instance.getProbeSince();
            }
        }
        return false;
    }

    private static Command.Builder probes(NodeRow node, List<String> instances, ClusterState state) {
        ReportProbes.Builder report = ReportProbes.newBuilder()
                .setNode(node.getName())
                .setIncarnation(node.getIncarnation())
                .setSession(node.getSession());
        for (String id : instances) {
            InstanceRow instance = state.instance(id);
            report.addProbes(ProbeReport.newBuilder()
                    .setInstance(id)
                    .setSince(instance == null ? 0 : instance.getProbeSince())
                    .setFinding(ProbeReport.Finding.FINDING_NOT_RUNNING));
        }
        return Command.newBuilder().setReportProbes(report);
    }

    private static @Nullable Job job(ClusterState state, InstanceRow instance) {
        NodeRow owner =
                instance.hasOwnership() ? state.node(instance.getOwnership().getNode()) : null;
        if (owner == null || owner.getIncarnation() != instance.getOwnership().getIncarnation()) {
            return null;
        }
        if (owner.getPhase() == NodePhase.NODE_PHASE_LOST) {
            ObjectRow unit = Units.of(state, instance);
            return unit != null && !Units.isExclusive(unit) ? new Job.Lease(instance) : null;
        }
        if (owner.getPhase() != NodePhase.NODE_PHASE_UP
                || instance.getOwnership().getStopFailed()) {
            return null;
        }
        if (instance.getOwnership().getReleasing()) {
            return new Job.Stop(instance);
        }
        if (Migrations.isArrival(instance) || instance.getOwnership().hasDeparture()) {
            return half(state, instance);
        }
        boolean waits = isFailed(instance) || Units.isHeldForProbes(state, instance);
        return waits || isAsTold(instance) ? null : new Job.Start(instance);
    }

    /** What a holder does for a live migration: first the source, and when it has sent it, the target. */
    private static @Nullable Job half(ClusterState state, InstanceRow instance) {
        if (isFailed(instance)) {
            return null;
        }
        if (!Migrations.isArrival(instance)) {
            return instance.getOwnership().getDeparture().getSent() ? null : new Job.Send(instance);
        }
        InstanceRow source = state.instance(instance.getArrivalOf());
        boolean sent = source != null
                && Migrations.isBound(source, instance)
                && source.getOwnership().getDeparture().getSent();
        return sent && !isAsTold(instance) ? new Job.Arrive(instance) : null;
    }

    private static boolean isFailed(InstanceRow instance) {
        return instance.getMembersList().stream().anyMatch(member -> member.getState() == RunState.RUN_STATE_FAILED);
    }

    private static boolean isAsTold(InstanceRow instance) {
        return instance.getMembersList().stream()
                .allMatch(member -> RunStates.isUp(member.getState()) && member.getLeftSince() == 0);
    }

    /** Any other node that is up; a ticket without one, or without a device, stays open. */
    private static @Nullable NodeRow executor(ClusterState state, FenceTicketRow ticket) {
        if (!FencePaths.has(state, ticket.getNode())) {
            return null;
        }
        for (NodeRow node : state.nodes().values()) {
            if (node.getPhase() == NodePhase.NODE_PHASE_UP && !node.getName().equals(ticket.getNode())) {
                return node;
            }
        }
        return null;
    }

    /** How long a job takes from the moment when it is first seen. */
    Estimate estimate(ClusterState state, Job job) {
        if (job instanceof Job.Start start) {
            return start.row().hasRecover() ? history.restart(state, start.row()) : history.start(state, start.row());
        }
        if (job instanceof Job.Stop stop) {
            boolean left = stop.row().getOwnership().getDeparture().getSent();
            return left ? history.leaving(state, stop.row()) : history.stop(state, stop.row());
        }
        if (job instanceof Job.Send send) {
            return history.sending(state, send.row());
        }
        if (job instanceof Job.Arrive arrive) {
            return history.arriving(state, arrive.row());
        }
        if (job instanceof Job.Fence fence) {
            return history.fence(state, fence.ticket().getNode());
        }
        if (job instanceof Job.Lease lease) {
            InstanceRow row = lease.row();
            NodeRow node = state.node(row.getOwnership().getNode());
            long silence = node == null ? 0 : node.getSilenceMillis();
            long wait = state.settings().leaseWaitMillis(row.getOwnership()) - silence;
            long longer = state.settings()
                    .longerLeasesLeftMillis(row.getOwnership(), state.stamp().getLogMillis());
            return new Estimate(Math.max(0, Math.max(wait, longer)), Integer.MAX_VALUE);
        }
        return Estimate.NOTHING;
    }

    /** Does it: reports what came of it. */
    void finish(World world, Job job) {
        ClusterState state = world.state();
        if (job instanceof Job.Start start) {
            report(world, start.row(), RunState.RUN_STATE_RUNNING, false);
        } else if (job instanceof Job.Send send) {
            report(world, send.row(), RunState.RUN_STATE_RUNNING, false);
        } else if (job instanceof Job.Arrive arrive) {
            report(world, arrive.row(), RunState.RUN_STATE_RUNNING, false);
        } else if (job instanceof Job.Stop stop) {
            report(world, stop.row(), RunState.RUN_STATE_STOPPED, true);
        } else if (job instanceof Job.Probe probe) {
            world.send(World.NODE, probe.answers());
        } else if (job instanceof Job.Join join) {
            world.send(World.NODE, join.answers());
            world.send(
                    World.NODE,
                    Command.newBuilder()
                            .setCompleteJoin(CompleteJoin.newBuilder()
                                    .setNode(join.node().getName())
                                    .setIncarnation(join.node().getIncarnation())
                                    .setSession(join.node().getSession())));
        } else if (job instanceof Job.Lease lease) {
            world.sendMeasured(Command.newBuilder()
                    .setExpireLease(ExpireLease.newBuilder()
                            .setInstance(lease.row().getId())
                            .setToken(lease.row().getOwnership().getToken())
                            .setWaitedMillis(
                                    state.settings().leaseWaitMillis(lease.row().getOwnership()))));
        } else if (job instanceof Job.Fence fence) {
            fence(world, fence);
        }
    }

    private static void fence(World world, Job.Fence fence) {
        FenceReport.Builder report =
                FenceReport.newBuilder().setTicket(fence.ticket().getId()).setAttempt(1);
        for (String device :
                FencePaths.levels(world.state(), fence.ticket().getNode()).get(0)) {
            report.addDevices(FenceDeviceResult.newBuilder().setDevice(device).setOffReadBack(true));
        }
        world.send(
                World.NODE,
                Command.newBuilder()
                        .setReportFence(ReportFence.newBuilder()
                                .setExecutor(fence.executor().getName())
                                .setExecutorIncarnation(fence.executor().getIncarnation())
                                .setExecutorSession(fence.executor().getSession())
                                .setReport(report)));
    }

    /** All present members in this state, and sent where they were to be; former ones are stopped. */
    private static void report(World world, InstanceRow instance, RunState members, boolean released) {
        InstanceReport.Builder report = InstanceReport.newBuilder()
                .setInstance(Migrations.serviceId(instance))
                .setToken(instance.getOwnership().getToken())
                .setReleased(released);
        for (MemberRowStatus member : instance.getMembersList()) {
            boolean former = member.getLeftSince() > 0;
            report.addMembers(MemberReport.newBuilder()
                    .setResource(member.getResource())
                    .setState(former ? RunState.RUN_STATE_STOPPED : members)
                    .setLeftSince(member.getLeftSince())
                    .setRecoverRevision(instance.getRecover().getRevision())
                    .setSentTokenNumber(
                            instance.getOwnership().getDeparture().getToken().getNumber()));
        }
        send(world, instance, report);
    }

    /** A monitor finds a member failed, now. */
    static void fail(World world, InstanceRow instance, String resource) {
        NodeRow node = world.state().node(instance.getOwnership().getNode());
        InstanceReport.Builder report = InstanceReport.newBuilder()
                .setInstance(instance.getId())
                .setToken(instance.getOwnership().getToken());
        for (MemberRowStatus member : instance.getMembersList()) {
            MemberReport.Builder status =
                    MemberReport.newBuilder().setResource(member.getResource()).setState(member.getState());
            if (member.getResource().equals(resource)) {
                status.setState(RunState.RUN_STATE_FAILED)
                        .setFailures(1 + (node == null ? 0 : counted(instance, node, resource)))
                        .setLastFailure(OperationResult.newBuilder()
                                .setOperation("monitor")
                                .setNode(instance.getOwnership().getNode())
                                .setExitCode(7)
                                .setExitName("not running")
                                .setExitReason("supposed by a plan"));
            }
            report.addMembers(status);
        }
        send(world, instance, report);
    }

    /** Failures that the agent's process has counted so far, of those that it is still known to count. */
    private static long counted(InstanceRow instance, NodeRow node, String resource) {
        for (FailureRow failure : instance.getFailuresList()) {
            boolean same = node.getProcessId().isEmpty()
                    ? failure.getSession() == node.getSession()
                    : failure.getProcessId().equals(node.getProcessId());
            if (failure.getNode().equals(node.getName()) && failure.getMember().equals(resource) && same) {
                return failure.getSessionFailures();
            }
        }
        return 0;
    }

    private static void send(World world, InstanceRow instance, InstanceReport.Builder report) {
        NodeRow node = world.state().node(instance.getOwnership().getNode());
        if (node != null) {
            world.send(
                    World.NODE,
                    Command.newBuilder()
                            .setReportInstance(ReportInstance.newBuilder()
                                    .setNode(node.getName())
                                    .setIncarnation(node.getIncarnation())
                                    .setSession(node.getSession())
                                    .setReport(report)));
        }
    }
}
