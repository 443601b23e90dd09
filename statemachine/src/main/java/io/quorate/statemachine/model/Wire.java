package io.quorate.statemachine.model;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import java.io.IOException;
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
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && field.getContainingOneof() == null) {
                String type = typeWithUnknownFields(message, field);
                if (type != null) {
                    return type;
                }
            }
        }
        for (OneofDescriptor oneof : message.getDescriptorForType().getOneofs()) {
            FieldDescriptor field = message.getOneofFieldDescriptor(oneof);
            if (field != null && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                String type = typeWithUnknownFields(message, field);
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
}
