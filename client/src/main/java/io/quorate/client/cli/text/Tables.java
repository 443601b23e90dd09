package io.quorate.client.cli.text;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Duration;
import io.quorate.client.Positions;
import io.quorate.client.manifest.DurationText;
import io.quorate.client.manifest.EnumWords;
import io.quorate.v1.Event;
import io.quorate.v1.FenceDevice;
import io.quorate.v1.FencePlan;
import io.quorate.v1.FenceTicket;
import io.quorate.v1.Instance;
import io.quorate.v1.LongOperation;
import io.quorate.v1.Member;
import io.quorate.v1.Node;
import io.quorate.v1.NodeHealth;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Resource;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.SettingsSpec;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;

/** The tables that several verbs share. */
public final class Tables {
    private Tables() {}

    public static String units(List<Unit> units, long nowMillis, boolean wide) {
        Table table = wide
                ? new Table("SERVICE", "STATE", "NODE", "TOKEN", "SINCE", "MEMBERS", "FAILURES", "SET", "REV", "DETAIL")
                : new Table("SERVICE", "STATE", "NODE", "TOKEN", "SINCE", "DETAIL");
        for (Unit unit : units) {
            String since = Times.age(unit.since(), nowMillis);
            if (wide) {
                table.row(
                        unit.name(),
                        unit.stateWord(),
                        unit.node(),
                        unit.token(),
                        since,
                        unit.members(),
                        failures(unit),
                        unit.meta().getSet(),
                        Long.toString(unit.meta().getRevision()),
                        unit.detail());
            } else {
                table.row(unit.name(), unit.stateWord(), unit.node(), unit.token(), since, unit.detail());
            }
        }
        return table.render();
    }

    private static String failures(Unit unit) {
        return unit.instance()
                .map(Instance::getFailuresHere)
                .map(String::valueOf)
                .orElse("");
    }

    /** Resources that run as a part of a group or as copies of a clone. */
    public static String groupMembers(List<Resource> members) {
        Table table = new Table("MEMBER", "OF", "TYPE", "REV");
        for (Resource member : members) {
            table.row(
                    member.getMeta().getName(),
                    member.getGroup().isEmpty() ? member.getClone() : member.getGroup(),
                    type(member.getSpec()),
                    Long.toString(member.getMeta().getRevision()));
        }
        return table.render();
    }

    private static String type(ResourceSpec spec) {
        return switch (spec.getKindCase()) {
            case OCF ->
                "ocf:" + spec.getOcf().getProvider() + ":" + spec.getOcf().getType();
            case SYSTEMD -> "systemd:" + spec.getSystemd().getUnit();
            case PROCESS -> "process";
            case KIND_NOT_SET -> "";
        };
    }

    public static String nodes(List<Node> nodes, long nowMillis, boolean wide) {
        Table table = wide
                ? new Table("NODE", "STATE", "SINCE", "OWNS", "FENCE PATHS", "INCARNATION", "VERSION", "LABELS", "REV")
                : new Table("NODE", "STATE", "SINCE", "OWNS", "FENCE PATHS", "DETAIL");
        for (Node node : nodes) {
            String owns = String.join(", ", node.getOwnedList());
            String paths = String.join(", ", node.getFencePathsList());
            String since = Times.age(node.getPhaseSince(), nowMillis);
            if (wide) {
                String labels = node.getSpec().getLabelsMap().entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .sorted()
                        .collect(Collectors.joining(","));
                table.row(
                        node.getMeta().getName(),
                        nodeState(node),
                        since,
                        owns,
                        paths,
                        Long.toString(node.getIncarnation()),
                        node.getVersion(),
                        labels,
                        Long.toString(node.getMeta().getRevision()));
            } else {
                table.row(node.getMeta().getName(), nodeState(node), since, owns, paths, nodeDetail(node));
            }
        }
        return table.render();
    }

    /** UP, JOINING, LOST or OFF; a node that is being emptied or worked on says so instead of UP. */
    public static String nodeState(Node node) {
        return switch (node.getPhase()) {
            case NODE_PHASE_JOINING -> "JOINING";
            case NODE_PHASE_UP -> upState(node);
            case NODE_PHASE_LOST -> "LOST";
            case NODE_PHASE_OFF -> "OFF";
            case NODE_PHASE_UNSPECIFIED, UNRECOGNIZED -> "UNKNOWN";
        };
    }

    private static String upState(Node node) {
        if (node.hasMaintenance()) {
            return "MAINTENANCE";
        }
        return node.hasDrain() ? node.getOwnedCount() == 0 ? "DRAINED" : "DRAINING" : "UP";
    }

    private static String nodeDetail(Node node) {
        if (node.hasDrain()) {
            String reason = node.getDrain().getReason();
            return "drained by " + node.getDrain().getBy() + (reason.isEmpty() ? "" : ": " + reason);
        }
        boolean usual = node.getPhase() == NodePhase.NODE_PHASE_UP;
        return node.getReasonsCount() == 0
                        || (usual && node.getReasons(0).getMessage().isEmpty())
                ? ""
                : (node.getReasons(0).getMessage() + "  " + node.getReasons(0).getCode()).strip();
    }

    public static String members(List<Member> members) {
        Table table = new Table("ID", "NAME", "ROLE", "STATE", "MATCH", "LAST SEEN", "API", "VERSION");
        for (Member member : members) {
            boolean leads = member.getRole().equals("leader");
            table.row(
                    member.getId(),
                    member.getName(),
                    member.getRole(),
                    member.getReachable() ? "ok" : "LOST",
                    Long.toString(member.getMatchIndex()),
                    leads || !member.hasLastContact() ? "" : Times.span(member.getLastContact()) + " ago",
                    member.getApiEndpoint(),
                    member.getVersion());
        }
        return table.render();
    }

    public static String events(List<Event> events, long nowMillis, ZoneId zone, boolean withObject) {
        Table table = withObject
                ? new Table("POSITION", "WHEN", "OBJECT", "FROM", "TO", "WHY", "BY", "OUTAGE (DETECT · FREE · START)")
                : new Table("POSITION", "WHEN", "FROM", "TO", "WHY", "BY", "OUTAGE (DETECT · FREE · START)");
        for (Event event : events) {
            String position = Positions.format(event.getPosition());
            String when = Times.moment(event.getAt(), nowMillis, zone);
            String outage = outage(event);
            if (withObject) {
                table.row(
                        position,
                        when,
                        event.getObject(),
                        event.getFromNode(),
                        event.getToNode(),
                        why(event),
                        event.getActor(),
                        outage);
            } else {
                table.row(position, when, event.getFromNode(), event.getToNode(), why(event), event.getActor(), outage);
            }
        }
        return table.render();
    }

    private static String why(Event event) {
        String reason = event.getReason().getMessage();
        if (reason.isEmpty() || event.getText().contains(reason)) {
            return event.getText();
        }
        return event.getText().isEmpty() ? reason : event.getText() + ": " + reason;
    }

    /** {@code 0.9 s (0.3 · 0.2 · 0.4)}; empty for an event without one. */
    public static String outage(Event event) {
        if (!event.hasOutage()) {
            return "";
        }
        String total = Times.span(event.getOutage());
        if (!event.hasDetect() && !event.hasFree() && !event.hasStart()) {
            return total;
        }
        return total + " (" + part(event.getDetect()) + " · " + part(event.getFree()) + " · " + part(event.getStart())
                + ")";
    }

    private static String part(Duration duration) {
        String text = Times.span(duration);
        return text.endsWith(" s") && !text.contains("m") ? text.substring(0, text.length() - 2) : text;
    }

    public static String operations(List<LongOperation> operations, long nowMillis) {
        Table table = new Table("ID", "KIND", "OBJECTS", "STATE", "AGE", "BY", "REASON", "DETAIL");
        for (LongOperation operation : operations) {
            table.row(
                    operation.getId(),
                    operation.getKind(),
                    String.join(", ", operation.getObjectsList()),
                    operation.getState().name().replace("OPERATION_STATE_", ""),
                    Times.age(operation.getStartedAt(), nowMillis),
                    operation.getActor(),
                    operation.getReason(),
                    operation.getDetail());
        }
        return table.render();
    }

    public static String tickets(List<FenceTicket> tickets, long nowMillis, ZoneId zone) {
        Table table = new Table("ID", "NODE", "STATE", "REQUESTED", "WHY", "ATTEMPTS", "CONFIRMED BY", "LAST ATTEMPT");
        for (FenceTicket ticket : tickets) {
            table.row(
                    ticket.getId(),
                    ticket.getNode(),
                    ticket.getState().name().replace("TICKET_STATE_", ""),
                    Times.moment(ticket.getRequestedAt(), nowMillis, zone),
                    ticket.getReason().getMessage(),
                    Integer.toString(ticket.getAttempts()),
                    ticket.getConfirmedBy(),
                    lastAttempt(ticket));
        }
        return table.render();
    }

    /** What the last attempt ended with; empty before the first. */
    public static String lastAttempt(FenceTicket ticket) {
        if (ticket.getLastAttemptsCount() == 0) {
            return "";
        }
        var attempt = ticket.getLastAttempts(ticket.getLastAttemptsCount() - 1);
        String result = attempt.getOffReadBack() ? "off" : "FAILED exit " + attempt.getExitCode();
        String output = attempt.getOutputTail().strip().replaceAll("\\s+", " ");
        return attempt.getDevice() + " from " + attempt.getExecutor() + ": " + result
                + (attempt.getOffReadBack() || output.isEmpty() ? "" : " \"" + output + "\"");
    }

    public static String fenceDevices(List<FenceDevice> devices) {
        Table table = new Table("DEVICE", "TYPE", "NODES", "TIMEOUT", "REV");
        for (FenceDevice device : devices) {
            table.row(
                    device.getMeta().getName(),
                    device.getSpec().getType(),
                    device.getSpec().getPerNodeMap().keySet().stream().sorted().collect(Collectors.joining(", ")),
                    device.getSpec().hasTimeout() ? Times.span(device.getSpec().getTimeout()) : "",
                    Long.toString(device.getMeta().getRevision()));
        }
        return table.render();
    }

    public static String fencePlans(List<FencePlan> plans) {
        Table table = new Table("PLAN", "NODES", "LEVELS", "REV");
        for (FencePlan plan : plans) {
            table.row(
                    plan.getMeta().getName(),
                    plan.getSpec().getNodesCount() == 0
                            ? "all"
                            : String.join(", ", plan.getSpec().getNodesList()),
                    plan.getSpec().getLevelsList().stream()
                            .map(level -> String.join("+", level.getDevicesList()))
                            .collect(Collectors.joining(", then ")),
                    Long.toString(plan.getMeta().getRevision()));
        }
        return table.render();
    }

    private static String setting(Object value) {
        if (value instanceof Duration duration) {
            return DurationText.format(duration);
        }
        return value instanceof EnumValueDescriptor word ? EnumWords.of(word) : String.valueOf(value);
    }

    /** The settings that are set, by the names that files use. */
    public static String settings(SettingsSpec settings) {
        Table table = new Table("SETTING", "VALUE");
        settings.getAllFields().forEach((field, value) -> {
            if (value instanceof NodeHealth health) {
                addHealth(table, field.getJsonName() + ".", health);
            } else {
                table.row(field.getJsonName(), setting(value));
            }
        });
        return table.render();
    }

    /** A row for each field of the block; its numbers are scores. */
    private static void addHealth(Table table, String block, NodeHealth health) {
        health.getAllFields()
                .forEach((field, value) -> table.row(
                        block + field.getJsonName(),
                        value instanceof Integer score ? RuleText.score(score) : setting(value)));
    }
}
