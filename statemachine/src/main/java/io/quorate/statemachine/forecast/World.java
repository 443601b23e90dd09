package io.quorate.statemachine.forecast;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.MetaRow;
import io.quorate.log.v1.Stamp;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.model.ClusterState;

/** A copy of the state that goes its own way, by the rules of the product. Its time is that of the log, and is moved by hand. */
final class World {
    static final Actor PERSON = actor(Actor.Kind.KIND_USER, "plan");
    static final Actor NODE = actor(Actor.Kind.KIND_NODE, "plan");
    static final Actor LEADER = actor(Actor.Kind.KIND_LEADER, "plan");

    private static final long TERM = 1;

    private final Applier applier = new Applier(RuleTable.standard());
    private final long began;
    private final long wallAhead;
    private final long datesAtWallMillis;
    private ClusterState state;
    private long now;

    World(ClusterState state) {
        this.state = state;
        this.now = state.stamp().getLogMillis();
        this.began = now;
        this.datesAtWallMillis = state.stamp().getWallMillis();
        this.wallAhead = datesAtWallMillis - now;
    }

    private World(World other, ClusterState state) {
        this.state = state;
        this.now = other.now;
        this.began = other.now;
        this.datesAtWallMillis = other.datesAtWallMillis;
        this.wallAhead = other.wallAhead;
    }

    /** Another copy, which goes on from now in this state; this one stays as it is. */
    World supposing(ClusterState other) {
        return new World(this, other);
    }

    private static Actor actor(Actor.Kind kind, String name) {
        return Actor.newBuilder().setKind(kind).setName(name).build();
    }

    ClusterState state() {
        return state;
    }

    long nowLogMillis() {
        return now;
    }

    long beganLogMillis() {
        return began;
    }

    /** Rules with dates stay as they are now: what they do later is not what is asked about. */
    long datesAtWallMillis() {
        return datesAtWallMillis;
    }

    /** As if something had changed that placement goes by: what came to its node until now has to hold its own there. */
    void lookAnew() {
        MetaRow.Builder meta =
                state.meta().toBuilder().setChangedRevision(state.position().getRevision());
        state = Reducer.reduce(state, Change.newBuilder().setMeta(meta).build());
    }

    void waitUntil(long logMillis) {
        now = Math.max(now, logMillis);
    }

    /** Commits a command, or refuses it. */
    CommandResult send(Actor actor, Command.Builder command) {
        LogEntry entry = LogEntry.newBuilder()
                .setStamp(Stamp.newBuilder().setLogMillis(now).setWallMillis(now + wallAhead))
                .addCommands(command.setActor(actor))
                .build();
        Applied applied = applier.apply(state, entry, TERM);
        state = applied.state();
        return applied.results().get(0);
    }

    /** As {@link #send}, for what rests on a measurement of the leader. */
    CommandResult sendMeasured(Command.Builder command) {
        return send(LEADER, command.setFormedInTerm(TERM));
    }

    /** As {@link #send}, for what is asked about: without it there is no answer. */
    void must(Actor actor, Command.Builder command) {
        CommandResult result = send(actor, command);
        if (result.getCode() != 0) {
            throw new QuestionRefusedException(result);
        }
    }
}
