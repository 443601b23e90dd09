package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.Item.OperationLine;
import io.quorate.statemachine.model.Settings;
import io.quorate.v1.OnFail;
import io.quorate.v1.Operation;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** The operations of a primitive: intervals, timeouts, what a failure does. */
final class OperationImport {
    /** What is read, here or before, or says nothing about what is done: pending operations are always shown. */
    private static final List<String> READ = List.of(
            "id",
            "name",
            "description",
            "enabled",
            "interval",
            "timeout",
            "on-fail",
            "role",
            "record-pending",
            "OCF_CHECK_LEVEL");

    private final Findings findings;
    private final Element element;
    private final String subject;
    /** By name, role and depth: of monitors there is one for each role and depth. */
    private final SortedMap<String, Operation> operations = new TreeMap<>();

    OperationImport(Findings findings, Element element, String subject) {
        this.findings = findings;
        this.element = element;
        this.subject = subject;
    }

    void read(Item item, ResourceSpec.Builder spec) {
        item.operations().forEach(line -> read(item, line));
        spec.addAllOperations(operations.values());
    }

    private void read(Item item, OperationLine line) {
        String about = subject + " operation " + line.name()
                + (line.intervalMillis() == 0 ? "" : " every " + line.intervalMillis() + " ms");
        switch (line.name()) {
            case "start", "stop" -> convert(line, about, Role.ROLE_UNSPECIFIED, 0);
            case "monitor" -> monitor(item, line, about);
            case "promote", "demote" -> {
                if (item.isPromotable()) {
                    convert(line, about, Role.ROLE_UNSPECIFIED, 0);
                } else {
                    findings.changed(element, about, "it is not promotable, and never asked for it");
                }
            }
            case "notify" -> {
                if (item.enclosingClone().isPresent()) {
                    convert(line, about, Role.ROLE_UNSPECIFIED, 0);
                } else {
                    findings.changed(element, about, "only copies are told of others");
                }
            }
            case "migrate_to", "migrate_from" -> {
                if (item.isMigratable()) {
                    convert(line, about, Role.ROLE_UNSPECIFIED, 0);
                } else {
                    findings.changed(element, about, "it is stopped and started to be moved, and never asked for it");
                }
            }
            case "reload", "reload-agent" ->
                findings.lost(element, about, "another definition is a stop and a start in this version");
            default -> findings.changed(element, about, "it is never asked for while the service runs");
        }
    }

    private void monitor(Item item, OperationLine line, String about) {
        String text = line.option("role").toLowerCase(Locale.ROOT);
        Role role = switch (text) {
            case "promoted", "master" -> Role.ROLE_PROMOTED;
            case "unpromoted", "slave" -> Role.ROLE_UNPROMOTED;
            default -> Role.ROLE_UNSPECIFIED;
        };
        if (!line.isEnabled()) {
            findings.changed(element, about, "it is disabled: the agent's own interval counts");
        } else if (text.equals("stopped")) {
            findings.lost(element, about, "nodes are probed when they join, not again and again");
        } else if (role == Role.ROLE_UNSPECIFIED && !text.isEmpty() && !text.equals("started")) {
            findings.lost(element, about, "there is no role '" + text + "'");
        } else if (role != Role.ROLE_UNSPECIFIED && !item.isPromotable()) {
            findings.changed(element, about, "it is not promotable: it is never in that role");
        } else if (line.intervalMillis() == 0) {
            findings.changed(element, about, "a probe has the monitor's timeout");
        } else {
            convert(line, about, role, (int) Values.leadingNumber(line.option("OCF_CHECK_LEVEL")));
        }
    }

    private void convert(OperationLine line, String about, Role role, int depth) {
        Operation.Builder operation =
                Operation.newBuilder().setName(line.name()).setRole(role).setDepth(depth);
        if (line.name().equals("monitor")) {
            operation.setInterval(Settings.duration(line.intervalMillis()));
        }
        OptionalLong timeout = Values.millis(line.option("timeout"));
        if (timeout.isPresent() && timeout.getAsLong() > 0) {
            operation.setTimeout(Settings.duration(timeout.getAsLong()));
        }
        String wanted = line.option("on-fail").toLowerCase(Locale.ROOT);
        Optional<OnFail> onFail =
                line.name().startsWith("migrate_") ? afterMigration(wanted) : onFail(wanted, operation);
        onFail.filter(each -> each != OnFail.ON_FAIL_UNSPECIFIED).ifPresent(operation::setOnFail);
        if (onFail.isEmpty()) {
            findings.lost(
                    element, about + " on-fail", "'" + wanted + "' is not supported: " + instead(line.name(), wanted));
        }
        others(line, about);
        String key = line.name() + " " + role.getNumber() + " " + depth;
        Operation other = operations.get(key);
        if (other == null || isMoreOften(operation, other)) {
            operations.put(key, operation.build());
        }
        if (other == null) {
            findings.kept(element, about, "operations of the resource");
        } else {
            findings.changed(element, about, "one monitor for each role and depth: the more frequent one");
        }
    }

    /** What a failure does here that did something else. */
    private static String instead(String operation, String wanted) {
        if (operation.startsWith("migrate_")) {
            return "what did not arrive is started again";
        }
        String usual = operation.equals("stop")
                ? "a stop that fails has its node fenced, or waits for a person"
                : "it is started again";
        return wanted.equals("standby")
                ? usual + " (onFail: standby of this version moves only this service, others of the node stay)"
                : usual;
    }

    private void others(OperationLine line, String about) {
        for (String option : line.options().keySet()) {
            if (option.equals("start-delay")) {
                findings.lost(element, about + " " + option, "nothing waits before its first monitor");
            } else if (option.equals("interval-origin")) {
                findings.lost(element, about + " " + option, "an interval counts from the start of the service");
            } else if (!READ.contains(option)) {
                findings.lost(element, about + " " + option, "this attribute is not known");
            }
        }
    }

    /** There is one thing that follows a migration that fails. */
    private static Optional<OnFail> afterMigration(String text) {
        return text.isEmpty() || text.equals("restart") ? Optional.of(OnFail.ON_FAIL_UNSPECIFIED) : Optional.empty();
    }

    private static boolean isMoreOften(Operation.Builder one, Operation other) {
        return Settings.millis(one.getInterval()) < Settings.millis(other.getInterval());
    }

    /** Empty for what has no counterpart. */
    private static Optional<OnFail> onFail(String text, Operation.Builder operation) {
        return switch (text) {
            case "" -> Optional.of(OnFail.ON_FAIL_UNSPECIFIED);
            case "restart" -> Optional.of(OnFail.ON_FAIL_RESTART);
            case "ignore" -> Optional.of(OnFail.ON_FAIL_IGNORE);
            case "block" -> Optional.of(OnFail.ON_FAIL_BLOCK);
            case "stop" -> Optional.of(OnFail.ON_FAIL_STOP);
            case "fence" -> Optional.of(OnFail.ON_FAIL_FENCE);
            case "demote" -> Optional.of(OnFail.ON_FAIL_DEMOTE).filter(demote -> isOfPromoted(operation));
            default -> Optional.empty();
        };
    }

    /** Nothing else can be demoted when it fails. */
    private static boolean isOfPromoted(Operation.Builder operation) {
        return operation.getName().equals("promote") || operation.getRole() == Role.ROLE_PROMOTED;
    }
}
