package io.quorate.proto;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a newer contract may not do to an older one: change or reuse a field, drop one without reserving its number and name, drop
 * a message, an enum, an enum value, a service or an RPC. Additions are free. Moving a definition between files of one package
 * changes nothing on the wire and is allowed.
 */
final class ProtoCompatibility {
    private final List<String> problems = new ArrayList<>();

    private ProtoCompatibility() {}

    /** One line per break, beginning with the full name of what it breaks; empty when the newer contract is compatible. */
    static List<String> breaksBetween(FileDescriptorSet older, FileDescriptorSet newer) {
        ProtoCompatibility comparison = new ProtoCompatibility();
        comparison.compareAll(
                byFullName(older, FileDescriptorProto::getMessageTypeList, DescriptorProto::getName),
                byFullName(newer, FileDescriptorProto::getMessageTypeList, DescriptorProto::getName),
                comparison::compareMessages);
        comparison.compareAll(
                byFullName(older, FileDescriptorProto::getEnumTypeList, EnumDescriptorProto::getName),
                byFullName(newer, FileDescriptorProto::getEnumTypeList, EnumDescriptorProto::getName),
                comparison::compareEnums);
        comparison.compareAll(
                byFullName(older, FileDescriptorProto::getServiceList, ServiceDescriptorProto::getName),
                byFullName(newer, FileDescriptorProto::getServiceList, ServiceDescriptorProto::getName),
                comparison::compareServices);
        return comparison.problems;
    }

    /** Compares two definitions of one name. */
    private interface Comparison<T> {
        void compare(String name, T older, T newer);
    }

    private <T> void compareAll(Map<String, T> older, Map<String, T> newer, Comparison<T> comparison) {
        older.forEach((name, definition) -> {
            T successor = newer.get(name);
            if (successor == null) {
                problems.add(name + ": removed");
            } else {
                comparison.compare(name, definition, successor);
            }
        });
    }

    private void compareMessages(String name, DescriptorProto older, DescriptorProto newer) {
        for (FieldDescriptorProto field : older.getFieldList()) {
            newer.getFieldList().stream()
                    .filter(candidate -> candidate.getNumber() == field.getNumber())
                    .findFirst()
                    .ifPresentOrElse(
                            successor -> compareFields(name, older, field, newer, successor),
                            () -> requireReserved(name, field, newer));
        }
        for (DescriptorProto.ReservedRange range : older.getReservedRangeList()) {
            newer.getFieldList().stream()
                    .filter(field -> field.getNumber() >= range.getStart() && field.getNumber() < range.getEnd())
                    .forEach(field -> problems.add(
                            name + "." + field.getName() + ": reuses reserved number " + field.getNumber()));
        }
        compareAll(
                byName(name, older.getNestedTypeList(), DescriptorProto::getName),
                byName(name, newer.getNestedTypeList(), DescriptorProto::getName),
                this::compareMessages);
        compareAll(
                byName(name, older.getEnumTypeList(), EnumDescriptorProto::getName),
                byName(name, newer.getEnumTypeList(), EnumDescriptorProto::getName),
                this::compareEnums);
    }

    private void compareFields(
            String message,
            DescriptorProto olderMessage,
            FieldDescriptorProto older,
            DescriptorProto newerMessage,
            FieldDescriptorProto newer) {
        String where = message + "." + older.getName() + " = " + older.getNumber();
        if (!older.getName().equals(newer.getName())) {
            problems.add(where + ": renamed to " + newer.getName());
        }
        if (!older.getType().equals(newer.getType()) || !older.getTypeName().equals(newer.getTypeName())) {
            problems.add(where + ": type changed from " + typeOf(older) + " to " + typeOf(newer));
        }
        if (!older.getLabel().equals(newer.getLabel()) || older.getProto3Optional() != newer.getProto3Optional()) {
            problems.add(where + ": label changed");
        }
        if (!oneofOf(olderMessage, older).equals(oneofOf(newerMessage, newer))) {
            problems.add(where + ": moved into or out of a oneof");
        }
    }

    private void requireReserved(String message, FieldDescriptorProto field, DescriptorProto newer) {
        boolean numberReserved = newer.getReservedRangeList().stream()
                .anyMatch(range -> field.getNumber() >= range.getStart() && field.getNumber() < range.getEnd());
        if (!numberReserved || !newer.getReservedNameList().contains(field.getName())) {
            problems.add(message + "." + field.getName() + " = " + field.getNumber()
                    + ": removed without reserving its number and its name");
        }
    }

    private void compareEnums(String name, EnumDescriptorProto older, EnumDescriptorProto newer) {
        for (EnumValueDescriptorProto value : older.getValueList()) {
            boolean kept = newer.getValueList().stream()
                    .anyMatch(candidate -> candidate.getNumber() == value.getNumber()
                            && candidate.getName().equals(value.getName()));
            if (!kept) {
                problems.add(name + "." + value.getName() + " = " + value.getNumber() + ": removed or changed");
            }
        }
    }

    private void compareServices(String name, ServiceDescriptorProto older, ServiceDescriptorProto newer) {
        compareAll(
                byName(name, older.getMethodList(), MethodDescriptorProto::getName),
                byName(name, newer.getMethodList(), MethodDescriptorProto::getName),
                (rpc, before, after) -> {
                    boolean sameTypes = before.getInputType().equals(after.getInputType())
                            && before.getOutputType().equals(after.getOutputType());
                    boolean sameStreaming = before.getClientStreaming() == after.getClientStreaming()
                            && before.getServerStreaming() == after.getServerStreaming();
                    if (!sameTypes || !sameStreaming) {
                        problems.add(rpc + ": its types or its streaming changed");
                    }
                });
    }

    private static String typeOf(FieldDescriptorProto field) {
        return field.getTypeName().isEmpty() ? field.getType().name() : field.getTypeName();
    }

    private static String oneofOf(DescriptorProto message, FieldDescriptorProto field) {
        return field.hasOneofIndex()
                ? message.getOneofDecl(field.getOneofIndex()).getName()
                : "";
    }

    private static <T> Map<String, T> byFullName(
            FileDescriptorSet contract,
            Function<FileDescriptorProto, List<T>> definitions,
            Function<T, String> nameOf) {
        Map<String, T> all = new TreeMap<>();
        contract.getFileList().forEach(file -> all.putAll(byName(file.getPackage(), definitions.apply(file), nameOf)));
        return all;
    }

    private static <T> Map<String, T> byName(String scope, List<T> definitions, Function<T, String> nameOf) {
        Map<String, T> all = new TreeMap<>();
        definitions.forEach(definition -> all.put(scope + "." + nameOf.apply(definition), definition));
        return all;
    }
}
