package io.quorate.server.leader;

import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CompleteJoin;
import io.quorate.log.v1.DetachNode;
import io.quorate.log.v1.LeaveNode;
import io.quorate.log.v1.ReportAttributes;
import io.quorate.log.v1.ReportInstance;
import io.quorate.log.v1.ReportProbes;
import java.util.ArrayList;
import java.util.List;

/** What an agent's report asks the log to decide, in the order in which it must be decided. */
final class ReportCommands {
    private ReportCommands() {}

    /**
     * A command and the object that it is about, for the reply.
     *
     * @param suffix makes its request id unique within the report and the same in a repeated one
     */
    record Item(String object, String suffix, Command.Builder command) {}

    /** All but fence reports, which the fence coordinator completes. */
    static List<Item> of(ReportResultsRequest request) {
        List<Item> items = new ArrayList<>();
        String node = "nodes/" + request.getNode();
        if (request.getProbesCount() > 0) {
            items.add(new Item(
                    node,
                    "probes",
                    Command.newBuilder()
                            .setReportProbes(ReportProbes.newBuilder()
                                    .setNode(request.getNode())
                                    .setIncarnation(request.getIncarnation())
                                    .setSession(request.getSession())
                                    .addAllProbes(request.getProbesList()))));
        }
        // Before the copies that they are about: one that runs may be promoted at once.
        if (request.getAttributesCount() > 0) {
            items.add(new Item(
                    node,
                    "attributes",
                    Command.newBuilder()
                            .setReportAttributes(ReportAttributes.newBuilder()
                                    .setNode(request.getNode())
                                    .setIncarnation(request.getIncarnation())
                                    .setSession(request.getSession())
                                    .addAllAttributes(request.getAttributesList()))));
        }
        int index = 0;
        for (InstanceReport report : request.getInstancesList()) {
            items.add(new Item(
                    "instances/" + report.getInstance(),
                    "i" + index,
                    Command.newBuilder()
                            .setReportInstance(ReportInstance.newBuilder()
                                    .setNode(request.getNode())
                                    .setIncarnation(request.getIncarnation())
                                    .setSession(request.getSession())
                                    .setReport(report))));
            index++;
        }
        addNodeCommands(request, node, items);
        return items;
    }

    private static void addNodeCommands(ReportResultsRequest request, String node, List<Item> items) {
        if (request.getJoinComplete()) {
            items.add(new Item(
                    node,
                    "join",
                    Command.newBuilder()
                            .setCompleteJoin(CompleteJoin.newBuilder()
                                    .setNode(request.getNode())
                                    .setIncarnation(request.getIncarnation())
                                    .setSession(request.getSession()))));
        }
        if (request.getDetaching()) {
            items.add(new Item(
                    node,
                    "detach",
                    Command.newBuilder()
                            .setDetachNode(DetachNode.newBuilder()
                                    .setNode(request.getNode())
                                    .setIncarnation(request.getIncarnation())
                                    .setSession(request.getSession()))));
        }
        if (request.getLeaving()) {
            items.add(new Item(
                    node,
                    "leave",
                    Command.newBuilder()
                            .setLeaveNode(LeaveNode.newBuilder()
                                    .setNode(request.getNode())
                                    .setIncarnation(request.getIncarnation())
                                    .setSession(request.getSession()))));
        }
    }
}
