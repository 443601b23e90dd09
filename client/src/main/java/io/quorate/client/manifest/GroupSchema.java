package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Entry;
import io.quorate.client.manifest.YamlNode.Mapping;
import io.quorate.client.manifest.YamlNode.Scalar;
import io.quorate.v1.GroupSpec;
import java.util.Optional;

/** The fields of a group. Members are names, or definitions that become resources of their own. */
final class GroupSchema {
    /** A group while it is read. */
    record Target(GroupSpec.Builder spec, ObjectReader reader) {}

    static final Schema<Target> GROUP = new Schema<Target>("a group")
            .field("members", "list", "names or definitions of resources, in start order", GroupSchema::members)
            .field(
                    "safety",
                    "word",
                    "exclusive (default) or bestEffort",
                    (group, value, scope) ->
                            scope.word(value, UnitSchemas.SAFETY).ifPresent(group.spec::setSafety))
            .field(
                    "stopped",
                    "true or false",
                    "whether it should be stopped",
                    (group, value, scope) -> scope.truth(value).ifPresent(group.spec::setStopped))
            .number("priority", "placed before those of lower priority", (group, read) -> group.spec.setPriority(read))
            .field(
                    "failure",
                    "block",
                    "moveAfter and forgetAfter",
                    (group, value, scope) -> UnitSchemas.FAILURE.read(value, group.spec.getFailureBuilder(), scope))
            .field(
                    "placement",
                    "block",
                    "prefer, only, avoid, near, apartFrom, stickiness",
                    (group, value, scope) -> UnitSchemas.PLACEMENT.read(value, group.spec.getPlacementBuilder(), scope))
            .field(
                    "follow",
                    "block",
                    "where another one runs, after it started",
                    (group, value, scope) -> ConstraintSchemas.FOLLOW.read(value, group.spec.getFollowBuilder(), scope))
            .field(
                    "critical",
                    "true or false",
                    "whether what is good for it counts where others are placed; default true",
                    (group, value, scope) -> scope.truth(value).ifPresent(is -> group.spec.setNotCritical(!is)))
            .field(
                    "onLostContact",
                    "word",
                    "keep (default of what is exclusive) or stop",
                    (group, value, scope) ->
                            scope.word(value, UnitSchemas.LOST_CONTACT).ifPresent(group.spec::setOnLostContact))
            .field(
                    "multipleActive",
                    "word",
                    "block (default), stopUnexpected or stopAndStart",
                    (group, value, scope) ->
                            scope.word(value, UnitSchemas.MULTIPLE_ACTIVE).ifPresent(group.spec::setMultipleActive))
            .field(
                    "allowUnhealthyNodes",
                    "true or false",
                    "whether health of nodes does not matter to it",
                    (group, value, scope) -> scope.truth(value).ifPresent(group.spec::setAllowUnhealthyNodes))
            .later("target", "update", "renamedFrom");

    private GroupSchema() {}

    private static void members(Target group, YamlNode value, Scope scope) {
        scope.items(value, "a list of members", (item, inner) -> {
            if (item instanceof Scalar) {
                inner.text(item).ifPresent(group.spec::addMembers);
                return;
            }
            inner.mapping(item).ifPresent(definition -> member(group, definition, inner));
        });
    }

    private static void member(Target group, Mapping definition, Scope scope) {
        Optional<Entry> inner = definition.entry("members");
        if (inner.isPresent()) {
            String fix = "list the resources of both in one group";
            scope.problem(inner.get().keyAt(), "a group cannot contain a group", fix);
            return;
        }
        definition
                .entry("set")
                .ifPresent(entry -> scope.problems()
                        .add(entry.keyAt(), "a member has the set of its group", "write it at the group"));
        String name = group.reader.inlineMember(definition);
        if (name.isEmpty()) {
            scope.draft().fail("members");
        } else {
            group.spec.addMembers(name);
        }
    }
}
