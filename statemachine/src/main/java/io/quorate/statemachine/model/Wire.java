package io.quorate.statemachine.model;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one way to turn a message into bytes that are compared, hashed or written: maps sorted by key. */
public final class Wire {
    private Wire() {}

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
        if (!message.getUnknownFields().asMap().isEmpty()) {
            return message.getDescriptorForType().getFullName();
        }
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            if (field.getKey().getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                continue;
            }
            Iterable<?> values =
                    field.getKey().isRepeated() ? (Iterable<?>) field.getValue() : List.of(field.getValue());
            for (Object value : values) {
                String type = typeWithUnknownFields((Message) value);
                if (type != null) {
                    return type;
                }
            }
        }
        return null;
    }
}
