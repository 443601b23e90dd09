package io.quorate.client.manifest;

import com.google.protobuf.Duration;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.statemachine.model.Violation;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.FailurePolicy;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.Operation;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Safety;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code kind: Defaults}: what the resources and groups of the same file get where they say nothing themselves.
 * Expanded here: servers see complete objects only.
 */
final class Defaults {
    private static final List<String> TIMED = List.of("start", "stop", "monitor");

    private @Nullable Duration timeout;
    private @Nullable Duration monitorInterval;
    private @Nullable Integer stickiness;
    private @Nullable Safety safety;
    private final FailurePolicy.Builder failure = FailurePolicy.newBuilder();

    private static final Schema<Defaults> OPERATIONS = new Schema<Defaults>("operations of Defaults")
            .duration("timeout", "of start, stop and monitor", (defaults, read) -> defaults.timeout = read)
            .duration("interval", "of monitor", (defaults, read) -> defaults.monitorInterval = read);

    private static final Schema<Defaults> PLACEMENT = new Schema<Defaults>("placement of Defaults")
            .number("stickiness", "score of the present node", (defaults, read) -> defaults.stickiness = read);

    static final Schema<Defaults> SCHEMA = new Schema<Defaults>("Defaults")
            .field(
                    "operations",
                    "block",
                    "timeout and monitor interval of ocf: and systemd: resources",
                    (d, v, scope) -> OPERATIONS.read(v, d, scope))
            .field(
                    "failure",
                    "block",
                    "moveAfter and forgetAfter",
                    (d, v, scope) -> UnitSchemas.FAILURE.read(v, d.failure, scope))
            .field("placement", "block", "stickiness", (d, v, scope) -> PLACEMENT.read(v, d, scope))
            .field(
                    "safety",
                    "word",
                    "exclusive or bestEffort",
                    (d, v, scope) -> scope.word(v, UnitSchemas.SAFETY).ifPresent(read -> d.safety = read))
            .refuse("name", "Defaults have no name: they count for the file that they are in");

    /** Checks the values with the rules of the objects that they go into. */
    void check(Scope scope) {
        Manifest.Builder probe = Manifest.newBuilder();
        probe.getMetaBuilder().setName("defaults");
        probe.getResourceBuilder().getSystemdBuilder().setUnit("defaults.service");
        expandInto(probe, Set.of());
        for (Violation violation : ManifestRules.check(probe.build())) {
            String field = violation.field().replaceFirst("^operations\\[[0-9]+\\]", "operations");
            scope.problems().add(scope.draft().placeOf(field), violation.message(), violation.nextStep());
        }
    }

    void expandInto(Manifest.Builder manifest, Set<String> members) {
        if (manifest.hasResource()) {
            ResourceSpec.Builder spec = manifest.getResourceBuilder();
            if (!spec.hasProcess()) {
                operations(spec);
            }
            if (!members.contains(manifest.getMeta().getName())) {
                unit(spec);
            }
        } else if (manifest.hasGroup() && !members.contains(manifest.getMeta().getName())) {
            unit(manifest.getGroupBuilder());
        } else if (manifest.hasClone()) {
            unit(manifest.getCloneBuilder());
        }
    }

    private void operations(ResourceSpec.Builder spec) {
        for (Operation.Builder operation : spec.getOperationsBuilderList()) {
            if (timeout != null && !operation.hasTimeout()) {
                operation.setTimeout(timeout);
            }
            if (monitorInterval != null && operation.getName().equals("monitor") && !operation.hasInterval()) {
                operation.setInterval(monitorInterval);
            }
        }
        for (String name : TIMED) {
            boolean there =
                    spec.getOperationsList().stream().anyMatch(o -> o.getName().equals(name));
            boolean interval = monitorInterval != null && name.equals("monitor");
            if (there || (timeout == null && !interval)) {
                continue;
            }
            Operation.Builder operation = spec.addOperationsBuilder().setName(name);
            if (timeout != null) {
                operation.setTimeout(timeout);
            }
            if (monitorInterval != null && interval) {
                operation.setInterval(monitorInterval);
            }
        }
    }

    private void unit(ResourceSpec.Builder spec) {
        if (safety != null && spec.getSafety() == Safety.SAFETY_UNSPECIFIED) {
            spec.setSafety(safety);
        }
        if (stickiness != null && !spec.getPlacement().hasStickiness()) {
            spec.getPlacementBuilder().setStickiness(stickiness);
        }
        if (hasFailure()) {
            spec.setFailure(failure.clone().mergeFrom(spec.getFailure()));
        }
    }

    private void unit(CloneSpec.Builder spec) {
        if (safety != null && spec.getSafety() == Safety.SAFETY_UNSPECIFIED) {
            spec.setSafety(safety);
        }
        if (stickiness != null && !spec.getPlacement().hasStickiness()) {
            spec.getPlacementBuilder().setStickiness(stickiness);
        }
        if (hasFailure()) {
            spec.setFailure(failure.clone().mergeFrom(spec.getFailure()));
        }
    }

    private void unit(GroupSpec.Builder spec) {
        if (safety != null && spec.getSafety() == Safety.SAFETY_UNSPECIFIED) {
            spec.setSafety(safety);
        }
        if (stickiness != null && !spec.getPlacement().hasStickiness()) {
            spec.getPlacementBuilder().setStickiness(stickiness);
        }
        if (hasFailure()) {
            spec.setFailure(failure.clone().mergeFrom(spec.getFailure()));
        }
    }

    private boolean hasFailure() {
        return failure.hasMoveAfter() || failure.hasForgetAfter();
    }
}
