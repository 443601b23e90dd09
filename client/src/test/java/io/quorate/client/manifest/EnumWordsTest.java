package io.quorate.client.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.quorate.v1.Manifest;
import io.quorate.v1.MultipleActive;
import io.quorate.v1.Role;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EnumWordsTest {
    @Test
    void everyValueThatAFileCanSetHasAWord() {
        Map<String, EnumDescriptor> enums = new TreeMap<>();
        collect(Manifest.getDescriptor(), new TreeMap<>(), enums);
        assertThat(enums).isNotEmpty();
        for (EnumDescriptor type : enums.values()) {
            for (EnumValueDescriptor value : type.getValues()) {
                // No file says of a role that it is stopped.
                if (value.getNumber() != 0 && !value.equals(Role.ROLE_STOPPED.getValueDescriptor())) {
                    assertThat(EnumWords.of(value)).isNotEqualTo(value.getName());
                }
            }
        }
        assertThat(EnumWords.of(MultipleActive.MULTIPLE_ACTIVE_STOP_AND_START.getValueDescriptor()))
                .isEqualTo("stopAndStart");
    }

    private static void collect(Descriptor message, Map<String, Descriptor> seen, Map<String, EnumDescriptor> enums) {
        if (seen.put(message.getFullName(), message) != null) {
            return;
        }
        for (FieldDescriptor field : message.getFields()) {
            switch (field.getJavaType()) {
                case ENUM -> enums.put(field.getEnumType().getFullName(), field.getEnumType());
                case MESSAGE -> collect(field.getMessageType(), seen, enums);
                case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING -> {}
            }
        }
    }
}
