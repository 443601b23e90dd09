package io.quorate.statemachine.model;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import java.io.IOException;

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
}
