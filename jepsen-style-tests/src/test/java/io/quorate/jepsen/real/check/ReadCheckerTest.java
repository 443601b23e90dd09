package io.quorate.jepsen.real.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ReadCheckerTest {
    private static final Map<String, Long> ASKED = Map.of("a", 1L, "b", 2L);
    private static final Write A = new Write("nodes/n1", "k", 4, "a", 1);
    private static final Write B = new Write("nodes/n1", "k", 7, "b", 2);

    @Test
    void readsThatFitTogetherAreWell() {
        assertThat(check(read(3, 0, "nil"), read(4, 4, "a"), read(6, 4, "a"), read(7, 7, "b"), read(9, 7, "b")))
                .isEmpty();
    }

    @Test
    void aLaterStateHasNoOlderValue() {
        Read newer = read(9, 8, "a");
        Read older = read(10, 7, "b");
        assertThat(check(newer, older)).singleElement().asString().contains("a later state has an older value");
    }

    @Test
    void whatWasWrittenByThenIsThere() {
        assertThat(check(read(7, 4, "a"))).singleElement().asString().contains("a write is not there");
    }

    @Test
    void oneRevisionHasOneValue() {
        assertThat(check(read(5, 4, "b"))).singleElement().asString().contains("one revision with two values");
        assertThat(check(read(9, 8, "a"), read(10, 8, "b")))
                .singleElement()
                .asString()
                .contains("two values");
    }

    @Test
    void aStateHasNothingOfLaterOnes() {
        assertThat(check(read(3, 4, "a"))).singleElement().asString().contains("newer than the state");
    }

    @Test
    void aReadIsNotOlderThanItWasAskedFor() {
        assertThat(ReadChecker.check(List.of(new Read("c", "k", 5, 6, 4, "a", 9)), List.of(A, B), ASKED))
                .singleElement()
                .asString()
                .contains("older than it was asked for");
    }

    @Test
    void nothingIsSeenBeforeItWasAskedFor() {
        assertThat(ReadChecker.check(List.of(new Read("c", "k", 4, 0, 4, "a", 0)), List.of(A), ASKED))
                .singleElement()
                .asString()
                .contains("nobody had asked");
        assertThat(check(read(3, 3, "x"))).singleElement().asString().contains("nobody had asked");
    }

    @Test
    void twoWritesHaveTwoRevisions() {
        Write other = new Write("nodes/n1", "k", 4, "b", 2);
        assertThat(ReadChecker.check(List.of(), List.of(A, other), ASKED))
                .singleElement()
                .asString()
                .contains("two writes");
    }

    private static List<String> check(Read... reads) {
        return ReadChecker.check(List.of(reads), List.of(A, B), ASKED);
    }

    private static Read read(long served, long revision, String value) {
        return new Read("c", "k", served, 0, revision, value, 9);
    }
}
