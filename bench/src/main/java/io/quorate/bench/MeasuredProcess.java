package io.quorate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a process took that was run to its end.
 *
 * @param cpuSeconds of the process and those it waited for, user and system
 * @param residentMiB the most memory that it had at once
 */
record MeasuredProcess(double cpuSeconds, double wallSeconds, double residentMiB) {
    /** What a process takes after the last look at it is not seen. */
    private static final long LOOK_EVERY_MILLIS = 10;

    /** Runs a command; its output goes to a file. Throws IllegalStateException when it fails. */
    static MeasuredProcess run(List<String> command, Map<String, String> environment, Path log)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        long since = System.nanoTime();
        Process process = builder.start();
        process.getOutputStream().close();
        double cpu = 0;
        double resident = 0;
        try {
            while (!process.waitFor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
                try {
                    cpu = Math.max(cpu, MachineLoad.ofProcessesAndTheirChildren(List.of(process.pid())));
                    resident = Math.max(resident, MachineLoad.mostResidentMiB(process.pid()));
                } catch (IllegalStateException e) {
                    // It ended between two looks; what was seen before counts.
                }
            }
        } finally {
            process.destroyForcibly();
        }
        double wall = (System.nanoTime() - since) / 1e9;
        if (process.exitValue() != 0) {
            String said = Files.readString(log);
            throw new IllegalStateException(String.join(" ", command) + " ended with " + process.exitValue() + ": "
                    + said.substring(0, Math.min(500, said.length())));
        }
        return new MeasuredProcess(cpu, wall, resident);
    }
}
