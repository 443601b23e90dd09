package io.quorate.jepsen.level;

import io.quorate.jepsen.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program of {@code bin/} that checks something and says what came of it with {@code --json FILE}.
 *
 * @param name of what it checks
 * @param words the program and its options
 * @param limit when it is not done by then it is ended, and has failed
 * @param givesWay whether it takes only what others leave of the processors
 */
record Tool(String name, List<String> words, Duration limit, boolean givesWay) {
    private static final List<String> NICE = List.of("nice", "-n", "19");

    private static final long END_SECONDS = 60;

    Tool {
        words = List.copyOf(words);
    }

    static Tool of(String name, Duration limit, String... words) {
        return new Tool(name, List.of(words), limit, false);
    }

    /** The same, beside others and not in their way. */
    Tool givingWay() {
        return new Tool(name, words, limit, true);
    }

    /** A run of it that is under way. */
    final class Run {
        private final Process process;
        private final Path json;
        private final Path log;
        private final long begun = System.nanoTime();

        private Run(Process process, Path json, Path log) {
            this.process = process;
            this.json = json;
            this.log = log;
        }

        /** Waits for its end. */
        Report report() throws IOException, InterruptedException {
            long left = limit.toNanos() - (System.nanoTime() - begun);
            if (!process.waitFor(left, TimeUnit.NANOSECONDS)) {
                // it cleans up after itself when it is asked to end
                process.destroy();
                if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
                return failed("not done within " + limit.toSeconds() + " s");
            }
            int code = process.exitValue();
            if (!Files.exists(json)) {
                return failed("ended with " + code + " and said nothing");
            }
            Report report = Report.read(json);
            return code == 0 || !report.passed() ? report : report.plus(failed("ended with " + code));
        }

        private Report failed(String why) {
            Report.Case failed = new Report.Case(name, Report.Result.FAILED, why + ", see " + log);
            return Report.of(List.of(failed));
        }
    }

    /**
     * Starts it.
     *
     * @param module where {@code bin/} is
     * @param results a directory for what it says
     * @param number tells it from other runs of the same name
     */
    Run start(Path module, Path results, int number) throws IOException {
        Path json = results.resolve(name + "-" + number + ".json");
        Path log = results.resolve(name + "-" + number + ".log");
        Files.deleteIfExists(json);
        List<String> command = new ArrayList<>(givesWay ? NICE : List.of());
        command.add(module.resolve("bin").resolve(words.get(0)).toString());
        command.addAll(words.subList(1, words.size()));
        command.addAll(List.of("--json", json.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("QUORATE_TEST_CLASS_PATH", System.getProperty("java.class.path"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return new Run(builder.start(), json, log);
    }
}
