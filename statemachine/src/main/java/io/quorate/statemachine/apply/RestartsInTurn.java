package io.quorate.statemachine.apply;

import io.quorate.log.v1.HeldDefinition;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.RestartRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Reason;
import io.quorate.v1.ResourceSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Copies of a clone are restarted one after the other: that a copy is to be restarted is kept with it, and the policy decides
 * when. Until then its owner runs it as it was defined.
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
