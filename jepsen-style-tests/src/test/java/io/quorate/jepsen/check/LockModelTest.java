package io.quorate.jepsen.check;

import static io.quorate.jepsen.check.Operation.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.jepsen.check.LockCall.Acquire;
import io.quorate.jepsen.check.LockCall.Refused;
import io.quorate.jepsen.check.LockCall.Release;
import io.quorate.jepsen.check.LockCall.Validate;
import java.util.List;
import org.junit.jupiter.api.Test;

class LockModelTest {
    private static final LinearizabilityChecker<LockModel.State, LockCall> CHECKER =
            new LinearizabilityChecker<>(new LockModel(), 10_000);

    private static Operation<LockCall> op(long called, long returned, LockCall call) {
        return new Operation<>("c" + called, call, called, returned, (int) called);
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static void is(Verdict verdict, Operation<LockCall>... operations) {
        assertThat(CHECKER.check(List.of(operations)).verdict()).isEqualTo(verdict);
    }

    @Test
    void twoDoNotHoldItAtOnce() {
        is(Verdict.ILLEGAL, op(1, 2, new Acquire(5)), op(3, 4, new Acquire(6)));
        is(Verdict.LINEARIZABLE, op(1, 2, new Acquire(5)), op(3, 4, new Release(5)), op(5, 6, new Acquire(6)));
        is(Verdict.LINEARIZABLE, op(1, 2, new Acquire(5)), op(3, OPEN, new Release(5)), op(5, 6, new Acquire(6)));
    }

    @Test
    void tokensRise() {
        is(Verdict.ILLEGAL, op(1, 2, new Acquire(5)), op(3, 4, new Release(5)), op(5, 6, new Acquire(5)));
    }

    @Test
    void whoIsRefusedSawSomebodyHoldIt() {
        is(Verdict.ILLEGAL, op(1, 2, new Refused()));
        is(Verdict.LINEARIZABLE, op(1, 2, new Acquire(5)), op(3, 4, new Refused()));
        is(Verdict.LINEARIZABLE, op(1, OPEN, new Acquire(0)), op(2, 3, new Refused()));
    }

    @Test
    void theTokenOfAHolderWhoHeardNothingIsWhatIsSeenOfItLater() {
        is(
                Verdict.LINEARIZABLE,
                op(1, OPEN, new Acquire(0)),
                op(2, 3, new Validate(9, true)),
                op(4, 5, new Release(9)),
                op(6, 7, new Acquire(10)));
        is(
                Verdict.ILLEGAL,
                op(1, OPEN, new Acquire(0)),
                op(2, 3, new Validate(9, true)),
                op(4, 5, new Validate(9, false)));
    }

    @Test
    void anOldTokenIsNotGood() {
        is(
                Verdict.ILLEGAL,
                op(1, 2, new Acquire(5)),
                op(3, 4, new Release(5)),
                op(5, 6, new Acquire(6)),
                op(7, 8, new Validate(5, true)));
    }
}
