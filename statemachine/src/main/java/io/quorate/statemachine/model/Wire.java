package io.quorate.statemachine.model;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.LogEntry;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one way to turn a message into bytes that are compared, hashed or written: maps sorted by key. */
public final class Wire {
    /** Of every type that the log and snapshots are made of. */
    private static final Map<Descriptor, Inside> INSIDE = new LinkedHashMap<>();

    static {
        learn(LogEntry.getDescriptor());
        learn(Change.getDescriptor());
    }

    private Wire() {}

    private static void learn(Descriptor type) {
        if (INSIDE.putIfAbsent(type, Inside.of(type)) == null) {
            type.getFields().stream()
                    .filter(Wire::isMessage)
                    .map(FieldDescriptor::getMessageType)
                    .forEach(Wire::learn);
        }
    }

    private static boolean isMessage(FieldDescriptor field) {
        return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    }

    /** Encodes deterministically: equal messages give equal bytes on every replica. */
    public static byte[] bytes(MessageLite message) {
        byte[] bytes = new byte[message.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            message.writeTo(out);
        } catch (IOException e) {
            throw new IllegalStateException("a byte array of the right size was too small", e);
        }
        out.checkNoSpaceLeft();
        return bytes;
    }

    /**
     * NO-SKIP: whether a message, or one inside it, holds fields of a later version.
     *
     * @return the full name of the message type that does, or null when every field is known
     */
    public static @Nullable String typeWithUnknownFields(Message message) {
        if (!message.getUnknownFields().isEmpty()) {
            return message.getDescriptorForType().getFullName();
        }
        Descriptor descriptor = message.getDescriptorForType();
        Inside known = INSIDE.get(descriptor);
        Inside inside = known == null ? Inside.of(descriptor) : known;
        for (FieldDescriptor field : inside.fields()) {
            String type = typeWithUnknownFields(message, field);
            if (type != null) {
                return type;
            }
        }
        for (OneofDescriptor oneof : inside.oneofs()) {
            FieldDescriptor field = message.getOneofFieldDescriptor(oneof);
            if (field != null && isMessage(field)) {
                String type = typeWithUnknownFields((Message) message.getField(field));
                if (type != null) {
                    return type;
                }
            }
        }
        return null;
    }

    private static @Nullable String typeWithUnknownFields(Message message, FieldDescriptor field) {
        if (!field.isRepeated()) {
            return message.hasField(field) ? typeWithUnknownFields((Message) message.getField(field)) : null;
        }
        for (int index = 0; index < message.getRepeatedFieldCount(field); index++) {
            String type = typeWithUnknownFields((Message) message.getRepeatedField(field, index));
            if (type != null) {
                return type;
            }
        }
        return null;
    }

    /**
     * Where a type of message has messages inside: every command is looked through twice, most types have many fields and
     * few of them lead further.
     *
     * @param fields those that are in no choice
     * @param oneofs the choices that have a message among their members
     */
    private record Inside(List<FieldDescriptor> fields, List<OneofDescriptor> oneofs) {
        static Inside of(Descriptor type) {
            return new Inside(
                    type.getFields().stream()
                            .filter(field -> isMessage(field) && field.getContainingOneof() == null)
                            .toList(),
                    type.getOneofs().stream()
                            .filter(oneof -> oneof.getFields().stream().anyMatch(Wire::isMessage))
                            .toList());
        }
    }
}
