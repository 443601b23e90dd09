package io.quorate.client.cli.text;

import com.google.protobuf.Timestamp;
import io.quorate.v1.FencingToken;
import io.quorate.v1.Group;
import io.quorate.v1.Instance;
import io.quorate.v1.MemberStatus;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Override;
import io.quorate.v1.Reason;
import io.quorate.v1.Resource;
import io.quorate.v1.ResourceStatus;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is placed: a group, or a resource outside groups, as the screens show it.
 *
 * @param wanted whether files and verbs say that it should run
 */
public record Unit(
        String key,
        ObjectMeta meta,
        boolean wanted,
        boolean deleting,
        List<Override> overrides,
        ResourceStatus status) {

    public static Unit of(Group group) {
        return new Unit(
                "groups/" + group.getMeta().getName(),
                group.getMeta(),
                wanted(group.getSpec().getStopped(), group.getDeleting(), group.getOverridesList()),
                group.getDeleting(),
                group.getOverridesList(),
                group.getStatus());
    }

    public static Unit of(Resource resource) {
        return new Unit(
                "resources/" + resource.getMeta().getName(),
                resource.getMeta(),
                wanted(resource.getSpec().getStopped(), resource.getDeleting(), resource.getOverridesList()),
                resource.getDeleting(),
                resource.getOverridesList(),
                resource.getStatus());
    }

    private static boolean wanted(boolean stopped, boolean deleting, List<Override> overrides) {
        return !stopped && !deleting && overrides.stream().noneMatch(Override::hasDisabled);
    }

    public String name() {
        return meta.getName();
    }

    /** The instance that somebody owns, else the first one. */
    public Optional<Instance> instance() {
        return status.getInstancesList().stream()
                .filter(instance -> !instance.getNode().isEmpty())
                .findFirst()
                .or(() -> status.getInstancesList().stream().findFirst());
    }

    /** Empty = nowhere. */
    public String node() {
        return instance().map(Instance::getNode).orElse("");
    }

    public RunState state() {
        return instance().map(Instance::getState).orElse(RunState.RUN_STATE_UNSPECIFIED);
    }

    public boolean runs() {
        return switch (state()) {
            case RUN_STATE_RUNNING, RUN_STATE_DEGRADED -> true;
            default -> false;
        };
    }

    /** Every member runs. */
    public boolean healthy() {
        return state() == RunState.RUN_STATE_RUNNING
                && instance()
                        .map(instance -> instance.getMembersList().stream()
                                .allMatch(member -> member.getState() == RunState.RUN_STATE_RUNNING))
                        .orElse(false);
    }

    /** Nobody owns it, so that it runs nowhere. */
    public boolean stopped() {
        return node().isEmpty();
    }

    public boolean moving() {
        return switch (state()) {
            case RUN_STATE_STARTING, RUN_STATE_STOPPING -> true;
            default -> false;
        };
    }

    /** The word for people: DOWN is what should run and does not. */
    public String stateWord() {
        if (node().isEmpty()) {
            return wanted ? "DOWN" : "STOPPED";
        }
        return switch (state()) {
            case RUN_STATE_STOPPED -> wanted ? "DOWN" : "STOPPED";
            case RUN_STATE_STARTING -> "STARTING";
            case RUN_STATE_RUNNING -> "RUNNING";
            case RUN_STATE_DEGRADED -> "DEGRADED";
            case RUN_STATE_STOPPING -> "STOPPING";
            case RUN_STATE_FAILED -> "FAILED";
            case RUN_STATE_BLOCKED -> "BLOCKED";
            case RUN_STATE_UNKNOWN, RUN_STATE_UNSPECIFIED, UNRECOGNIZED -> "UNKNOWN";
        };
    }

    /** {@code 1:14}; empty without an owner. */
    public String token() {
        return instance()
                .filter(Instance::hasToken)
                .map(Instance::getToken)
                .map(Unit::format)
                .orElse("");
    }

    public Timestamp since() {
        return instance().map(Instance::getSince).orElse(Timestamp.getDefaultInstance());
    }

    /** Why it is as it is, most important first. */
    public List<Reason> reasons() {
        List<Reason> reasons = new ArrayList<>(status.getReasonsList());
        instance().ifPresent(instance -> reasons.addAll(instance.getReasonsList()));
        return reasons;
    }

    public String members() {
        return instance().stream()
                .flatMap(instance -> instance.getMembersList().stream())
                .map(MemberStatus::getResource)
                .collect(Collectors.joining(", "));
    }

    /** What verbs said, and the first reason. */
    public String detail() {
        List<String> parts = new ArrayList<>();
        if (deleting) {
            parts.add("being deleted");
        }
        for (Override override : overrides) {
            switch (override.getKindCase()) {
                case DISABLED -> parts.add("disabled" + by(override));
                case MAINTENANCE -> parts.add("maintenance" + by(override));
                case PIN -> parts.add("pinned to " + override.getPin().getNode() + by(override));
                case KIND_NOT_SET -> {}
            }
        }
        reasons().stream().findFirst().ifPresent(reason -> parts.add(reason.getMessage() + "  " + reason.getCode()));
        return String.join(" · ", parts).strip();
    }

    private static String by(Override override) {
        String reason = override.getReason().isEmpty() ? "" : ": " + override.getReason();
        return (override.getBy().isEmpty() ? "" : " by " + override.getBy()) + reason;
    }

    static String format(FencingToken token) {
        return Integer.toUnsignedString(token.getGeneration()) + ":" + token.getRevision();
    }
}
