package io.quorate.statemachine.policy;

import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.RunStates;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A clone with its slots.
 *
 * @param copies by number
 * @param promotions by number; empty where it is not promotable
 */
record CloneView(ObjectRow row, List<UnitView> copies, List<UnitView> promotions) {
    CloneView {
        copies = List.copyOf(copies);
        promotions = List.copyOf(promotions);
    }

    /** @param slots copies by number, then promotions */
    static CloneView of(ObjectRow row, List<InstanceRow> slots) {
        List<FailureRow> ofCopies = new ArrayList<>();
        List<FailureRow> ofPromotions = new ArrayList<>();
        slots.forEach(slot -> (Clones.isPromotion(slot) ? ofPromotions : ofCopies).addAll(slot.getFailuresList()));
        List<UnitView> copies = new ArrayList<>();
        List<UnitView> promotions = new ArrayList<>();
        for (InstanceRow slot : slots) {
            boolean promotion = Clones.isPromotion(slot);
            (promotion ? promotions : copies)
                    .add(new UnitView(row, slot, List.copyOf(promotion ? ofPromotions : ofCopies)));
        }
        return new CloneView(row, copies, promotions);
    }

    /** Copies by number, then promotions. */
    List<UnitView> slots() {
        List<UnitView> slots = new ArrayList<>(copies);
        slots.addAll(promotions);
        return slots;
    }

    /** The owned promotion of a copy, one that is on its way out included; null when it is not promoted. */
    @Nullable
    UnitView promotionOf(UnitView copy) {
        for (UnitView promotion : promotions) {
            if (promotion.instance().hasOwnership() && promotion.isOfCopy(copy.name())) {
                return promotion;
            }
        }
        return null;
    }

    /** Whether copies are being restarted one after the other, and one on this node runs that is not to be. */
    boolean isRestartedOn(String node) {
        return copies.stream().anyMatch(copy -> copy.instance().hasRestart())
                && copiesOn(node).stream()
                        .anyMatch(copy -> !copy.instance().hasRestart() && RunStates.isUp(copy.instance()));
    }

    /** Copies that a node owns, in whichever of its lives. */
    List<UnitView> copiesOn(String node) {
        return copies.stream().filter(copy -> copy.isOwnedBy(node)).toList();
    }
}
