package io.quorate.statemachine.policy;

import io.quorate.statemachine.model.Keys;
import io.quorate.v1.Reason;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The sentences about units that wait, or step aside, for each other. */
final class SequenceReasons {
    private SequenceReasons() {}

    /** @param firsts what is missing; of several, one would be enough */
    static Reason orderStop(UnitView unit, List<UnitView> firsts, Function<UnitView, String> words) {
        return of(
                ReasonCode.ORDER_STOP,
                unit.name() + " stops first: it starts after " + anyOf(firsts, words),
                unit,
                firsts);
    }

    static Reason nearNowhere(UnitView unit, UnitView primary) {
        return of(
                ReasonCode.NOT_ALLOWED_HERE,
                unit.name() + " must be near " + primary.name() + ", which can run nowhere now",
                unit,
                primary);
    }

    /** @param firsts what is missing; of several, one would be enough */
    static Reason startsAfter(UnitView unit, List<UnitView> firsts, Function<UnitView, String> words) {
        return of(ReasonCode.STARTS_AFTER, unit.name() + " starts after " + anyOf(firsts, words), unit, firsts);
    }

    private static String anyOf(List<UnitView> firsts, Function<UnitView, String> words) {
        return firsts.stream()
                .map(first -> first.name() + ", which " + words.apply(first))
                .collect(Collectors.joining(", or "));
    }

    static Reason orderOfStops(UnitView unit, String source) {
        return Reasons.of(
                ReasonCode.STOPS_AFTER,
                source + " says in which order it stops",
                List.of(unit.key(), source),
                "quorate get " + source + " -o yaml");
    }

    static Reason stopsAfter(UnitView unit, UnitView other, String words) {
        return of(
                ReasonCode.STOPS_AFTER,
                unit.name() + " waits until " + other.name() + " has stopped, which " + words,
                unit,
                other);
    }

    /** It runs while it waits to move without being stopped: that is nobody's worry. */
    static Reason movesLater(UnitView unit, Reason waits) {
        return waits.toBuilder()
                .setCode(ReasonCode.MOVES_LATER.name())
                .setMessage(unit.name() + " goes on and moves later: " + waits.getMessage())
                .build();
    }

    static Reason migrationsAtOnce(UnitView unit, String node, int most) {
        return Reasons.of(
                ReasonCode.MOVES_LATER,
                node + " sends or receives " + most + " already (maxMigrationsPerNode)",
                List.of(unit.key(), Keys.node(node)),
                "quorate get " + Keys.node(node));
    }

    static Reason near(UnitView unit, UnitView other, String node, String words) {
        return of(
                ReasonCode.WAITING_FOR_NEAR,
                unit.name() + " goes to " + node + " as soon as " + other.name() + " is there, which " + words,
                unit,
                other);
    }

    static Reason apart(UnitView unit, UnitView other, String node, String words) {
        return of(
                ReasonCode.WAITING_FOR_APART,
                unit.name() + " goes to " + node + " as soon as " + other.name() + " has left, which " + words,
                unit,
                other);
    }

    static Reason room(UnitView unit, String node, String what, long needs, long left) {
        return Reasons.of(
                ReasonCode.WAITING_FOR_ROOM,
                unit.name() + " goes to " + node + " when it has " + needs + " " + what + " left; now " + left,
                List.of(unit.key(), Keys.node(node)),
                "quorate explain " + unit.unitName());
    }

    static Reason turns(UnitView unit, UnitView other) {
        return of(
                ReasonCode.TAKES_TURNS,
                unit.name() + " and " + other.name() + " are bound by a rule and take turns: " + other.name()
                        + " is first",
                unit,
                other);
    }

    static Reason demotedFirst(UnitView promotion, UnitView copy, String words) {
        return of(
                ReasonCode.DEMOTED_FIRST,
                copy.name() + " is demoted before it stops or restarts: it " + words,
                promotion,
                copy);
    }

    static Reason demotedBefore(UnitView copy, UnitView promotion, String words) {
        return of(
                ReasonCode.DEMOTED_FIRST,
                copy.name() + " waits until it is demoted: " + promotion.name() + " " + words,
                copy,
                promotion);
    }

    static Reason waitsForCopy(UnitView promotion, UnitView copy, String words) {
        return of(
                ReasonCode.WAITING_FOR_COPY,
                copy.name() + " is promoted as soon as it runs; it " + words,
                promotion,
                copy);
    }

    static Reason oneByOne(UnitView copy, UnitView other) {
        return of(
                ReasonCode.ONE_BY_ONE,
                copy.name() + " starts after " + other.name() + ": the copies are ordered",
                copy,
                other);
    }

    private static Reason of(ReasonCode code, String text, UnitView unit, UnitView other) {
        return of(code, text, unit, List.of(other));
    }

    private static Reason of(ReasonCode code, String text, UnitView unit, List<UnitView> others) {
        List<String> objects = Stream.concat(Stream.of(unit), others.stream())
                .map(UnitView::key)
                .distinct()
                .toList();
        return Reasons.of(
                code, text, objects, "quorate explain " + others.get(0).unitName());
    }
}
