package io.quorate.statemachine.apply;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.model.ClusterState;

/**
 * What a guard may look at.
 *
 * @param term of the Raft entry that carries the command
 */
public record Situation(ClusterState state, Command command, Stamp now, long term) {
    public Actor actor() {
        return command.getActor();
    }

    public boolean byPerson() {
        return actor().getKind() == Actor.Kind.KIND_USER;
    }
}
