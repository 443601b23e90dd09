package io.quorate.statemachine.apply;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.Stamp;
import io.quorate.v1.Position;
import java.util.List;

/** The changes of one accepted command: what watches carry, never split. */
public record Commit(Position position, Stamp stamp, List<Change> changes, Actor actor) {
    public Commit {
        changes = List.copyOf(changes);
    }
}
