package io.quorate.client.manifest;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.ProtocolMessageEnum;
import java.util.List;
import java.util.Map;

/** The words that files have for the values of enums. */
public final class EnumWords {
    private static final List<Map<String, ? extends ProtocolMessageEnum>> ALL = List.of(
            UnitSchemas.SAFETY,
            UnitSchemas.LOST_CONTACT,
            UnitSchemas.MULTIPLE_ACTIVE,
            OperationSchemas.ON_FAIL,
            OperationSchemas.ROLES,
            KindSchemas.STRATEGIES,
            KindSchemas.HEALTH,
            ConstraintSchemas.OPERATORS,
            ConstraintSchemas.TYPES,
            ConstraintSchemas.ACTIONS,
            ConstraintSchemas.MODES,
            ConstraintSchemas.LOSS_POLICIES);

    private EnumWords() {}

    /** The word of a value; its name on the wire where this version has no word for it. */
    public static String of(EnumValueDescriptor value) {
        return ALL.stream()
                .flatMap(words -> words.entrySet().stream())
                .filter(entry -> entry.getValue().getValueDescriptor().equals(value))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(value.getName());
    }
}
