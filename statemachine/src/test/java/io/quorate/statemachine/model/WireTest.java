package io.quorate.statemachine.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.LogEntry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireTest {
    private static final UnknownFieldSet OF_A_LATER_VERSION = UnknownFieldSet.newBuilder()
            .addField(4711, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();

    /** Messages of a type with an unknown field in one place each: in itself, or in any message down to a depth. */
    private static List<Message> spoilt(Descriptor type, int depth) {
        List<Message> all = new ArrayList<>();
        // Readers of protobuf drop what they do not know beside the key and value of a map's entry.
        if (!type.getOptions().getMapEntry()) {
            all.add(DynamicMessage.newBuilder(type)
                    .setUnknownFields(OF_A_LATER_VERSION)
                    .build());
        }
        for (FieldDescriptor field : type.getFields()) {
            if (depth > 0 && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                for (Message inner : spoilt(field.getMessageType(), depth - 1)) {
                    DynamicMessage.Builder outer = DynamicMessage.newBuilder(type);
                    all.add(
                            field.isRepeated()
                                    ? outer.addRepeatedField(field, inner).build()
                                    : outer.setField(field, inner).build());
                }
            }
        }
        return all;
    }

    @Test
    void findsAnUnknownFieldWhereverItIs() throws InvalidProtocolBufferException {
        List<Message> entries = spoilt(LogEntry.getDescriptor(), 4);
        assertThat(entries).hasSizeGreaterThan(90);
        for (Message entry : entries) {
            LogEntry read = LogEntry.parseFrom(entry.toByteString());
            assertThat(Wire.typeWithUnknownFields(read))
                    .describedAs("%s", entry)
                    .isNotNull();
        }
        for (Message change : spoilt(Change.getDescriptor(), 4)) {
            assertThat(Wire.typeWithUnknownFields(Change.parseFrom(change.toByteString())))
                    .describedAs("%s", change)
                    .isNotNull();
        }
    }

    @Test
    void namesTheInnermostTypeThatHasOne() {
        LogEntry entry = LogEntry.newBuilder()
                .addCommands(Command.newBuilder().setUnknownFields(OF_A_LATER_VERSION))
                .build();
        assertThat(Wire.typeWithUnknownFields(entry))
                .isEqualTo(Command.getDescriptor().getFullName());
        assertThat(Wire.typeWithUnknownFields(LogEntry.getDefaultInstance())).isNull();
    }
}
