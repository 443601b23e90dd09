package io.quorate.statemachine.apply;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a unit may run, member by member. Its agent starts a member as soon as it is told of it, long before it
 * reports it: so a member counts from the change that adds it, and one that was taken out counts until its owner, knowing
 * that, has reported it as stopped.
 */
final class OwnedMembers {
    private OwnedMembers() {}

    /** Makes the members of owned instances fit their units. */
    static void refresh(Draft draft) {
        for (InstanceRow instance : List.copyOf(draft.state().instances().values())) {
            ObjectRow unit = instance.hasOwnership() ? Units.of(draft.state(), instance) : null;
            if (unit != null) {
                List<String> names = Units.members(draft.state(), unit).stream()
                        .map(member -> member.getMeta().getName())
                        .toList();
                List<MemberRowStatus> members = members(draft, instance, names);
                if (!members.equals(instance.getMembersList())) {
                    draft.put(instance.toBuilder().clearMembers().addAllMembers(members));
                }
            }
        }
    }

    private static List<MemberRowStatus> members(Draft draft, InstanceRow instance, List<String> names) {
        Map<String, MemberRowStatus> known = new TreeMap<>();
        instance.getMembersList().forEach(member -> known.put(member.getResource(), member));
        List<MemberRowStatus> members = new ArrayList<>();
        for (String name : names) {
            MemberRowStatus row = known.get(name);
            // One that came back before it was gone is as it was told: its owner may never have heard that it left.
            members.add(
                    row == null
                            ? starting(draft, name)
                            : row.toBuilder().clearLeftSince().build());
        }
        for (MemberRowStatus row : instance.getMembersList()) {
            if (!names.contains(row.getResource())) {
                members.add(
                        row.getLeftSince() > 0
                                ? row
                                : row.toBuilder().setLeftSince(draft.revision()).build());
            }
        }
        return members;
    }

    private static MemberRowStatus starting(Draft draft, String name) {
        return MemberRowStatus.newBuilder()
                .setResource(name)
                .setState(RunState.RUN_STATE_STARTING)
                .setSince(draft.now())
                .build();
    }

    /** Whether a report says that its agent knows that the member left, and that it does not run. */
    static boolean isGone(@Nullable MemberRowStatus row, RunState reported, long leftSince) {
        return row != null
                && row.getLeftSince() > 0
                && reported == RunState.RUN_STATE_STOPPED
                && leftSince >= row.getLeftSince();
    }
}
