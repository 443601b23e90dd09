package io.quorate.client.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.PrintWriter;
import java.util.function.Supplier;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** Prints answers in the form that was asked for. */
public final class Output {
    private Output() {}

    /** The message as JSON or YAML, or the text for people. */
    public static void print(PrintWriter out, OutputFormat format, Message message, Supplier<String> text) {
        switch (format) {
            case TABLE, WIDE -> out.print(text.get());
            case JSON -> out.println(json(message));
            case YAML -> out.print(yaml(message));
        }
        out.flush();
    }

    /** The protobuf JSON of the API, default values printed, over several lines. */
    public static String json(Message message) {
        return print(JsonFormat.printer().alwaysPrintFieldsWithNoPresence(), message);
    }

    /** The same on one line. */
    public static String jsonLine(Message message) {
        return print(JsonFormat.printer().alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace(), message);
    }

    /** JSON is YAML: read it as such and write it in block style. */
    public static String yaml(Message message) {
        Object tree = new Load(LoadSettings.builder().build()).loadFromString(json(message));
        DumpSettings settings =
                DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
        return new Dump(settings).dumpToString(tree);
    }

    private static String print(JsonFormat.Printer printer, Message message) {
        try {
            return printer.print(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an answer that cannot be written as JSON", e);
        }
    }
}
