package io.quorate.statemachine.apply;

import io.quorate.log.v1.HeldDefinition;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.RestartRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Reason;
import io.quorate.v1.ResourceSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Copies of a clone are restarted one after the other: that a copy is to be restarted is kept with it, and the policy decides
 * when. Until then its owner runs it as it was defined. What a person asked for, a person can take back.
 */
final class RestartsInTurn {
    private static final String ASKED = "RESTART_ASKED";

    private RestartsInTurn() {}

    /** Why a person's restart restarts something. */
    static Reason asked(String why) {
        return Reason.newBuilder().setCode(ASKED).setMessage("restart " + why).build();
    }

    /** Somebody wants an owned copy restarted. */
    static void ask(Draft draft, InstanceRow copy, Reason reason) {
        RestartRow.Builder restart = copy.getRestart().toBuilder();
        draft.put(copy.toBuilder().setRestart(restart.setReason(reason).setRevision(draft.revision())));
    }

    /** Owned copies go on to run what they ran in a state before; what is as it was then again needs no restart. */
    static void holdChanged(Draft draft, ClusterState before) {
        for (InstanceRow instance : List.copyOf(draft.state().instances().values())) {
            ObjectRow clone = Units.of(draft.state(), instance);
            if (clone != null && Clones.isCopy(instance) && instance.hasOwnership()) {
                hold(draft, before, clone, instance);
            }
        }
    }

    private static void hold(Draft draft, ClusterState before, ObjectRow clone, InstanceRow copy) {
        RestartRow was = copy.getRestart();
        RestartRow.Builder restart = was.toBuilder().clearHeld();
        for (ObjectRow member : Units.members(draft.state(), clone)) {
            runsAs(before, copy, member)
                    .filter(spec -> !isSame(spec, member.getResource()))
                    .ifPresent(spec -> restart.addHeld(HeldDefinition.newBuilder()
                            .setResource(member.getMeta().getName())
                            .setSpec(spec)));
        }
        if (restart.getHeldList().equals(was.getHeldList())) {
            return;
        }
        boolean asked = was.getReason().getCode().equals(ASKED);
        InstanceRow.Builder row = copy.toBuilder();
        if (restart.getHeldCount() == 0 && !asked) {
            row.clearRestart();
        } else {
            restart.setRevision(draft.revision());
            row.setRestart(asked ? restart : restart.setReason(changed(copy)));
        }
        draft.put(row);
    }

    /**
     * What a person's restart has not come to stays as it is; what a definition asks goes on, or copies would run an old one for ever.
     * Returns what became of them, for people.
     */
    static String takeBack(Draft draft, OperationRow operation) {
        List<InstanceRow> waiting = waiting(draft.state(), operation);
        List<InstanceRow> goOn = waiting.stream().filter(RestartsInTurn::isHeld).toList();
        List<InstanceRow> stay = isRestart(operation)
                ? waiting.stream().filter(copy -> !isHeld(copy)).toList()
                : List.of();
        stay.forEach(copy -> draft.put(copy.toBuilder().clearRestart()));
        if (isRestart(operation)) {
            goOn.forEach(copy -> draft.put(copy.toBuilder()
                    .setRestart(copy.getRestart().toBuilder()
                            .setReason(changed(copy))
                            .setRevision(draft.revision()))));
        }
        return (stay.isEmpty() ? "" : " · not restarted: " + ids(stay))
                + (goOn.isEmpty() ? "" : " · restarted all the same, with their new definition: " + ids(goOn));
    }

    private static List<InstanceRow> waiting(ClusterState state, OperationRow operation) {
        if (!isRestart(operation) && !operation.getKind().equals("apply")) {
            return List.of();
        }
        return Units.of(state, operation).stream()
                .filter(ObjectRow::hasClone)
                .flatMap(clone -> Units.instances(state, clone).stream())
                .filter(InstanceRow::hasRestart)
                .toList();
    }

    private static boolean isRestart(OperationRow operation) {
        return operation.getKind().equals("restart");
    }

    private static boolean isHeld(InstanceRow copy) {
        return copy.getRestart().getHeldCount() > 0;
    }

    private static String ids(List<InstanceRow> copies) {
        return copies.stream().map(InstanceRow::getId).collect(Collectors.joining(", "));
    }

    private static Reason changed(InstanceRow copy) {
        return Reason.newBuilder()
                .setCode("DEFINITION_CHANGED")
                .setMessage(copy.getId() + " is stopped and started with its new definition")
                .addObjects(copy.getUnit())
                .build();
    }

    private static Optional<ResourceSpec> runsAs(ClusterState before, InstanceRow copy, ObjectRow member) {
        String name = member.getMeta().getName();
        boolean runs = copy.getMembersList().stream()
                .anyMatch(status -> status.getResource().equals(name));
        ObjectRow then = before.object(member.getKey());
        return runs && then != null ? Optional.of(Units.specOf(copy, then)) : Optional.empty();
    }

    private static boolean isSame(ResourceSpec one, ResourceSpec other) {
        return one.equals(other) || Arrays.equals(Units.definitionDigest(one), Units.definitionDigest(other));
    }
}
