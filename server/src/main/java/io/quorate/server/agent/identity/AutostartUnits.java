package io.quorate.server.agent.identity;

import io.quorate.server.agent.exec.ProcessResult;
import io.quorate.server.agent.exec.ProcessRunner;
import io.quorate.server.agent.exec.ProcessSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Services that this machine starts at boot by itself: an exclusive resource must not be one of them (NoAutostart). */
public final class AutostartUnits {
    private static final Path SYSTEMD_RUNS = Path.of("/run/systemd/system");
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private AutostartUnits() {}

    /** Names of enabled services; empty where systemd does not run. */
    public static List<String> list(ProcessRunner runner, Path scratch) throws InterruptedException {
        if (!Files.isDirectory(SYSTEMD_RUNS)) {
            return List.of();
        }
        List<String> argv = List.of(
                "systemctl", "list-unit-files", "--type=service", "--state=enabled", "--no-legend", "--no-pager");
        try {
            Path output = Files.createTempFile(scratch, "units-", ".out");
            try {
                ProcessResult result =
                        runner.run(ProcessSpec.of(argv, Map.of(), TIMEOUT, Optional.empty(), output), started -> {});
                return result.output()
                        .lines()
                        .map(line -> line.strip().split("\\s+", 2)[0])
                        .filter(unit -> unit.endsWith(".service"))
                        .toList();
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            return List.of();
        }
    }
}
