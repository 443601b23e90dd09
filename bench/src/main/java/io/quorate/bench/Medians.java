package io.quorate.bench;

import java.util.Collection;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The middle of what was measured several times; of an even number the larger one of the two. */
final class Medians {
    private Medians() {}

    static double of(Collection<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    static <T> double of(List<T> measured, ToDoubleFunction<T> what) {
        return of(measured.stream().map(what::applyAsDouble).toList());
    }
}
