package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * How strong a slot's claim is where there may not be room for all: those that run go first, and of them those that are kept,
 * then those that are best where they are.
 *
 * @param present its score where it is
 * @param scores of everything in it, by node
 */
record Claim(Slot slot, int present, List<Integer> scores) {
    private static final Comparator<Claim> STRONGEST_FIRST = Comparator.comparingInt((Claim claim) -> -claim.present)
            .thenComparing((one, other) -> compareScores(other.scores, one.scores));

    static List<Slot> inOrder(List<Slot> slots, Nodes nodes) {
        List<Claim> claims = new ArrayList<>();
        slots.forEach(slot -> claims.add(of(slot, nodes)));
        claims.sort(STRONGEST_FIRST);
        List<Slot> order = new ArrayList<>();
        claims.forEach(claim -> order.add(claim.slot));
        return order;
    }

    private static Claim of(Slot slot, Nodes nodes) {
        int[] sum = new int[nodes.size()];
        slot.singles().forEach(single -> {
            for (int i = 0; i < sum.length; i++) {
                sum[i] = Score.add(sum[i], single.scores[i]);
            }
        });
        int present = slot.singles()
                .filter(single -> single.current() != null)
                .min(Comparator.comparing(single -> !single.isKept()))
                .map(single -> present(single, sum))
                .orElse(-Score.INFINITY);
        return new Claim(slot, present, Arrays.stream(sum).boxed().toList());
    }

    private static int present(Single single, int[] scores) {
        Node here = Objects.requireNonNull(single.current());
        if (!here.available) {
            return -Score.INFINITY;
        }
        return single.isKept() ? Score.INFINITY : scores[here.index];
    }

    private static int compareScores(List<Integer> one, List<Integer> other) {
        for (int i = 0; i < one.size(); i++) {
            int order = Integer.compare(one.get(i), other.get(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }
}
