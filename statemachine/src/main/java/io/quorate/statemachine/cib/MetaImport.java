package io.quorate.statemachine.cib;

import io.quorate.statemachine.model.Settings;
import io.quorate.v1.FailurePolicy;
import io.quorate.v1.MultipleActive;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Verdicts on meta-attributes that mean the same for primitives, groups and clones, and what they say of failures. */
final class MetaImport {
    /** What only clones read; {@code ordered} is a word of groups, too. */
    static final List<String> OF_CLONES = List.of(
            "clone-max",
            "clone-node-max",
            "clone-min",
            "interleave",
            "globally-unique",
            "notify",
            "promotable",
            "promoted-max",
            "promoted-node-max",
            "master-max",
            "master-node-max");

    private final Findings findings;
    private final FailurePolicy.Builder failure;

    MetaImport(Findings findings, FailurePolicy.Builder failure) {
        this.findings = findings;
        this.failure = failure;
    }

    void read(Element at, Item item, String name, String value) {
        String subject = subject(at, name);
        switch (name) {
            case "priority" -> findings.kept(at, subject, "priority");
            case "resource-stickiness" -> {
                if (Values.score(value) < 0) {
                    findings.lost(at, subject, "stickiness is not negative: 0 was taken");
                } else {
                    findings.kept(at, subject, "stickiness of the placement, of a group the sum of its members'");
                }
            }
            case "target-role" -> role(at, subject, item, value);
            case "migration-threshold" -> {
                int threshold = Values.score(value);
                if (threshold > 0) {
                    failure.setMoveAfter(threshold);
                    findings.kept(at, subject, "moveAfter");
                } else {
                    findings.kept(at, subject, "0 is Pacemaker's default");
                }
            }
            case "failure-timeout" -> {
                OptionalLong millis = Values.millis(value);
                if (millis.isPresent() && millis.getAsLong() > 0) {
                    failure.setForgetAfter(Settings.duration(millis.getAsLong()));
                    findings.kept(at, subject, "forgetAfter");
                } else {
                    findings.lost(at, subject, "failures that are never forgotten: the default is 10 min");
                }
            }
            case "is-managed", "maintenance" -> {
                boolean handsOff = name.equals("maintenance") == Values.bool(value, name.equals("is-managed"));
                if (handsOff) {
                    findings.protectionLost(
                            at,
                            subject,
                            "nothing may touch it now, and Quorate would: run `quorate pause` before you apply the file");
                } else {
                    findings.kept(at, subject, "it is managed");
                }
            }
            case "requires" -> requires(at, subject, value);
            case "multiple-active" -> multipleActive(at, subject, value);
            case "allow-migrate" -> {
                if (!Values.isTrue(value)) {
                    findings.kept(at, subject, "it is stopped and started to be moved");
                } else if (item.isMigratable()) {
                    findings.kept(at, subject, "liveMigration: true");
                } else {
                    findings.changed(
                            at,
                            subject,
                            "only an ocf: resource that is in no group and no clone moves without being stopped: this is"
                                    + " stopped and started");
                }
            }
            case "ordered", "collocated" -> {
                if (Values.isFalse(value)) {
                    findings.changed(at, subject, "the members of a group are together and in order here");
                } else {
                    findings.kept(at, subject, "the members of a group are together and in order");
                }
            }
            case "container" -> {} // a constraint by another name: its verdict is found with those
            case "allow-unhealthy-nodes" -> findings.kept(at, subject, "allowUnhealthyNodes");
            case "critical" -> findings.kept(at, subject, "critical: " + Values.bool(value, true));
            case "remote-node" -> findings.lost(at, subject, "run an agent on that node: it is a node like others");
            default -> {
                if (OF_CLONES.contains(name)) {
                    findings.kept(at, subject, "only what is said at a clone counts, as in Pacemaker");
                } else {
                    findings.lost(at, subject, "this attribute is not known");
                }
            }
        }
    }

    static String subject(Element at, String name) {
        return at.name() + " " + at.id() + " meta " + name;
    }

    /** What a file says of what runs where it should not. */
    static MultipleActive multipleActive(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "stop_start" -> MultipleActive.MULTIPLE_ACTIVE_STOP_AND_START;
            case "stop_unexpected" -> MultipleActive.MULTIPLE_ACTIVE_STOP_UNEXPECTED;
            default -> MultipleActive.MULTIPLE_ACTIVE_UNSPECIFIED;
        };
    }

    private void multipleActive(Element at, String subject, String value) {
        switch (value.toLowerCase(Locale.ROOT)) {
            case "stop_start" -> findings.kept(at, subject, "multipleActive: stopAndStart");
            case "stop_unexpected" -> findings.kept(at, subject, "multipleActive: stopUnexpected");
            case "block" -> findings.kept(at, subject, "multipleActive: block, an alert");
            case "stop_only" ->
                findings.changed(
                        at,
                        subject,
                        "found running twice it is stopped nowhere: an alert, and where it is owned it goes on");
            default -> findings.lost(at, subject, "there is no such word: an alert, and nothing is stopped");
        }
    }

    /** That nothing may be promoted is a rule of its own, and its verdict is found with those. */
    private void role(Element at, String subject, Item item, String value) {
        switch (value.toLowerCase(Locale.ROOT)) {
            case "stopped" -> findings.kept(at, subject, "stopped: true");
            case "started", "", "#default" -> findings.kept(at, subject, "it runs");
            case "promoted", "master" -> {
                if (item.isPromotable()) {
                    findings.kept(at, subject, "it runs, and is promoted");
                } else {
                    findings.changed(at, subject, "it is not promotable: it runs");
                }
            }
            case "unpromoted", "slave" -> {
                if (!item.isPromotable()) {
                    findings.changed(at, subject, "it is not promotable: it runs");
                }
            }
            default -> findings.lost(at, subject, "there is no such role: it runs");
        }
    }

    private void requires(Element at, String subject, String value) {
        switch (value) {
            case "fencing" -> findings.kept(at, subject, "safety: exclusive");
            case "unfencing" ->
                findings.protectionLost(
                        at, subject, "a node is not switched on by its device before it may run anything");
            default ->
                findings.changed(
                        at,
                        subject,
                        "safety: exclusive waits for fencing too; say bestEffort where running twice is harmless");
        }
    }
}
