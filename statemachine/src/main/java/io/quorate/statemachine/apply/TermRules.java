package io.quorate.statemachine.apply;

import io.quorate.log.v1.BeginTerm;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.MetaRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.NoteHeard;
import io.quorate.statemachine.command.CommandKind;
import java.util.List;

/** What a leader tells the log about its term: that it has begun, and whom it has heard since a cold start. */
final class TermRules {
    private TermRules() {}

    static List<Rule<?>> all() {
        return List.of(
                new Rule<>(CommandKind.BEGIN_TERM, Command::getBeginTerm, List.of(), TermRules::begin),
                new Rule<>(CommandKind.NOTE_HEARD, Command::getNoteHeard, List.of(), TermRules::noteHeard));
    }

    private static void begin(Draft draft, BeginTerm begin, CommandResult.Builder result) {
        long now = draft.now().getLogMillis();
        MetaRow.Builder meta =
                draft.state().meta().toBuilder().setBegunTerm(draft.command().getFormedInTerm());
        if (begin.getCold()) {
            meta.setGraceBeganLogMillis(now)
                    .setGraceUntilLogMillis(now + draft.state().settings().startupGraceMillis());
        }
        draft.put(meta);
        draft.event(Events.of("LEADER_CHANGED", begin.getMember().isEmpty() ? "" : "members/" + begin.getMember())
                .setText(begin.getMember() + " leads" + (begin.getCold() ? ", after a cold start" : "")));
    }

    private static void noteHeard(Draft draft, NoteHeard note, CommandResult.Builder result) {
        for (String name : note.getNodesList()) {
            NodeRow node = draft.state().node(name);
            if (node != null) {
                draft.put(node.toBuilder().setHeardLogMillis(draft.now().getLogMillis()));
            }
        }
    }
}
