package io.quorate.server.agent;

import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.server.agent.exec.ClonePart;
import io.quorate.server.agent.exec.Task;
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
 * @param arrivesFrom the node that it is taken over from, while that may hold it too; empty = none
 */
public record InstanceState(
        String instance,
        FencingToken token,
        boolean keepWithoutContact,
        boolean exclusive,
        List<MemberState> members,
        boolean busy,
        boolean released,
        ClonePart part,
        String arrivesFrom) {

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
        return new InstanceState(
                instance, token, keepWithoutContact, exclusive, changed, busy, released, part, arrivesFrom);
    }

    InstanceState withToken(FencingToken changed) {
        return new InstanceState(
                instance, changed, keepWithoutContact, exclusive, members, busy, false, part, arrivesFrom);
    }

    InstanceState withBusy(boolean changed) {
        return new InstanceState(
                instance, token, keepWithoutContact, exclusive, members, changed, released, part, arrivesFrom);
    }

    InstanceState withReleased() {
        return new InstanceState(
                instance, token, keepWithoutContact, exclusive, members, busy, true, part, arrivesFrom);
    }

    InstanceState withPolicy(boolean keep, boolean only) {
        return new InstanceState(instance, token, keep, only, members, busy, released, part, arrivesFrom);
    }

    InstanceState withPart(ClonePart changed) {
        return new InstanceState(
                instance, token, keepWithoutContact, exclusive, members, busy, released, changed, arrivesFrom);
    }

    InstanceState withArrivesFrom(String changed) {
        return new InstanceState(
                instance, token, keepWithoutContact, exclusive, members, busy, released, part, changed);
    }

    /** A member was sent to another node, or that was tried: under this token it is not started here again. */
    boolean leaves() {
        return members.stream().anyMatch(member -> member.departure() != 0);
    }

    /** Another node may run it as well (TwoHolders). */
    boolean migrates() {
        return leaves() || !arrivesFrom.isEmpty();
    }

    /** A member as an operation needs it. */
    Task task(String resource) {
        MemberState member = member(resource).orElseThrow();
        return Task.of(instance, resource, member.spec(), token.getNumber())
                .withProcess(member.main())
                .in(part);
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
