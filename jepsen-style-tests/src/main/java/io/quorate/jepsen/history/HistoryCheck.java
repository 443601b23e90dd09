package io.quorate.jepsen.history;

import io.quorate.jepsen.check.LinearizabilityChecker;
import io.quorate.jepsen.check.LinearizabilityChecker.Prefix;
import io.quorate.jepsen.check.Operation;
import io.quorate.jepsen.check.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checks a history, each of its objects by itself.
 *
 * @param verdict illegal when any object's history is, unknown when nothing is illegal and a search was given up
 */
public record HistoryCheck<S, C>(History<S, C> history, Verdict verdict, Optional<String> illegalKey, long mostPlaces) {
    /** Gives up an object's search after {@code mostPlaces} places. */
    public static <S, C> HistoryCheck<S, C> of(History<S, C> history, long mostPlaces) {
        LinearizabilityChecker<S, C> checker = new LinearizabilityChecker<>(history.model(), mostPlaces);
        Verdict verdict = Verdict.LINEARIZABLE;
        for (Map.Entry<String, List<Operation<C>>> object : history.objects().entrySet()) {
            Verdict found = checker.check(object.getValue()).verdict();
            if (found == Verdict.ILLEGAL) {
                return new HistoryCheck<>(history, found, Optional.of(object.getKey()), mostPlaces);
            }
            verdict = found == Verdict.UNKNOWN ? found : verdict;
        }
        return new HistoryCheck<>(history, verdict, Optional.empty(), mostPlaces);
    }

    /** Why a history is illegal. */
    public record Explanation(String text, String html) {}

    /** The shortest beginning that is illegal, in words and as a picture; empty when nothing is illegal. */
    public Optional<Explanation> explain(String title) {
        return illegalKey.map(key -> {
            LinearizabilityChecker<S, C> checker = new LinearizabilityChecker<>(history.model(), mostPlaces);
            Prefix<C> prefix = checker.shortestIllegalPrefix(history.objects().getOrDefault(key, List.of()));
            String of = key.isEmpty() ? "" : " on '" + key + "'";
            return new Explanation(
                    text(prefix, of), new Picture<>(history.model(), title + of + ": not linearizable", prefix).html());
        });
    }

    private String text(Prefix<C> prefix, String of) {
        Operation<C> last = prefix.last();
        StringBuilder text = new StringBuilder(
                "the first %d operations%s cannot be put in order; before the answer to client %s, '%s' (line %d), they could%n"
                        .formatted(
                                prefix.operations().size(),
                                of,
                                last.client(),
                                history.model().describe(last.call(), false),
                                last.line()));
        for (Operation<C> operation : prefix.operations()) {
            boolean atThatTime = operation.isOpen() || operation.returned() > last.called();
            if (atThatTime && !operation.equals(last)) {
                text.append("  at the same time: client %s, '%s' (line %d)%n"
                        .formatted(
                                operation.client(),
                                history.model().describe(operation.call(), operation.isOpen()),
                                operation.line()));
            }
        }
        return text.toString();
    }
}
