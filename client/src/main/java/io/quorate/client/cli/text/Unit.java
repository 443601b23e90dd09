package io.quorate.client.cli.text;

import com.google.protobuf.Timestamp;
import io.quorate.v1.Clone;
import io.quorate.v1.FencingToken;
import io.quorate.v1.Group;
import io.quorate.v1.Instance;
import io.quorate.v1.MemberStatus;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Override;
import io.quorate.v1.Reason;
import io.quorate.v1.Resource;
import io.quorate.v1.ResourceStatus;
import io.quorate.v1.Role;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is placed: a clone, or a group or resource that is in no other unit, as the screens show it.
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

    public static Unit of(Clone clone) {
        return new Unit(
                "clones/" + clone.getMeta().getName(),
                clone.getMeta(),
                wanted(clone.getSpec().getStopped(), clone.getDeleting(), clone.getOverridesList()),
                clone.getDeleting(),
                clone.getOverridesList(),
                clone.getStatus());
    }

    public static boolean isUnit(Resource resource) {
        return resource.getGroup().isEmpty() && resource.getClone().isEmpty();
    }

    public static boolean isUnit(Group group) {
        return group.getClone().isEmpty();
    }

    private static boolean wanted(boolean stopped, boolean deleting, List<Override> overrides) {
        return !stopped && !deleting && overrides.stream().noneMatch(Override::hasDisabled);
    }

    public String name() {
        return meta.getName();
    }

    /** The instance that stands for all: of a clone its promotion, else the first one that somebody owns. */
    public Optional<Instance> instance() {
        return status.getInstancesList().stream()
                .filter(instance -> !instance.getNode().isEmpty())
                .min(Comparator.comparing(instance -> instance.getCopy().isEmpty()))
                .or(() -> status.getInstancesList().stream().findFirst());
    }

    /** Empty = nowhere; of a clone all nodes, {@code n1 promoted, n2}. */
    public String node() {
        return isClone()
                ? copies().map(Unit::place).collect(Collectors.joining(", "))
                : instance().map(Instance::getNode).orElse("");
    }

    private static String place(Instance copy) {
        return copy.getNode() + (copy.getRole() == Role.ROLE_PROMOTED ? " promoted" : "");
    }

    private boolean isClone() {
        return key.startsWith("clones/");
    }

    private Stream<Instance> copies() {
        return status.getInstancesList().stream()
                .filter(instance ->
                        instance.getCopy().isEmpty() && !instance.getNode().isEmpty());
    }

    /** Of a clone: copies that do their work. */
    long copiesUp() {
        return copies().map(Instance::getState)
                .filter(state -> state == RunState.RUN_STATE_RUNNING || state == RunState.RUN_STATE_DEGRADED)
                .count();
    }

    /** Of a clone: running when all that somebody owns runs, and one is promoted where that is wanted. */
    public RunState state() {
        return isClone() ? stateOfClone() : instance().map(Instance::getState).orElse(RunState.RUN_STATE_UNSPECIFIED);
    }

    private RunState stateOfClone() {
        List<Instance> owned = status.getInstancesList();
        if (owned.isEmpty()) {
            return RunState.RUN_STATE_STOPPED;
        }
        boolean degraded = owned.stream().allMatch(instance -> instance.getRole() == Role.ROLE_UNPROMOTED);
        for (Instance instance : owned) {
            switch (instance.getState()) {
                case RUN_STATE_RUNNING -> {}
                case RUN_STATE_DEGRADED -> degraded = true;
                default -> {
                    return instance.getState();
                }
            }
        }
        return degraded ? RunState.RUN_STATE_DEGRADED : RunState.RUN_STATE_RUNNING;
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
                case PIN -> parts.add(pin(override) + by(override));
                case KIND_NOT_SET -> {}
            }
        }
        instance()
                .map(Instance::getMigratingTo)
                .filter(target -> !target.isEmpty())
                .map(this::migration)
                .ifPresent(parts::add);
        reasons().stream().findFirst().ifPresent(reason -> parts.add(reason.getMessage() + "  " + reason.getCode()));
        return String.join(" · ", parts).strip();
    }

    private static String pin(Override override) {
        String role = override.getPin().getPromoted() ? "promoted role " : "";
        return role + "pinned to " + override.getPin().getNode();
    }

    private String migration(String target) {
        return node().isEmpty()
                ? "was to move to " + target + " alive: waits until it is known to be stopped there"
                : "moving to " + target + " alive";
    }

    private static String by(Override override) {
        String reason = override.getReason().isEmpty() ? "" : ": " + override.getReason();
        return (override.getBy().isEmpty() ? "" : " by " + override.getBy()) + reason;
    }

    static String format(FencingToken token) {
        return Integer.toUnsignedString(token.getGeneration()) + ":" + token.getRevision();
    }
}
