package io.quorate.e2e;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import io.quorate.v1.Event;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.Group;
import io.quorate.v1.ListEventsResponse;
import io.quorate.v1.Member;
import io.quorate.v1.Node;
import io.quorate.v1.NodePhase;
import io.quorate.v1.RunState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The cluster as its operator sees it: only through the command line, on any host that works. */
public final class Cluster {
    /** The service of the suite. */
    public static final String SERVICE = "front";

    private static final Duration CALL = Duration.ofMinutes(2);
    private static final Duration SETTLE = Duration.ofMinutes(3);
    private static final String EVENTS = "200";
    /** With more time than a person would give it: the machine of the suite may be busy. */
    private static final String[] STATUS = {"status", "-o", "json", "--timeout", "60s"};

    private final Lab lab;
    private final ClusterSetup setup;

    Cluster(Lab lab, ClusterSetup setup) {
        this.lab = lab;
        this.setup = setup;
    }

    public Lab lab() {
        return lab;
    }

    /** A host from which the cluster can be asked. */
    public Host operator() {
        return lab.hosts().stream()
                .filter(host -> host.isHealthy() && host.daemon("server").isPresent())
                .findFirst()
                .orElseThrow(() -> new LabException("no host with a server"));
    }

    /** `quorate WORDS…` on a host that works. */
    public Commands.Result quorate(String... words) {
        return quorateOn(operator(), words);
    }

    /** `quorate WORDS…` on this host. */
    public Commands.Result quorateOn(Host host, String... words) {
        List<String> command = new ArrayList<>(List.of("quorate"));
        command.addAll(List.of(words));
        return host.run(CALL, command);
    }

    /** What it answers; it must end with 0. */
    public Commands.Result must(String... words) {
        Commands.Result result = quorate(words);
        if (!result.ok()) {
            throw new CheckFailedException(result.describe());
        }
        return result;
    }

    public GetStatusResponse status() {
        return parse(must(STATUS), GetStatusResponse.newBuilder()).build();
    }

    /** Events of the service, oldest first. */
    public List<Event> history() {
        return parse(
                        must("history", SERVICE, "--limit", EVENTS, "-o", "json", "--timeout", "60s"),
                        ListEventsResponse.newBuilder())
                .build()
                .getEventsList();
    }

    long lastEvent() {
        return history().stream()
                .max(Comparator.comparingLong(Event::getSequence))
                .map(Event::getSequence)
                .orElse(0L);
    }

    /** The message that a command answered with `-o json`. */
    public static <B extends Message.Builder> B parse(Commands.Result result, B builder) {
        try {
            JsonFormat.parser().ignoringUnknownFields().merge(result.output(), builder);
            return builder;
        } catch (InvalidProtocolBufferException e) {
            throw new CheckFailedException("not the JSON of the API (" + e.getMessage() + "): " + result.describe());
        }
    }

    /** The host whose server leads. */
    public Host leader() {
        GetStatusResponse status = status();
        String id = status.getHeader().getLeader();
        return status.getMembersList().stream()
                .filter(member -> member.getId().equals(id))
                .map(Member::getName)
                .map(lab::host)
                .findFirst()
                .orElseThrow(() -> new CheckFailedException("no leader: '" + id + "' in " + status.getMembersList()));
    }

    /** The service as the cluster sees it. */
    public Group service() {
        return status().getGroupsList().stream()
                .filter(group -> group.getMeta().getName().equals(SERVICE))
                .findFirst()
                .orElseThrow(() -> new CheckFailedException("no group " + SERVICE));
    }

    /** A node as the cluster sees it. */
    public Node node(String name) {
        return status().getNodesList().stream()
                .filter(node -> node.getMeta().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new CheckFailedException("no node " + name));
    }

    /** Takes the fence device of every host away. */
    public void removeFencing() {
        must("delete", "fenceDevices/" + ClusterSetup.FENCE_DEVICE, "--allow-unfenced", "--reason", "case");
    }

    /** Gives every host its fence device, as at the beginning. */
    public void applyFencing() {
        setup.applyFencing();
    }

    /** Sets how long a node whose agent died, but whose kernel answers, has for a new agent. */
    public void reattachGrace(Duration grace) {
        setup.applyReattachGrace(grace);
    }

    /** Gives a voter that lost its disk its place again, as the operator's guide says. */
    public void replaceVoter(Host voter) {
        setup.replaceVoter(voter);
    }

    /** Mends everything that a case may have broken, and waits until all is well. */
    public void settle() {
        lab.power().repair();
        for (Host host : lab.hosts()) {
            host.unpause();
            host.plug();
            host.powerOn();
            host.start("server");
            host.start("agent");
        }
        String[] last = {"nothing known"};
        Await.until(() -> "the cluster is well again: " + last[0], SETTLE, () -> {
            Commands.Result result = quorate(STATUS);
            last[0] = result.ok()
                    ? ailment(parse(result, GetStatusResponse.newBuilder()).build())
                    : result.describe();
            return last[0].isEmpty();
        });
    }

    /** What is not as it must be; empty when all members, nodes and the service are well. */
    public static String ailment(GetStatusResponse status) {
        if (!status.getQuorum()
                || status.getMembersCount() != 3
                || !status.getMembersList().stream().allMatch(Member::getReachable)) {
            return "members " + status.getMembersList();
        }
        for (Node node : status.getNodesList()) {
            if (node.getPhase() != NodePhase.NODE_PHASE_UP || node.hasDrain()) {
                return "node " + node.getMeta().getName() + " is " + node.getPhase();
            }
        }
        if (status.getNodesCount() != 3 || status.getOpenTicketsCount() > 0 || status.getRunningOperationsCount() > 0) {
            return status.getNodesCount() + " nodes, tickets " + status.getOpenTicketsList() + ", operations "
                    + status.getRunningOperationsList();
        }
        boolean runs = status.getGroupsList().stream()
                .filter(group -> group.getMeta().getName().equals(SERVICE))
                .flatMap(group -> group.getStatus().getInstancesList().stream())
                .anyMatch(instance -> instance.getState() == RunState.RUN_STATE_RUNNING);
        return runs ? "" : "the service does not run: " + status.getGroupsList();
    }
}
