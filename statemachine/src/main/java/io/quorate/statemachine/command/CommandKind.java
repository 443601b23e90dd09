package io.quorate.statemachine.command;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Every kind of command: its wire number (the field in the log's {@code Command}), the feature level since which it
 * exists, and who may send it. Checked again at apply, whatever the front door said.
 */
public enum CommandKind {
    INIT_CLUSTER(Command.KindCase.INIT_CLUSTER, Sender.SYSTEM),
    APPLY_OBJECTS(Command.KindCase.APPLY_OBJECTS, Sender.PERSON),
    DELETE_OBJECT(Command.KindCase.DELETE_OBJECT, Sender.PERSON),
    SET_OVERRIDE(Command.KindCase.SET_OVERRIDE, Sender.PERSON),
    CLEAR_OVERRIDE(Command.KindCase.CLEAR_OVERRIDE, Sender.PERSON),
    MOVE_UNIT(Command.KindCase.MOVE_UNIT, Sender.PERSON),
    RESTART_UNIT(Command.KindCase.RESTART_UNIT, Sender.PERSON),
    PROBE_UNIT(Command.KindCase.PROBE_UNIT, Sender.PERSON),
    CLEAR_FAILURES(Command.KindCase.CLEAR_FAILURES, Sender.PERSON),
    DRAIN_NODE(Command.KindCase.DRAIN_NODE, Sender.PERSON),
    RESUME_NODE(Command.KindCase.RESUME_NODE, Sender.PERSON),
    MAINTAIN_NODE(Command.KindCase.MAINTAIN_NODE, Sender.PERSON),
    END_NODE_MAINTENANCE(Command.KindCase.END_NODE_MAINTENANCE, Sender.PERSON),
    CHANGE_TICKET(Command.KindCase.CHANGE_TICKET, Sender.PERSON),
    FORGET_NODE(Command.KindCase.FORGET_NODE, Sender.PERSON),
    SET_NODE_ATTRIBUTE(Command.KindCase.SET_NODE_ATTRIBUTE, Sender.PERSON_OR_NODE),
    PAUSE_CLUSTER(Command.KindCase.PAUSE_CLUSTER, Sender.PERSON),
    RESUME_CLUSTER(Command.KindCase.RESUME_CLUSTER, Sender.PERSON),
    SET_FEATURE_LEVEL(Command.KindCase.SET_FEATURE_LEVEL, Sender.PERSON),
    REGISTER_VOTER(Command.KindCase.REGISTER_VOTER, Sender.PERSON_OR_SYSTEM),
    REMOVE_VOTER(Command.KindCase.REMOVE_VOTER, Sender.PERSON_OR_SYSTEM),
    CREATE_JOIN_TOKEN(Command.KindCase.CREATE_JOIN_TOKEN, Sender.PERSON_OR_SYSTEM),
    USE_JOIN_TOKEN(Command.KindCase.USE_JOIN_TOKEN, Sender.SYSTEM),
    REGISTER_NODE(Command.KindCase.REGISTER_NODE, Sender.NODE),
    REPORT_PROBES(Command.KindCase.REPORT_PROBES, Sender.NODE),
    COMPLETE_JOIN(Command.KindCase.COMPLETE_JOIN, Sender.NODE),
    REPORT_INSTANCE(Command.KindCase.REPORT_INSTANCE, Sender.NODE),
    DETACH_NODE(Command.KindCase.DETACH_NODE, Sender.NODE),
    LEAVE_NODE(Command.KindCase.LEAVE_NODE, Sender.NODE),
    DECLARE_NODE_LOST(Command.KindCase.DECLARE_NODE_LOST, Sender.LEADER),
    ASSIGN_OWNER(Command.KindCase.ASSIGN_OWNER, Sender.LEADER),
    RELEASE_OWNER(Command.KindCase.RELEASE_OWNER, Sender.LEADER),
    RECOVER_INSTANCE(Command.KindCase.RECOVER_INSTANCE, Sender.LEADER),
    MIGRATE_INSTANCE(Command.KindCase.MIGRATE_INSTANCE, Sender.LEADER),
    EXPIRE_LEASE(Command.KindCase.EXPIRE_LEASE, Sender.LEADER),
    REQUEST_FENCE(Command.KindCase.REQUEST_FENCE, Sender.PERSON_OR_LEADER),
    REPORT_FENCE(Command.KindCase.REPORT_FENCE, Sender.NODE_OR_LEADER),
    CONFIRM_FENCE(Command.KindCase.CONFIRM_FENCE, Sender.PERSON),
    FINISH_OPERATION(Command.KindCase.FINISH_OPERATION, Sender.LEADER),
    CANCEL_OPERATION(Command.KindCase.CANCEL_OPERATION, Sender.PERSON),
    FORGET_FAILURES(Command.KindCase.FORGET_FAILURES, Sender.LEADER),
    BEGIN_TERM(Command.KindCase.BEGIN_TERM, Sender.LEADER),
    NOTE_HEARD(Command.KindCase.NOTE_HEARD, Sender.LEADER),
    REPORT_ATTRIBUTES(Command.KindCase.REPORT_ATTRIBUTES, Sender.NODE);

    private static final Map<Command.KindCase, CommandKind> BY_WIRE = new EnumMap<>(Command.KindCase.class);

    static {
        for (CommandKind kind : values()) {
            BY_WIRE.put(kind.wire, kind);
        }
    }

    private final Command.KindCase wire;

    @SuppressWarnings("ImmutableEnumChecker") // one of the immutable sets of Sender
    private final Set<Actor.Kind> senders;

    CommandKind(Command.KindCase wire, Set<Actor.Kind> senders) {
        this.wire = wire;
        this.senders = senders;
    }

    /** The field number in the log. */
    public int number() {
        return wire.getNumber();
    }

    public Command.KindCase wire() {
        return wire;
    }

    /** The feature level from which on a leader may propose it. */
    public int sinceLevel() {
        return 1;
    }

    public boolean maySend(Actor.Kind actor) {
        return senders.contains(actor);
    }

    /** The kind of a command; throws {@link UnknownCommandException} for one that this version does not know. */
    public static CommandKind of(Command command) {
        CommandKind kind = BY_WIRE.get(command.getKindCase());
        if (kind != null) {
            return kind;
        }
        throw new UnknownCommandException("the log holds a command of a kind that this version does not know");
    }

    private static final class Sender {
        private static final Set<Actor.Kind> PERSON = EnumSet.of(Actor.Kind.KIND_USER);
        private static final Set<Actor.Kind> NODE = EnumSet.of(Actor.Kind.KIND_NODE);
        private static final Set<Actor.Kind> LEADER = EnumSet.of(Actor.Kind.KIND_LEADER);
        private static final Set<Actor.Kind> SYSTEM = EnumSet.of(Actor.Kind.KIND_SYSTEM);
        private static final Set<Actor.Kind> PERSON_OR_NODE = EnumSet.of(Actor.Kind.KIND_USER, Actor.Kind.KIND_NODE);
        private static final Set<Actor.Kind> PERSON_OR_LEADER =
                EnumSet.of(Actor.Kind.KIND_USER, Actor.Kind.KIND_LEADER);
        private static final Set<Actor.Kind> NODE_OR_LEADER = EnumSet.of(Actor.Kind.KIND_NODE, Actor.Kind.KIND_LEADER);
        private static final Set<Actor.Kind> PERSON_OR_SYSTEM =
                EnumSet.of(Actor.Kind.KIND_USER, Actor.Kind.KIND_SYSTEM);
    }
}
