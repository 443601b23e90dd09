package io.quorate.statemachine.apply;

import io.quorate.log.v1.CancelOperation;
import io.quorate.log.v1.HeldDefinition;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.RestartRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Reason;
import io.quorate.v1.ResourceSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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

    /** What an operation asked of copies that still wait can be taken back; what a definition asks goes on without it. */
    static @Nullable Rejection mustGoOn(Situation situation, CancelOperation cancel) {
        OperationRow operation = situation.state().operations().get(cancel.getId());
        List<InstanceRow> waiting = operation == null ? List.of() : waiting(situation.state(), operation);
        List<InstanceRow> held = waiting.stream().filter(RestartsInTurn::isHeld).toList();
        boolean canBeTakenBack = operation != null && isRestart(operation) && held.size() < waiting.size();
        return held.isEmpty() || canBeTakenBack
                ? null
                : Rejection.of(
                                RejectCode.MUST_GO_ON,
                                Keys.OPERATIONS + cancel.getId(),
                                ids(held) + " would run an old definition for ever: to keep that one, apply it again")
                        .withNextStep("quorate operation wait " + cancel.getId());
    }

    /** Copies whose turn has not come stay as they are, and wait no longer. Returns what became of them, for people. */
    static String takeBack(Draft draft, OperationRow operation) {
        List<InstanceRow> waiting = isRestart(operation) ? waiting(draft.state(), operation) : List.of();
        for (InstanceRow copy : waiting) {
            InstanceRow.Builder row = copy.toBuilder();
            if (isHeld(copy)) {
                row.getRestartBuilder().setReason(changed(copy)).setRevision(draft.revision());
            } else {
                row.clearRestart();
            }
            draft.put(row);
        }
        List<InstanceRow> stay = waiting.stream().filter(copy -> !isHeld(copy)).toList();
        return stay.isEmpty() ? "" : ": " + ids(stay) + " not restarted";
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
