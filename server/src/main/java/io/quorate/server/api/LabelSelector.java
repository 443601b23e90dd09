package io.quorate.server.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * Which objects are wanted, by their labels, in the language of Kubernetes: {@code a=b}, {@code a!=b}, {@code a in (x, y)},
 * {@code a notin (x, y)}, {@code a}, {@code !a}; a comma is "and". As there, {@code a!=b} and {@code notin} also match what
 * has no label a. Nothing written is everything.
 */
record LabelSelector(List<Requirement> requirements) {
    /** Characters of a selector. */
    static final int MAX_LENGTH = 1_024;

    LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /**
     * What is asked of one label.
     *
     * @param values that it may have, or with {@code negated} must not have; empty = any
     */
    record Requirement(String label, boolean negated, Set<String> values) {
        Requirement {
            values = Set.copyOf(values);
        }

        boolean matches(Map<String, String> labels) {
            String value = labels.get(label);
            return negated != (value != null && (values.isEmpty() || values.contains(value)));
        }
    }

    boolean isEmpty() {
        return requirements.isEmpty();
    }

    boolean matches(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.matches(labels));
    }

    /** @throws ApiException INVALID_ARGUMENT with the place of the first mistake */
    static LabelSelector parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw ApiException.invalid(
                    "the label selector has " + text.length() + " characters, at most " + MAX_LENGTH + " are read");
        }
        return new Parser(text).selector();
    }

    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        LabelSelector selector() {
            List<Requirement> requirements = new ArrayList<>();
            skipSpace();
            if (at == text.length()) {
                return new LabelSelector(requirements);
            }
            requirements.add(requirement());
            while (at < text.length()) {
                expect(',', "a comma or the end");
                requirements.add(requirement());
            }
            return new LabelSelector(requirements);
        }

        private Requirement requirement() {
            if (take("!")) {
                return new Requirement(label(), true, Set.of());
            }
            String label = label();
            if (take("!=")) {
                return new Requirement(label, true, Set.of(value()));
            }
            if (take("==") || take("=")) {
                return new Requirement(label, false, Set.of(value()));
            }
            int place = at;
            String word = word(Parser::isNameCharacter);
            return switch (word) {
                case "" -> new Requirement(label, false, Set.of());
                case "in" -> new Requirement(label, false, values());
                case "notin" -> new Requirement(label, true, values());
                default -> throw mistake(place, "=, !=, in or notin");
            };
        }

        private String label() {
            int place = at;
            String label = word(Parser::isNameCharacter);
            if (label.isEmpty()) {
                throw mistake(place, "the name of a label");
            }
            return label;
        }

        /** May be empty: a label may have no value. */
        private String value() {
            return word(Parser::isValueCharacter);
        }

        private Set<String> values() {
            expect('(', "( and the values");
            NavigableSet<String> values = new TreeSet<>();
            values.add(value());
            while (!take(")")) {
                expect(',', "a comma or )");
                values.add(value());
            }
            return values;
        }

        private String word(IntPredicate belongs) {
            int from = at;
            while (at < text.length() && belongs.test(text.charAt(at))) {
                at++;
            }
            String word = text.substring(from, at);
            skipSpace();
            return word;
        }

        private boolean take(String sign) {
            if (!text.startsWith(sign, at)) {
                return false;
            }
            at += sign.length();
            skipSpace();
            return true;
        }

        private void expect(char sign, String what) {
            if (!take(String.valueOf(sign))) {
                throw mistake(at, what);
            }
        }

        private void skipSpace() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private ApiException mistake(int place, String expected) {
            String found = place < text.length() ? "\"" + text.charAt(place) + "\"" : "the end";
            return ApiException.invalid("label selector \"" + text + "\", column " + (place + 1) + ": expected "
                    + expected + ", found " + found);
        }

        private static boolean isNameCharacter(int character) {
            return Character.isLetterOrDigit(character) || ".-_/".indexOf(character) >= 0;
        }

        /** All but what has a meaning here. */
        private static boolean isValueCharacter(int character) {
            return !Character.isWhitespace(character) && ",()=!".indexOf(character) < 0;
        }
    }
}
