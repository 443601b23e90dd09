package io.quorate.jepsen.mutate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A piece of source in whose place another one stands, so that a guard is gone. Kept as a file of that name in {@code mutants/}: lines
 * {@code source PATH} and {@code test CLASS.METHOD}, {@code outside the simulation} where none of that code runs there, and then each
 * piece and what stands for it between lines of {@code <<<<}, {@code ====} and {@code >>>>}. Lines with {@code #} are comments.
 *
 * @param name the guard, and after a point which part of it when there are several
 * @param source from the project's root
 * @param tests that must fail: CLASS.METHOD, or stories/NAME for a script
 */
record Mutant(String name, String source, boolean simulated, List<String> tests, List<Change> changes) {
    private static final Pattern MARK = Pattern.compile("(?m)^(<<<<|====|>>>>)\n");

    /** A piece of the source, and what stands for it. */
    record Change(String original, String instead) {}

    /** All of a directory, by name. */
    static List<Mutant> all(Path directory) throws IOException {
        List<Mutant> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                all.add(of(String.valueOf(file.getFileName()), Files.readString(file)));
            }
        }
        return all;
    }

    static Mutant of(String name, String text) {
        String[] pieces = MARK.split(text, -1);
        List<Change> changes = new ArrayList<>();
        for (int i = 1; i + 1 < pieces.length; i += 3) {
            changes.add(new Change(pieces[i], pieces[i + 1]));
        }
        String source = "";
        boolean simulated = true;
        List<String> tests = new ArrayList<>();
        for (String line : pieces[0].split("\n", -1)) {
            if (line.startsWith("source ")) {
                source = line.substring("source ".length());
            } else if (line.startsWith("test ")) {
                tests.add(line.substring("test ".length()));
            } else if (line.equals("outside the simulation")) {
                simulated = false;
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                throw new IllegalArgumentException("mutants/" + name + ": what is \"" + line + "\"?");
            }
        }
        if (changes.isEmpty() || source.isEmpty() || (tests.isEmpty() && !simulated)) {
            throw new IllegalArgumentException("mutants/" + name
                    + " wants a source, a test or the simulation, and pieces between <<<<, ==== and >>>>");
        }
        return new Mutant(name, source, simulated, List.copyOf(tests), List.copyOf(changes));
    }

    String guard() {
        int point = name.indexOf('.');
        return point < 0 ? name : name.substring(0, point);
    }

    /** The name of the mutated class. */
    String where() {
        return source.substring(source.lastIndexOf('/') + 1).replace(".java", "");
    }

    /**
     * The source without the guard.
     *
     * @throws IllegalStateException when a piece is not there exactly once: the source has changed, and this is to follow
     */
    String applied(Path root) throws IOException {
        String text = Files.readString(root.resolve(source));
        for (Change change : changes) {
            int at = text.indexOf(change.original);
            if (at < 0 || text.indexOf(change.original, at + 1) >= 0) {
                throw new IllegalStateException(
                        "mutants/" + name + ": its text is " + (at < 0 ? "not" : "more than once") + " in " + source
                                + ". Write it anew, as the source now reads.");
            }
            text = text.substring(0, at) + change.instead + text.substring(at + change.original.length());
        }
        return text;
    }
}
