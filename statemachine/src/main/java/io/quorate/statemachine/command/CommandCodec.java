package io.quorate.statemachine.command;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.LogEntry;
import java.util.Map;

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
        refuseUnknownFields(entry);
        for (Command command : entry.getCommandsList()) {
            CommandKind.of(command);
        }
        return entry;
    }

    private static void refuseUnknownFields(Message message) {
        if (!message.getUnknownFields().asMap().isEmpty()) {
            throw new UnknownCommandException("an entry of the log has field(s) "
                    + message.getUnknownFields().asMap().keySet() + " in "
                    + message.getDescriptorForType().getFullName() + " that this version does not know");
        }
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            if (field.getKey().getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                continue;
            }
            if (field.getKey().isRepeated()) {
                for (Object element : (Iterable<?>) field.getValue()) {
                    refuseUnknownFields((Message) element);
                }
            } else {
                refuseUnknownFields((Message) field.getValue());
            }
        }
    }
}
