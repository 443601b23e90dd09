package io.quorate.client.manifest;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Suggestions for a name that was written wrongly, by edit distance with transpositions, ignoring case. */
public final class NearestName {
    private NearestName() {}

    /** The nearest known name, if one is near enough to be meant. Ties go to the first in alphabetical order. */
    public static Optional<String> of(String written, Collection<String> known) {
        return nearest(written, known, 1).stream().findFirst();
    }

    /** Known names that may have been meant, nearest first. */
    public static List<String> nearest(String written, Collection<String> known, int max) {
        if (written.isEmpty() || written.length() > 256) {
            return List.of();
        }
        record Candidate(String name, int distance) {}
        return known.stream()
                .filter(name -> Math.abs(name.length() - written.length()) <= allowed(written, name))
                .map(name -> new Candidate(name, distance(folded(written), folded(name))))
                .filter(candidate -> candidate.distance <= allowed(written, candidate.name))
                .sorted(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
                .limit(max)
                .map(Candidate::name)
                .toList();
    }

    /** "did you mean 'prefer'?", or an empty text. */
    public static String hint(String written, Collection<String> known) {
        return of(written, known).map(name -> "did you mean '" + name + "'?").orElse("");
    }

    private static int allowed(String written, String name) {
        return Math.max(1, Math.min(3, Math.max(written.length(), name.length()) / 3));
    }

    private static String folded(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** Damerau's distance in its restricted form: insert, delete, replace, swap two neighbours. */
    static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(last[j] + 1, row[j - 1] + 1), last[j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }
        return last[b.length()];
    }
}
