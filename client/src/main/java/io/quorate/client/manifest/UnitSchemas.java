package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Mapping;
import io.quorate.v1.FailurePolicy;
import io.quorate.v1.MultipleActive;
import io.quorate.v1.OnLostContact;
import io.quorate.v1.Placement;
import io.quorate.v1.Safety;
import java.util.Map;

/** Blocks that resources and groups share: safety, failure and placement. */
final class UnitSchemas {
    static final Map<String, Safety> SAFETY =
            Map.of("exclusive", Safety.SAFETY_EXCLUSIVE, "bestEffort", Safety.SAFETY_BEST_EFFORT);

    static final Map<String, OnLostContact> LOST_CONTACT =
            Map.of("keep", OnLostContact.ON_LOST_CONTACT_KEEP, "stop", OnLostContact.ON_LOST_CONTACT_STOP);

    static final Map<String, MultipleActive> MULTIPLE_ACTIVE = Map.of(
            "block", MultipleActive.MULTIPLE_ACTIVE_BLOCK,
            "stopUnexpected", MultipleActive.MULTIPLE_ACTIVE_STOP_UNEXPECTED,
            "stopAndStart", MultipleActive.MULTIPLE_ACTIVE_STOP_AND_START);

    static final Schema<FailurePolicy.Builder> FAILURE = new Schema<FailurePolicy.Builder>("failure")
            .number("moveAfter", "failures on one node before it moves", FailurePolicy.Builder::setMoveAfter)
            .duration("forgetAfter", "failures older than this do not count", FailurePolicy.Builder::setForgetAfter);

    static final Schema<Placement.Builder> PLACEMENT = new Schema<Placement.Builder>("placement")
            .field(
                    "prefer",
                    "map",
                    "node: score",
                    (placement, value, scope) -> scope.entries(
                            value,
                            (entry, inner) -> inner.smallInteger(entry.value())
                                    .ifPresent(score -> placement.putPrefer(entry.key(), score))))
            .field("only", "list or {labels}", "nowhere else", UnitSchemas::only)
            .field(
                    "avoid",
                    "list",
                    "never there",
                    (placement, value, scope) -> placement.addAllAvoid(scope.texts(value)))
            .number("stickiness", "score of the present node", Placement.Builder::setStickiness)
            .field(
                    "near",
                    "list or map",
                    "resources and groups, where they are; with scores: how much",
                    (placement, value, scope) -> ConstraintSchemas.neighbours(value, scope, placement::putNear))
            .field(
                    "apartFrom",
                    "list or map",
                    "never where they are; with scores: how much not",
                    (placement, value, scope) -> ConstraintSchemas.neighbours(value, scope, placement::putApartFrom));

    private static final Schema<Placement.Builder> ONLY_LABELS = new Schema<Placement.Builder>("placement.only")
            .field(
                    "labels",
                    "map",
                    "nodes that carry all of them",
                    (placement, value, scope) -> scope.textEntries(value, placement::putOnlyLabels));

    private UnitSchemas() {}

    private static void only(Placement.Builder placement, YamlNode value, Scope scope) {
        if (value instanceof Mapping) {
            ONLY_LABELS.read(value, placement, scope);
            if (placement.getOnlyLabelsCount() == 0) {
                // An empty selector would mean "anywhere": the opposite of what "only" says.
                scope.problem(
                        value.at(), scope.field() + " names no labels", "write for example {labels: {role: edge}}");
            }
            return;
        }
        placement.addAllOnly(scope.texts(value));
        if (placement.getOnlyCount() == 0) {
            scope.problem(value.at(), scope.field() + " names no nodes", "name one, or remove it");
        }
    }
}
