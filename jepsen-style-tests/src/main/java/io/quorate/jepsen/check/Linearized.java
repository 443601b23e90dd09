package io.quorate.jepsen.check;

import java.util.Arrays;

/**
 * A place in the search: which operations have taken effect, and the state that they left. Places are equal when they
 * have the same closed operations behind them and the same state; what differs then is which open ones were used up.
 */
final class Linearized<S> {
    private static final int WORD = 6;

    private final S state;
    /** All closed operations below it took effect. */
    private final int base;
    /** Of closed operations, from the word of {@code base} to the last that is not zero. */
    private final long[] closed;
    /** Of open operations, without zeros at its end. */
    private final long[] open;

    private Linearized(S state, int base, long[] closed, long[] open) {
        this.state = state;
        this.base = base;
        this.closed = closed;
        this.open = open;
    }

    static <S> Linearized<S> none(S initial) {
        return new Linearized<>(initial, 0, new long[0], new long[0]);
    }

    S state() {
        return state;
    }

    int base() {
        return base;
    }

    boolean hasClosed(int index) {
        return index < base || isSet(closed, index - firstBit());
    }

    boolean hasOpen(int index) {
        return isSet(open, index);
    }

    Linearized<S> withClosed(int index, S next) {
        long[] more = with(closed, index - firstBit());
        int reached = base;
        while (isSet(more, reached - firstBit())) {
            reached++;
        }
        int passed = (reached >>> WORD) - (base >>> WORD);
        long[] left = passed == 0 ? more : Arrays.copyOfRange(more, passed, Math.max(passed, more.length));
        return new Linearized<>(next, reached, left, open);
    }

    Linearized<S> withOpen(int index, S next) {
        return new Linearized<>(next, base, closed, with(open, index));
    }

    /** Whether all that can still be done from {@code other}, which is equal to this, can be done from here: it used up no less. */
    boolean covers(Linearized<S> other) {
        if (open.length > other.open.length) {
            return false;
        }
        for (int i = 0; i < open.length; i++) {
            if ((open[i] & ~other.open[i]) != 0) {
                return false;
            }
        }
        return true;
    }

    private int firstBit() {
        return base >>> WORD << WORD;
    }

    private static boolean isSet(long[] bits, int index) {
        int word = index >>> WORD;
        return word < bits.length && (bits[word] & 1L << index) != 0;
    }

    private static long[] with(long[] bits, int index) {
        long[] more = Arrays.copyOf(bits, Math.max(bits.length, (index >>> WORD) + 1));
        more[index >>> WORD] |= 1L << index;
        return more;
    }

    @Override
    public boolean equals(Object object) {
        return object instanceof Linearized<?> other
                && base == other.base
                && Arrays.equals(closed, other.closed)
                && state.equals(other.state);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * base + Arrays.hashCode(closed)) + state.hashCode();
    }
}
