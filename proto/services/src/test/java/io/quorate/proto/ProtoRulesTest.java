package io.quorate.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.TextFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules themselves: each must be able to fail. */
class ProtoRulesTest {
    private static final String CLEAN = """
            name: "quorate/v1/sample_service.proto" package: "quorate.v1" syntax: "proto3"
            options { go_package: "example/v1" java_package: "io.quorate.v1" java_multiple_files: true }
            message_type { name: "GetThingRequest"
                field { name: "thing_name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
                reserved_range { start: 7 end: 8 } }
            message_type { name: "GetThingResponse" }
            enum_type { name: "NodeState" value { name: "NODE_STATE_UNSPECIFIED" number: 0 } value { name: "NODE_STATE_UP" number: 1 } }
            service { name: "ThingService"
                method { name: "GetThing" input_type: ".quorate.v1.GetThingRequest" output_type: ".quorate.v1.GetThingResponse" } }
            """;

    @Test
    void aCleanContractHasNoProblems() throws Exception {
        assertThat(ProtoLint.problemsIn(clean())).isEmpty();
        assertThat(ProtoCompatibility.breaksBetween(clean(), clean())).isEmpty();
    }

    @Test
    void eachNamingRuleIsReported() throws Exception {
        assertLint("quorate/v1/sample", "quorate/v2/sample", "package = directory");
        assertLint("sample_service.proto", "SampleService.proto", "lower_snake_case");
        assertLint("go_package: \"example/v1\"", "", "go_package");
        assertLint("java_multiple_files: true", "", "java_multiple_files");
        assertLint("io.quorate.v1", "com.quorate.v1", "java_package");
        assertLint("syntax: \"proto3\"", "syntax: \"proto3\" dependency: \"acme/thing.proto\"", "imports only");
        assertLint("thing_name", "thingName", "lower_snake_case");
        assertLint("NODE_STATE_UP", "UP", "begins with NODE_STATE_");
        assertLint("NODE_STATE_UNSPECIFIED", "NODE_STATE_DOWN", "zero is NODE_STATE_UNSPECIFIED");
        assertLint("\"ThingService\"", "\"Things\"", "ends with Service");
        assertLint("GetThingRequest\" output", "ThingQuery\" output", "its type is called GetThingRequest");
        assertLint("\".quorate.v1.GetThingResponse\"", "\".quorate.v1.GetThingRequest\"", "belongs to one RPC");
    }

    @Test
    void eachBreakIsReported() throws Exception {
        assertBreak("thing_name", "other_name", "renamed to other_name");
        assertBreak("TYPE_STRING", "TYPE_BYTES", "type changed");
        assertBreak("LABEL_OPTIONAL", "LABEL_REPEATED", "label changed");
        assertBreak("number: 1 type", "number: 2 type", "removed without reserving");
        assertBreak("value { name: \"NODE_STATE_UP\" number: 1 }", "", "NODE_STATE_UP = 1: removed");
        assertBreak("message_type { name: \"GetThingResponse\" }", "", "GetThingResponse: removed");
        assertBreak("name: \"GetThing\" ", "name: \"ReadThing\" ", "GetThing: removed");
        assertBreak("method { ", "method { server_streaming: true ", "streaming changed");
        assertBreak(
                "reserved_range { start: 7 end: 8 }",
                "field { name: \"late\" number: 7 type: TYPE_STRING label: LABEL_OPTIONAL }",
                "reuses reserved number 7");
    }

    @Test
    void additionsAndReservedRemovalsAreAllowed() throws Exception {
        FileDescriptorProto.Builder newer = parse(CLEAN).toBuilder();
        newer.getMessageTypeBuilder(1)
                .addField(FieldDescriptorProto.newBuilder()
                        .setName("added")
                        .setNumber(1)
                        .setType(Type.TYPE_STRING)
                        .setLabel(Label.LABEL_OPTIONAL));
        newer.getMessageTypeBuilder(0)
                .clearField()
                .addReservedName("thing_name")
                .addReservedRangeBuilder()
                .setStart(1)
                .setEnd(2);
        newer.addMessageTypeBuilder().setName("New");
        assertThat(ProtoCompatibility.breaksBetween(clean(), setOf(newer.build())))
                .isEmpty();
    }

    private static void assertLint(String from, String to, String expected) throws Exception {
        assertThat(ProtoLint.problemsIn(changed(from, to)))
                .anySatisfy(problem -> assertThat(problem).contains(expected));
    }

    private static void assertBreak(String from, String to, String expected) throws Exception {
        List<String> breaks = ProtoCompatibility.breaksBetween(clean(), changed(from, to));
        assertThat(breaks).anySatisfy(problem -> assertThat(problem).contains(expected));
    }

    private static FileDescriptorSet clean() throws Exception {
        return setOf(parse(CLEAN));
    }

    private static FileDescriptorSet changed(String from, String to) throws Exception {
        assertThat(CLEAN).contains(from);
        return setOf(parse(CLEAN.replace(from, to)));
    }

    private static FileDescriptorProto parse(String text) throws TextFormat.ParseException {
        return TextFormat.parse(text, FileDescriptorProto.class);
    }

    private static FileDescriptorSet setOf(FileDescriptorProto file) {
        return FileDescriptorSet.newBuilder().addFile(file).build();
    }
}
