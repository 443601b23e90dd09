package io.quorate.statemachine.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quorate.v1.Reason;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReasonsTest {
    @Test
    void reasonsThatFitAreKeptAsTheyAre() {
        List<Reason> reasons = List.of(reason(10), reason(20));
        assertEquals(reasons, Reasons.limited(reasons));
    }

    @Test
    void whatDoesNotFitIsCutLeastImportantFirst() {
        Reason first = reason(600);
        assertEquals(List.of(first), Reasons.limited(List.of(first, reason(600))));
    }

    @Test
    void anyReasonIsMadeToFitWithoutBreakingCharacters() {
        for (String unit : List.of("x", "é", "語", "😀")) {
            for (int length = 200; length < 1_500; length += 7) {
                Reason reason = Reasons.of(
                        ReasonCode.NO_NODE_ALLOWED,
                        String.join("", Collections.nCopies(length, unit)),
                        Collections.nCopies(20, "nodes/a-name-of-some-length"),
                        "quorate explain web");
                List<Reason> limited = Reasons.limited(List.of(reason));
                assertEquals(1, limited.size());
                assertTrue(limited.get(0).getSerializedSize() <= Reasons.MAX_BYTES);
                assertTrue(limited.get(0).getMessageBytes().isValidUtf8());
            }
        }
    }

    private static Reason reason(int length) {
        return Reasons.of(ReasonCode.NO_NODE_ALLOWED, String.join("", Collections.nCopies(length, "x")), List.of(), "");
    }
}
