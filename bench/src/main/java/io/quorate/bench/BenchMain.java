package io.quorate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Runs what the command line asks for; see {@code bench/README.md}. */
public final class BenchMain {
    private BenchMain() {}

    public static void main(String[] arguments) throws Exception {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(2);
            return;
        }
        System.exit(run(options));
    }

    private static int run(Options options) throws IOException, InterruptedException {
        Path dir = Files.createTempDirectory(Files.createDirectories(options.data()), "run-");
        Report report = new Report();
        System.out.println(MachineLoad.machine());
        System.out.println("data below " + dir + ", load average at the start " + MachineLoad.average());
        try {
            if (options.wants("commits") || options.wants("reads")) {
                new ThroughputBench(options, dir, report).run();
            }
            if (options.wants("failover")) {
                new FailoverBench(options, dir, report).run();
            }
            if (options.wants("footprint")) {
                new FootprintBench(options, dir, report).run();
            }
            if (options.wants("placement")) {
                new PlacementBench(options, dir, report).run();
            }
        } catch (IllegalStateException e) {
            System.err.println("error: " + e.getMessage() + "\nlogs and data are kept: " + dir);
            return 1;
        }
        delete(dir);
        System.out.println("load average at the end " + MachineLoad.average());
        if (options.json() != null) {
            Files.writeString(options.json(), report.json());
        }
        return 0;
    }

    private static void delete(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("not deleted: " + root + ": " + e.getMessage());
        }
    }
}
