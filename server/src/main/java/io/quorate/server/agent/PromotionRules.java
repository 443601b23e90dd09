package io.quorate.server.agent;

import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.server.agent.exec.RoleRules.Expected;
import java.util.List;
import java.util.Optional;

/**
 * What a copy and its promotion mean for each other: pure functions over the step that the reconciler decided for one of them
 * by itself. For a promotion, start is promote and stop is demote.
 */
final class PromotionRules {
    private PromotionRules() {}

    /**
     * The step of a promotion: it is promoted only while its copy runs and nothing is to be done for the copy itself
     * (PromotionIsOwned).
     *
     * @param copy as this node has it, if it does
     * @param copyStep what the reconciler decided for the copy
     */
    static Optional<Action> ofPromotion(Action step, Optional<InstanceState> copy, Optional<Action> copyStep) {
        boolean ready = copy.filter(InstanceState::allRunning).isPresent() && copyStep.isEmpty();
        return step instanceof Action.Start && !ready ? Optional.empty() : Optional.of(step);
    }

    /**
     * The step of a copy: before it is stopped it is demoted (PromotionEndsFirst). The state machine sees to that where it
     * can; a node that lost its lease, or what a former life left here, is on its own. A demotion that failed holds the stop
     * up no longer: what is stopped is not promoted.
     */
    static Optional<Action> ofCopy(Action step, Optional<InstanceState> promotion) {
        if (!(step instanceof Action.Stop stop)
                || promotion.isEmpty()
                || !promotion.get().mayRun()) {
            return Optional.of(step);
        }
        List<MemberState> members = promotion.get().members();
        if (any(members, Phase.PHASE_STOP_FAILED)) {
            return Optional.of(step);
        }
        if (any(members, Phase.PHASE_UNKNOWN)) {
            return Optional.empty();
        }
        return members.stream()
                .filter(MemberState::mayRun)
                .reduce((first, last) -> last)
                .map(member -> new Action.Stop(promotion.get().instance(), member.resource(), stop.forGood()));
    }

    /** What a monitor of a copy shall find. */
    static Expected expected(Optional<InstanceState> promotion, String resource) {
        Optional<MemberState> member = promotion.flatMap(state -> state.member(resource));
        if (member.filter(MemberState::mayRun).isEmpty()) {
            return Expected.UNPROMOTED;
        }
        return member.get().up() ? Expected.PROMOTED : Expected.EITHER;
    }

    private static boolean any(List<MemberState> members, Phase phase) {
        return members.stream().anyMatch(member -> member.phase() == phase);
    }
}
