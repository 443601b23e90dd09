package io.quorate.bench;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The outages of the end-to-end suite's cases: three hosts in network namespaces, a floating address and a web server, a
 * client that polls the address. Needs root.
 */
final class LabFailover {
    /** Power lost, all processes killed, link unplugged, owner that also leads lost. */
    private static final List<String> CASES = List.of("a", "a2", "b", "f");

    private final Options options;
    private final Path dir;
    private final Report report;

    LabFailover(Options options, Path dir, Report report) {
        this.options = options;
        this.dir = dir;
        this.report = report;
    }

    /** Returns why it could not be measured here, or nothing. A case that failed is an IllegalStateException. */
    Optional<String> run() throws IOException, InterruptedException {
        System.out.printf(
                "%nfailover: the lab of the end-to-end suite, default settings, cases %s, %d times each%n",
                String.join(", ", CASES), options.repeats());
        Path json = dir.resolve("e2e.json");
        Path log = Files.createDirectories(dir).resolve("e2e.log");
        int exit = suite(json, log);
        if (!Files.exists(json)) {
            throw new IllegalStateException("the end-to-end suite ended with " + exit + ", see " + log);
        }
        Struct.Builder outcomes = Struct.newBuilder();
        JsonFormat.parser().merge(Files.readString(json), outcomes);
        for (Value outcome : outcomes.getFieldsOrThrow("cases").getListValue().getValuesList()) {
            Struct row = outcome.getStructValue();
            String result = text(row, "result");
            if (result.equals("skipped")) {
                return Optional.of(text(row, "reason"));
            }
            if (!result.equals("passed")) {
                throw new IllegalStateException(
                        "case " + text(row, "name") + " failed: " + text(row, "reason") + "; see " + log);
            }
            report.outage(
                    text(row, "name"),
                    Math.round(row.getFieldsOrThrow("clientOutageMillis").getNumberValue()));
        }
        CASES.forEach(name -> System.out.println(report.outages(name)));
        return Optional.empty();
    }

    private int suite(Path json, Path log) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                options.suite().toString(),
                "--json",
                json.toString(),
                "--repeat",
                Integer.toString(options.repeats())));
        command.addAll(CASES);
        Process suite = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        // It takes its hosts down when it is asked to end, so it is never killed.
        Thread hook = new Thread(suite::destroy, "suite-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return suite.waitFor();
        } finally {
            suite.destroy();
            boolean unused = Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private static String text(Struct row, String name) {
        return row.getFieldsOrDefault(name, Value.getDefaultInstance()).getStringValue();
    }
}
