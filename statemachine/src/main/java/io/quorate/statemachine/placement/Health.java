package io.quorate.statemachine.placement;

import java.util.Locale;
import java.util.OptionalInt;

/**
 * What it means for placement that a node says how well it is, by the strategies of Pacemaker (Pacemaker Explained, "Tracking node
 * health"). A node says so in any number of attributes, each a colour or a number; what they come to is added up.
 *
 * @param counts false: it means nothing
 * @param base of a node, before its attributes are added
 * @param red score of an attribute that says so; the same for the other colours
 */
public record Health(boolean counts, int base, int red, int yellow, int green) {

    /** By what rule health counts. */
    public enum Strategy {
        NONE,
        /** Nothing runs where anything is red. */
        MIGRATE_ON_RED,
        /** Nothing runs where anything is not green. */
        ONLY_GREEN,
        /** Scores are added up: those of the colours are chosen, numbers count as they are. */
        PROGRESSIVE,
        /** Only rules of locations read the attributes. */
        CUSTOM
    }

    /**
     * The rule of a strategy.
     *
     * @param base of this and the three colours; they count where the strategy is progressive
     */
    public static Health of(Strategy strategy, int base, int red, int yellow, int green) {
        return switch (strategy) {
            case NONE, CUSTOM -> new Health(false, 0, 0, 0, 0);
            case MIGRATE_ON_RED -> new Health(true, 0, -Score.INFINITY, 0, 0);
            case ONLY_GREEN -> new Health(true, 0, -Score.INFINITY, -Score.INFINITY, 0);
            case PROGRESSIVE -> new Health(true, base, red, yellow, green);
        };
    }

    /** The score of a colour; empty when the value is none. */
    public OptionalInt ofColour(String value) {
        return switch (value.strip().toLowerCase(Locale.ROOT)) {
            case "red" -> OptionalInt.of(red);
            case "yellow" -> OptionalInt.of(yellow);
            case "green" -> OptionalInt.of(green);
            default -> OptionalInt.empty();
        };
    }
}
