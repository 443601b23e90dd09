package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Mapping;
import io.quorate.client.manifest.YamlNode.Scalar;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.Promotable;

/** The fields of a clone. What it copies is a name, or a definition that becomes a resource or group of its own. */
final class CloneSchema {
    /** A clone while it is read. */
    record Target(CloneSpec.Builder spec, ObjectReader reader) {}

    private static final Schema<CloneSpec.Builder> INSTANCES = new Schema<CloneSpec.Builder>("instances")
            .number("max", "copies in the cluster; default: as many as there are nodes", CloneSpec.Builder::setMax)
            .number("maxPerNode", "copies on one node; default 1", CloneSpec.Builder::setMaxPerNode)
            .number("min", "what is ordered after it waits for so many; default: for all", CloneSpec.Builder::setMin);

    private static final Schema<Promotable.Builder> PROMOTABLE = new Schema<Promotable.Builder>("promotable")
            .number("max", "promoted copies in the cluster; default 1", Promotable.Builder::setMax)
            .number("maxPerNode", "promoted copies on one node; default 1", Promotable.Builder::setMaxPerNode);

    static final Schema<Target> CLONE = new Schema<Target>("a clone")
            .field("of", "name or block", "the resource or group that it makes copies of", CloneSchema::of)
            .field(
                    "instances",
                    "block",
                    "max, maxPerNode, min",
                    (clone, value, scope) -> INSTANCES.read(value, clone.spec, scope))
            .field("promotable", "block or true", "max, maxPerNode", CloneSchema::promotable)
            .field(
                    "interleave",
                    "true or false",
                    "what is ordered after it waits for the copy on its own node only",
                    (clone, value, scope) -> scope.truth(value).ifPresent(clone.spec::setInterleave))
            .field(
                    "ordered",
                    "true or false",
                    "whether copies start one after the other",
                    (clone, value, scope) -> scope.truth(value).ifPresent(clone.spec::setOrdered))
            .field(
                    "globallyUnique",
                    "true or false",
                    "whether each copy is a thing of its own",
                    (clone, value, scope) -> scope.truth(value).ifPresent(clone.spec::setGloballyUnique))
            .field(
                    "notify",
                    "true or false",
                    "whether copies are told of what others do",
                    (clone, value, scope) -> scope.truth(value).ifPresent(clone.spec::setNotify))
            .field(
                    "safety",
                    "word",
                    "exclusive (default) or bestEffort",
                    (clone, value, scope) ->
                            scope.word(value, UnitSchemas.SAFETY).ifPresent(clone.spec::setSafety))
            .field(
                    "stopped",
                    "true or false",
                    "whether it should be stopped",
                    (clone, value, scope) -> scope.truth(value).ifPresent(clone.spec::setStopped))
            .field(
                    "critical",
                    "true or false",
                    "whether what is good for it counts where others are placed; default true",
                    (clone, value, scope) -> scope.truth(value).ifPresent(is -> clone.spec.setNotCritical(!is)))
            .field(
                    "onLostContact",
                    "word",
                    "keep (default of what is exclusive) or stop",
                    (clone, value, scope) ->
                            scope.word(value, UnitSchemas.LOST_CONTACT).ifPresent(clone.spec::setOnLostContact))
            .field(
                    "multipleActive",
                    "word",
                    "block (default), stopUnexpected or stopAndStart",
                    (clone, value, scope) ->
                            scope.word(value, UnitSchemas.MULTIPLE_ACTIVE).ifPresent(clone.spec::setMultipleActive))
            .field(
                    "allowUnhealthyNodes",
                    "true or false",
                    "whether health of nodes does not matter to it",
                    (clone, value, scope) -> scope.truth(value).ifPresent(clone.spec::setAllowUnhealthyNodes))
            .number("priority", "placed before those of lower priority", (clone, read) -> clone.spec.setPriority(read))
            .field(
                    "failure",
                    "block",
                    "moveAfter and forgetAfter",
                    (clone, value, scope) -> UnitSchemas.FAILURE.read(value, clone.spec.getFailureBuilder(), scope))
            .field(
                    "placement",
                    "block",
                    "prefer, only, avoid, near, apartFrom, stickiness",
                    (clone, value, scope) -> UnitSchemas.PLACEMENT.read(value, clone.spec.getPlacementBuilder(), scope))
            .field(
                    "follow",
                    "block",
                    "where another one runs, after it started",
                    (clone, value, scope) -> ConstraintSchemas.FOLLOW.read(value, clone.spec.getFollowBuilder(), scope))
            .later("target", "update", "renamedFrom");

    private CloneSchema() {}

    private static void of(Target clone, YamlNode value, Scope scope) {
        if (value instanceof Scalar) {
            scope.text(value).ifPresent(clone.spec::setOf);
            return;
        }
        scope.mapping(value).ifPresent(definition -> {
            definition
                    .entry("set")
                    .ifPresent(entry -> scope.problems()
                            .add(entry.keyAt(), "what is copied has the set of its clone", "write it at the clone"));
            String name = clone.reader.inlineCopied(definition);
            if (name.isEmpty()) {
                scope.draft().fail("of");
            } else {
                clone.spec.setOf(name);
            }
        });
    }

    private static void promotable(Target clone, YamlNode value, Scope scope) {
        if (value instanceof Mapping) {
            PROMOTABLE.read(value, clone.spec.getPromotableBuilder(), scope);
        } else {
            scope.truth(value).filter(is -> is).ifPresent(is -> clone.spec.getPromotableBuilder());
        }
    }
}
