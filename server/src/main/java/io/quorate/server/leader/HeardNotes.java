package io.quorate.server.leader;

import io.quorate.log.v1.NoteHeard;
import io.quorate.statemachine.model.StartupGrace;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * While a startup grace lasts, notes in the log whom this leader has heard, so that the next one knows it too: many nodes in
 * one command, one command in flight, and each node once.
 */
final class HeardNotes {
    private final TermContext context;
    private final NavigableSet<String> waiting = new TreeSet<>();
    private boolean inFlight;

    HeardNotes(TermContext context) {
        this.context = context;
    }

    /** A node of the cluster has spoken. */
    void heard(String node) {
        if (StartupGrace.restMillis(context.state(), node, context.logMillis()) > 0) {
            waiting.add(node);
            send();
        }
    }

    private void send() {
        waiting.removeIf(node -> context.state().node(node) == null || StartupGrace.wasHeard(context.state(), node));
        if (inFlight || waiting.isEmpty()) {
            return;
        }
        inFlight = true;
        List<String> told = List.copyOf(waiting);
        // What fails is tried again when the node speaks again.
        waiting.clear();
        context.propose(
                "heard-noted",
                context.termBound().setNoteHeard(NoteHeard.newBuilder().addAllNodes(told)),
                outcome -> {
                    inFlight = false;
                    send();
                });
    }
}
