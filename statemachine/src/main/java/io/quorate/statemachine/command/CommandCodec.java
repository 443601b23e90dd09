package io.quorate.statemachine.command;

import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.LogEntry;
import io.quorate.statemachine.model.Wire;
import org.jspecify.annotations.Nullable;

/** Log entries to and from bytes. Reading refuses whatever this version does not know: unknown means halt. */
public final class CommandCodec {
    private CommandCodec() {}

    /**
     * Decodes an entry of the log.
     *
     * @throws UnknownCommandException when it is not an entry, or holds a command or field that is unknown here
     */
    public static LogEntry decode(byte[] bytes) {
        LogEntry entry;
        try {
            entry = LogEntry.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new UnknownCommandException("an entry of the log cannot be decoded: " + e.getMessage());
        }
        String unknown = Wire.typeWithUnknownFields(entry);
        if (unknown != null) {
            throw new UnknownCommandException(
                    "an entry of the log has fields in " + unknown + " that this version does not know");
        }
        for (Command command : entry.getCommandsList()) {
            CommandKind.of(command);
        }
        return entry;
    }

    /**
     * Why a command must not be proposed: every replica would halt on it. Null when there is nothing against it. A client
     * of a later version may send fields that this one does not know; they are refused here, not in the log.
     */
    public static @Nullable String problem(Command command) {
        if (command.getKindCase() == Command.KindCase.KIND_NOT_SET) {
            return "a command of no kind, or of one that this version does not know";
        }
        String unknown = Wire.typeWithUnknownFields(command);
        return unknown == null ? null : "it has fields in " + unknown + " that this version does not know";
    }
}
