package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.Item.OperationLine;
import io.quorate.statemachine.model.Settings;
import io.quorate.v1.OnFail;
import io.quorate.v1.Operation;
import io.quorate.v1.ResourceSpec;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** The operations of a primitive: intervals, timeouts, what a failure does. */
final class OperationImport {
    private final Findings findings;
    private final Element element;
    private final String subject;
    /** Start, stop, and one monitor for each depth. */
    private final SortedMap<String, Operation> operations = new TreeMap<>();

    OperationImport(Findings findings, Element element, String subject) {
        this.findings = findings;
        this.element = element;
        this.subject = subject;
    }

    void read(Item item, ResourceSpec.Builder spec) {
        item.operations().forEach(this::read);
        spec.addAllOperations(operations.values());
    }

    private void read(OperationLine line) {
        String about = subject + " operation " + line.name()
                + (line.intervalMillis() == 0 ? "" : " every " + line.intervalMillis() + " ms");
        switch (line.name()) {
            case "start", "stop" -> convert(line, about, 0);
            case "monitor" -> monitor(line, about);
            case "promote", "demote", "notify" ->
                findings.lost(element, about, "it is for clones, which come in a later version");
            case "migrate_to", "migrate_from" ->
                findings.lost(
                        element, about, "live migration is not supported by this version: it is stopped and started");
            case "reload", "reload-agent" ->
                findings.lost(element, about, "another definition is a stop and a start in this version");
            default -> findings.changed(element, about, "it is never asked for while the service runs");
        }
    }

    private void monitor(OperationLine line, String about) {
        String role = line.option("role").toLowerCase(Locale.ROOT);
        if (!line.isEnabled()) {
            findings.changed(element, about, "it is disabled: the agent's own interval counts");
        } else if (role.equals("stopped")) {
            findings.lost(element, about, "nodes are probed when they join, not again and again");
        } else if (!role.isEmpty() && !role.equals("started")) {
            findings.lost(element, about, "roles come with clones in a later version");
        } else if (line.intervalMillis() == 0) {
            findings.changed(element, about, "a probe has the monitor's timeout");
        } else {
            convert(line, about, (int) Values.leadingNumber(line.option("OCF_CHECK_LEVEL")));
        }
    }

    private void convert(OperationLine line, String about, int depth) {
        Operation.Builder operation =
                Operation.newBuilder().setName(line.name()).setDepth(depth);
        if (line.name().equals("monitor")) {
            operation.setInterval(Settings.duration(line.intervalMillis()));
        }
        OptionalLong timeout = Values.millis(line.option("timeout"));
        if (timeout.isPresent() && timeout.getAsLong() > 0) {
            operation.setTimeout(Settings.duration(timeout.getAsLong()));
        }
        String wanted = line.option("on-fail").toLowerCase(Locale.ROOT);
        Optional<OnFail> onFail = onFail(wanted);
        onFail.filter(each -> each != OnFail.ON_FAIL_UNSPECIFIED).ifPresent(operation::setOnFail);
        if (onFail.isEmpty()) {
            findings.lost(element, about + " on-fail", "'" + wanted + "' is not supported: it is started again");
        }
        Operation other = operations.get(line.name() + depth);
        if (other == null || isMoreOften(operation, other)) {
            operations.put(line.name() + depth, operation.build());
        }
        if (other == null) {
            findings.kept(element, about, "operations of the resource");
        } else {
            findings.changed(element, about, "one monitor for each depth: the more frequent one");
        }
    }

    private static boolean isMoreOften(Operation.Builder one, Operation other) {
        return Settings.millis(one.getInterval()) < Settings.millis(other.getInterval());
    }

    /** Empty for what has no counterpart. */
    private static Optional<OnFail> onFail(String text) {
        return switch (text) {
            case "" -> Optional.of(OnFail.ON_FAIL_UNSPECIFIED);
            case "restart" -> Optional.of(OnFail.ON_FAIL_RESTART);
            case "ignore" -> Optional.of(OnFail.ON_FAIL_IGNORE);
            case "block" -> Optional.of(OnFail.ON_FAIL_BLOCK);
            case "stop" -> Optional.of(OnFail.ON_FAIL_STOP);
            case "fence" -> Optional.of(OnFail.ON_FAIL_FENCE);
            default -> Optional.empty();
        };
    }
}
