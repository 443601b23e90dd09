package io.quorate.statemachine.apply;

import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.model.Keys;
import io.quorate.v1.NodePhase;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** Guards about nodes that several rules share. */
final class NodeGuards {
    private NodeGuards() {}

    static <P> Guard<P> known(Function<P, String> node) {
        return known(node, false);
    }

    /** Of commands that are about every node when they name none. */
    static <P> Guard<P> knownIfNamed(Function<P, String> node) {
        return known(node, true);
    }

    private static <P> Guard<P> known(Function<P, String> node, boolean mayBeNone) {
        return new Guard<>("NodeKnown", RejectCode.NOT_FOUND, (situation, payload) -> {
            String name = node.apply(payload);
            return situation.state().node(name) != null || (mayBeNone && name.isEmpty())
                    ? null
                    : Rejection.of(RejectCode.NOT_FOUND, Keys.node(name), "no node is named " + name)
                            .withNextStep("quorate node list");
        });
    }

    /** Reports of an earlier incarnation are refused after a later one registered. */
    static <P> Guard<P> incarnation(Function<P, String> node, ToLongFunction<P> incarnation) {
        return new Guard<>("Incarnation", RejectCode.OLD_INCARNATION, (situation, payload) -> {
            NodeRow row = situation.state().node(node.apply(payload));
            long named = incarnation.applyAsLong(payload);
            return row == null || row.getIncarnation() == named
                    ? null
                    : Rejection.of(
                            RejectCode.OLD_INCARNATION,
                            Keys.node(row.getName()),
                            row.getName() + " lives in incarnation " + row.getIncarnation() + ", not in " + named);
        });
    }

    /** One agent process of a life: a restarted agent makes the reports of the one before it void. */
    static <P> Guard<P> session(Function<P, String> node, ToLongFunction<P> session) {
        return new Guard<>("Session", RejectCode.OLD_SESSION, (situation, payload) -> {
            NodeRow row = situation.state().node(node.apply(payload));
            return row == null || row.getSession() == session.applyAsLong(payload)
                    ? null
                    : Rejection.of(
                            RejectCode.OLD_SESSION,
                            Keys.node(row.getName()),
                            "a later agent process of " + row.getName() + " has registered");
        });
    }

    /** A node that is lost or off says nothing that counts until it has registered again (Revoke). */
    static <P> Guard<P> inContact(Function<P, String> node) {
        return new Guard<>("Revoke", RejectCode.NODE_NOT_UP, (situation, payload) -> {
            NodeRow row = situation.state().node(node.apply(payload));
            return row == null
                            || row.getPhase() == NodePhase.NODE_PHASE_UP
                            || row.getPhase() == NodePhase.NODE_PHASE_JOINING
                    ? null
                    : Rejection.of(
                            RejectCode.NODE_NOT_UP,
                            Keys.node(row.getName()),
                            row.getName() + " was declared " + Phases.words(row.getPhase())
                                    + ": it must register again");
        });
    }

    /** A command that rests on a leader's clock must name the term of that leader (TermBound). */
    static <P> Guard<P> measuredInTerm() {
        return new Guard<>(
                "MeasuredInTerm",
                RejectCode.WRONG_TERM,
                (situation, payload) -> situation.command().getFormedInTerm() != 0
                        ? null
                        : Rejection.of(RejectCode.WRONG_TERM, "", "it rests on a measurement and names no term"));
    }
}
