package io.quorate.jepsen.check;

import static io.quorate.jepsen.check.Operation.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.jepsen.check.LinearizabilityChecker.Prefix;
import io.quorate.jepsen.check.LinearizabilityChecker.Result;
import io.quorate.jepsen.check.RegisterCall.CompareAndSet;
import io.quorate.jepsen.check.RegisterCall.Read;
import io.quorate.jepsen.check.RegisterCall.Write;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LinearizabilityCheckerTest {
    private static final long PLACES = 4_000_000;

    private final LinearizabilityChecker<String, RegisterCall> checker =
            new LinearizabilityChecker<>(new RegisterModel(), PLACES);

    private static Operation<RegisterCall> op(long called, long returned, RegisterCall call) {
        return new Operation<>("c" + called, call, called, returned, (int) called);
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private final void is(Verdict verdict, Operation<RegisterCall>... operations) {
        assertThat(checker.check(List.of(operations)).verdict()).isEqualTo(verdict);
    }

    @Test
    void nothingIsLinearizable() {
        is(Verdict.LINEARIZABLE);
    }

    @Test
    void aReadSeesTheWriteBeforeIt() {
        is(Verdict.LINEARIZABLE, op(1, 2, new Write("1")), op(3, 4, new Read("1")));
        is(Verdict.ILLEGAL, op(1, 2, new Write("1")), op(3, 4, new Read(RegisterCall.NIL)));
    }

    @Test
    void aReadBesideAWriteSeesEither() {
        is(Verdict.LINEARIZABLE, op(1, 4, new Write("1")), op(2, 3, new Read("1")));
        is(Verdict.LINEARIZABLE, op(1, 4, new Write("1")), op(2, 3, new Read(RegisterCall.NIL)));
    }

    @Test
    void twoReadsBesideAWriteDoNotGoBack() {
        is(Verdict.ILLEGAL, op(1, 6, new Write("1")), op(2, 3, new Read("1")), op(4, 5, new Read(RegisterCall.NIL)));
    }

    @Test
    void whatNobodyAnsweredMayTakeEffectLateOrNever() {
        is(Verdict.LINEARIZABLE, op(1, OPEN, new Write("1")), op(2, 3, new Read(RegisterCall.NIL)));
        is(
                Verdict.LINEARIZABLE,
                op(1, OPEN, new Write("1")),
                op(2, 3, new Read(RegisterCall.NIL)),
                op(4, 5, new Read("1")));
        is(Verdict.ILLEGAL, op(1, OPEN, new Write("1")), op(2, 3, new Read("1")), op(4, 5, new Read(RegisterCall.NIL)));
        is(Verdict.ILLEGAL, op(1, 2, new Read("1")), op(3, OPEN, new Write("1")));
    }

    @Test
    void oneCompareAndSetOfTwoHolds() {
        is(
                Verdict.LINEARIZABLE,
                op(1, 2, new Write("1")),
                op(3, 6, new CompareAndSet("1", "2", true)),
                op(4, 5, new CompareAndSet("1", "3", false)));
        is(
                Verdict.ILLEGAL,
                op(1, 2, new Write("1")),
                op(3, 6, new CompareAndSet("1", "2", true)),
                op(4, 5, new CompareAndSet("1", "3", true)));
    }

    @Test
    void aSearchThatIsTooLongIsGivenUp() {
        List<Operation<RegisterCall>> operations = new SampleHistories(1, 8, 1, 0).next(200);
        assertThat(new LinearizabilityChecker<>(new RegisterModel(), 10)
                        .check(operations)
                        .verdict())
                .isEqualTo(Verdict.UNKNOWN);
    }

    /** The definition itself is the judge. */
    @Property(tries = 3_000)
    void smallHistoriesAreJudgedAsByTryingEveryOrder(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int count, @ForAll boolean isChanged) {
        List<Operation<RegisterCall>> operations = new SampleHistories(seed, 3, 1, 0.15).next(count);
        if (isChanged) {
            operations = withOtherAnswer(operations, seed);
        }
        boolean expected = new EveryOrder<>(new RegisterModel()).linearizable(operations);
        assertThat(checker.check(operations).verdict()).isEqualTo(expected ? Verdict.LINEARIZABLE : Verdict.ILLEGAL);
        if (!expected) {
            isShortest(checker.shortestIllegalPrefix(operations), operations);
        }
    }

    private static void isShortest(Prefix<RegisterCall> prefix, List<Operation<RegisterCall>> operations) {
        EveryOrder<String, RegisterCall> judge = new EveryOrder<>(new RegisterModel());
        assertThat(operations).contains(prefix.last());
        assertThat(judge.linearizable(prefix.operations())).isFalse();
        List<Operation<RegisterCall>> before = new ArrayList<>(prefix.operations());
        before.replaceAll(operation -> operation.equals(prefix.last()) ? operation.opened() : operation);
        assertThat(judge.linearizable(before)).isTrue();
    }

    private static List<Operation<RegisterCall>> withOtherAnswer(List<Operation<RegisterCall>> operations, long seed) {
        List<Operation<RegisterCall>> changed = new ArrayList<>(operations);
        int at = new SplittableRandom(seed).nextInt(changed.size());
        Operation<RegisterCall> operation = changed.get(at);
        RegisterCall other = operation.call() instanceof CompareAndSet swap
                ? new CompareAndSet(swap.from(), swap.to(), !swap.done())
                : new Read("2");
        changed.set(
                at,
                new Operation<>(operation.client(), other, operation.called(), operation.returned(), operation.line()));
        return changed;
    }

    @Property(tries = 40)
    void whatARegisterDidIsLinearizable(@ForAll long seed, @ForAll @IntRange(min = 1, max = 24) int clients) {
        List<Operation<RegisterCall>> operations = new SampleHistories(seed, clients, 1, 0.02).next(400);
        Result<RegisterCall> result = checker.check(operations);
        assertThat(result.verdict()).isEqualTo(Verdict.LINEARIZABLE);
        holds(result.order(), operations);
    }

    /** Every answered operation is there once, in an order that keeps real time and gives these answers. */
    private static void holds(List<Operation<RegisterCall>> order, List<Operation<RegisterCall>> operations) {
        RegisterModel model = new RegisterModel();
        assertThat(order).doesNotHaveDuplicates().isSubsetOf(operations);
        assertThat(order)
                .containsAll(operations.stream()
                        .filter(operation -> !operation.isOpen())
                        .toList());
        String state = model.initial();
        long latestCall = 0;
        for (Operation<RegisterCall> operation : order) {
            assertThat(operation.returned()).isGreaterThan(latestCall);
            latestCall = Math.max(latestCall, operation.called());
            state = operation.isOpen()
                    ? model.stepOfOpen(state, operation.call())
                    : model.step(state, operation.call());
            assertThat(state).isNotNull();
        }
    }

    /** Twenty objects of five thousand operations of 32 clients, as a long run leaves them; then one read that is a little old. */
    @Test
    void aLongHistoryIsCheckedAndOneStaleReadInItIsFound() {
        List<List<Operation<RegisterCall>>> objects = new ArrayList<>();
        for (int key = 0; key < 20; key++) {
            objects.add(new SampleHistories(key, 32, 0.05, 0.001).next(5_000));
        }
        long began = System.nanoTime();
        for (List<Operation<RegisterCall>> object : objects) {
            assertThat(checker.check(object).verdict()).isEqualTo(Verdict.LINEARIZABLE);
        }
        System.out.printf("100,000 operations in %d ms%n", (System.nanoTime() - began) / 1_000_000);
        List<Operation<RegisterCall>> stale = withStaleRead(objects.get(7));
        assertThat(checker.check(stale).verdict()).isEqualTo(Verdict.ILLEGAL);
    }

    /** A value that was written last, and overwritten, before the read was called. */
    private List<Operation<RegisterCall>> withStaleRead(List<Operation<RegisterCall>> operations) {
        long middle = operations.get(operations.size() / 2).called();
        long end = operations.stream()
                .filter(operation -> !operation.isOpen() && operation.called() < middle)
                .mapToLong(Operation::returned)
                .max()
                .orElseThrow();
        List<Operation<RegisterCall>> changed = new ArrayList<>();
        for (Operation<RegisterCall> operation : operations) {
            changed.add(operation.called() > end ? later(operation) : operation);
        }
        changed.add(new Operation<>("w", new Write("fresh"), end + 1, end + 2, 1));
        changed.add(new Operation<>("w", new Write("fresher"), end + 3, end + 4, 1));
        changed.add(new Operation<>("r", new Read("fresh"), end + 5, end + 6, 1));
        changed.sort(Comparator.comparingLong(Operation::called));
        return changed;
    }

    private static Operation<RegisterCall> later(Operation<RegisterCall> operation) {
        long by = 10;
        return new Operation<>(
                operation.client(),
                operation.call(),
                operation.called() + by,
                operation.isOpen() ? OPEN : operation.returned() + by,
                operation.line());
    }
}
