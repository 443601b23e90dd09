package io.quorate.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The outage that a client sees when the owner of a service is lost: in the end-to-end suite's lab if possible. */
final class FailoverBench {
    private final Options options;
    private final Path dir;
    private final Report report;

    FailoverBench(Options options, Path dir, Report report) {
        this.options = options;
        this.dir = dir;
        this.report = report;
    }

    void run() throws IOException, InterruptedException {
        Optional<String> whyNot = new LabFailover(options, dir, report).run();
        if (whyNot.isPresent()) {
            System.out.println("cases a and b were left out, they need the end-to-end suite: " + whyNot.get());
            new DevFailover(options, dir, report).run();
        }
    }
}
