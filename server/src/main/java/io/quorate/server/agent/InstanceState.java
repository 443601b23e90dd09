package io.quorate.server.agent;

import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.server.agent.exec.ClonePart;
import io.quorate.v1.FencingToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One instance as this node has it.
 *
 * @param token that its members were started under
 * @param members in start order
 * @param busy an operation is under way: nothing else is begun (OneOp)
 * @param released its end was verified and is being reported
 * @param part what it is in its clone; of a promotion, "start" is promote and "stop" is demote
 */
public record InstanceState(
        String instance,
        FencingToken token,
        boolean keepWithoutContact,
        boolean exclusive,
        List<MemberState> members,
        boolean busy,
        boolean released,
        ClonePart part) {

    public InstanceState {
        members = List.copyOf(members);
    }

    boolean mayRun() {
        return members.stream().anyMatch(MemberState::mayRun);
    }

    Optional<MemberState> member(String resource) {
        return members.stream()
                .filter(member -> member.resource().equals(resource))
                .findFirst();
    }

    InstanceState withMember(String resource, UnaryOperator<MemberState> change) {
        List<MemberState> changed = new ArrayList<>(members);
        changed.replaceAll(member -> member.resource().equals(resource) ? change.apply(member) : member);
        return withMembers(changed);
    }

    InstanceState withMembers(List<MemberState> changed) {
        return new InstanceState(instance, token, keepWithoutContact, exclusive, changed, busy, released, part);
    }

    InstanceState withToken(FencingToken changed) {
        return new InstanceState(instance, changed, keepWithoutContact, exclusive, members, busy, false, part);
    }

    InstanceState withBusy(boolean changed) {
        return new InstanceState(instance, token, keepWithoutContact, exclusive, members, changed, released, part);
    }

    InstanceState withReleased() {
        return new InstanceState(instance, token, keepWithoutContact, exclusive, members, busy, true, part);
    }

    InstanceState withPolicy(boolean keep, boolean only) {
        return new InstanceState(instance, token, keep, only, members, busy, released, part);
    }

    InstanceState withPart(ClonePart changed) {
        return new InstanceState(instance, token, keepWithoutContact, exclusive, members, busy, released, changed);
    }

    /** What no two operations may meet on (OneOp). */
    String service() {
        return part.service(instance);
    }

    /** Every member counts as running: a monitor said so. */
    boolean allRunning() {
        return members.stream().allMatch(member -> member.phase() == Phase.PHASE_RUNNING);
    }
}
