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
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The naming rules of the wire contract: those of buf's STANDARD category that matter here, and our own for imports. */
final class ProtoLint {
    private static final Pattern LOWER_SNAKE = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");
    private static final Pattern UPPER_SNAKE = Pattern.compile("[A-Z][A-Z0-9]*(_[A-Z0-9]+)*");
    private static final Pattern PASCAL = Pattern.compile("[A-Z][A-Za-z0-9]*");
    private static final Pattern PACKAGE = Pattern.compile("quorate(\\.[a-z][a-z0-9]*)*\\.v[1-9][0-9]*");
    private static final List<String> IMPORTABLE = List.of("google/protobuf/", "google/rpc/", "quorate/");

    private final List<String> problems = new ArrayList<>();
    /** Request or response type, to the RPC that uses it. */
    private final Map<String, String> usedBy = new TreeMap<>();

    private ProtoLint() {}

    /** One line per broken rule, beginning with where; empty when all is well. */
    static List<String> problemsIn(FileDescriptorSet contract) {
        ProtoLint lint = new ProtoLint();
        contract.getFileList().stream()
                .filter(file -> !file.getName().startsWith("google/"))
                .forEach(lint::checkFile);
        return lint.problems;
    }

    private void checkFile(FileDescriptorProto file) {
        String where = file.getName();
        require(file.getSyntax().equals("proto3"), where, "the syntax is proto3");
        require(PACKAGE.matcher(file.getPackage()).matches(), where, "the package is quorate.….v<number>");
        require(directoryOf(file.getName()).equals(file.getPackage().replace('.', '/')), where, "package = directory");
        require(
                LOWER_SNAKE
                        .matcher(fileNameOf(file.getName()).replace(".proto", ""))
                        .matches(),
                where,
                "the file name is lower_snake_case");
        require(!file.getOptions().getGoPackage().isEmpty(), where, "go_package is set");
        require(
                file.getOptions().getJavaPackage().equals("io." + file.getPackage()),
                where,
                "java_package is io.<package>");
        require(file.getOptions().getJavaMultipleFiles(), where, "java_multiple_files is true");
        for (String imported : file.getDependencyList()) {
            require(
                    IMPORTABLE.stream().anyMatch(imported::startsWith),
                    where,
                    "imports only " + IMPORTABLE + ", not " + imported);
        }
        require(file.getPublicDependencyCount() == 0, where, "no public imports");
        file.getMessageTypeList().forEach(message -> checkMessage(file.getPackage(), message));
        file.getEnumTypeList().forEach(type -> checkEnum(file.getPackage(), type));
        file.getServiceList().forEach(service -> checkService(file.getPackage(), service));
    }

    private void checkMessage(String scope, DescriptorProto message) {
        String where = scope + "." + message.getName();
        if (message.getOptions().getMapEntry()) {
            return;
        }
        require(PASCAL.matcher(message.getName()).matches(), where, "a message name is PascalCase");
        for (FieldDescriptorProto field : message.getFieldList()) {
            require(
                    LOWER_SNAKE.matcher(field.getName()).matches(),
                    where + "." + field.getName(),
                    "a field name is lower_snake_case");
        }
        message.getOneofDeclList().stream()
                .filter(oneof -> !oneof.getName().startsWith("_")) // protoc's own, for `optional`
                .forEach(oneof -> require(
                        LOWER_SNAKE.matcher(oneof.getName()).matches(),
                        where + "." + oneof.getName(),
                        "a oneof name is lower_snake_case"));
        message.getNestedTypeList().forEach(nested -> checkMessage(where, nested));
        message.getEnumTypeList().forEach(nested -> checkEnum(where, nested));
    }

    private void checkEnum(String scope, EnumDescriptorProto type) {
        String where = scope + "." + type.getName();
        require(PASCAL.matcher(type.getName()).matches(), where, "an enum name is PascalCase");
        require(!type.getOptions().getAllowAlias(), where, "no aliases: each value has its own number");
        String prefix = upperSnake(type.getName()) + "_";
        for (EnumValueDescriptorProto value : type.getValueList()) {
            String whereValue = where + "." + value.getName();
            require(UPPER_SNAKE.matcher(value.getName()).matches(), whereValue, "an enum value is UPPER_SNAKE_CASE");
            require(value.getName().startsWith(prefix), whereValue, "an enum value begins with " + prefix);
            if (value.getNumber() == 0) {
                require(
                        value.getName().equals(prefix + "UNSPECIFIED"),
                        whereValue,
                        "zero is " + prefix + "UNSPECIFIED");
            }
        }
    }

    private void checkService(String scope, ServiceDescriptorProto service) {
        String where = scope + "." + service.getName();
        require(PASCAL.matcher(service.getName()).matches(), where, "a service name is PascalCase");
        require(service.getName().endsWith("Service"), where, "a service name ends with Service");
        for (MethodDescriptorProto method : service.getMethodList()) {
            String rpc = where + "." + method.getName();
            require(PASCAL.matcher(method.getName()).matches(), rpc, "an RPC name is PascalCase");
            checkRpcType(scope, rpc, method.getInputType(), method.getName() + "Request");
            checkRpcType(scope, rpc, method.getOutputType(), method.getName() + "Response");
        }
    }

    private void checkRpcType(String scope, String rpc, String actual, String expected) {
        require(actual.equals("." + scope + "." + expected), rpc, "its type is called " + expected + ", not " + actual);
        String other = usedBy.putIfAbsent(actual, rpc);
        require(other == null, rpc, actual + " belongs to one RPC; " + other + " uses it already");
    }

    private void require(boolean holds, String where, String rule) {
        if (!holds) {
            problems.add(where + ": " + rule);
        }
    }

    private static String directoryOf(String path) {
        return path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
    }

    private static String fileNameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** {@code LostNodeState} to {@code LOST_NODE_STATE}, {@code HTTPCheck} to {@code HTTP_CHECK}. */
    private static String upperSnake(String pascal) {
        return pascal.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .replaceAll("([A-Z])([A-Z][a-z])", "$1_$2")
                .toUpperCase(Locale.ROOT);
    }
}
