package io.quorate.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** CPU time and memory of processes, and CPU time of the whole machine, from /proc. */
final class MachineLoad {
    /** Of /proc, on every architecture that Linux has for us: sysconf(_SC_CLK_TCK). */
    private static final double TICKS_PER_SECOND = 100;

    private MachineLoad() {}

    static String machine() throws IOException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
        return "machine: " + Runtime.getRuntime().availableProcessors() + " cores, " + model + ", Linux "
                + System.getProperty("os.version") + ", Java " + Runtime.version();
    }

    static String average() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).strip();
    }

    /** CPU seconds, user and system, that these processes took so far. */
    static double ofProcesses(List<Long> pids) {
        return ticks(pids, 11, 12) / TICKS_PER_SECOND;
    }

    /** The same with those of their children that have ended. */
    static double ofProcessesAndTheirChildren(List<Long> pids) {
        return ticks(pids, 11, 12, 13, 14) / TICKS_PER_SECOND;
    }

    /** Memory of these processes in MiB: what they share with others counts in parts (PSS). */
    static double pssMiB(List<Long> pids) {
        long kib = 0;
        for (long pid : pids) {
            kib += read(Path.of("/proc/" + pid + "/smaps_rollup"))
                    .lines()
                    .filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        }
        return kib / 1024.0;
    }

    /** The most memory in MiB that a process has had at once. */
    static double mostResidentMiB(long pid) {
        return read(Path.of("/proc/" + pid + "/status"))
                        .lines()
                        .filter(line -> line.startsWith("VmHWM:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                / 1024.0;
    }

    /** The sum of these fields of /proc/PID/stat, counted from the state on: 11 is utime. */
    private static double ticks(List<Long> pids, int... columns) {
        double ticks = 0;
        for (long pid : pids) {
            String stat = read(Path.of("/proc/" + pid + "/stat"));
            // The name in parentheses may hold spaces.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            for (int column : columns) {
                ticks += Long.parseLong(fields[column]);
            }
        }
        return ticks;
    }

    /** CPU seconds that everything on this machine took so far. */
    static double ofMachine() {
        String[] fields =
                read(Path.of("/proc/stat")).lines().findFirst().orElseThrow().split(" +", -1);
        long busy = 0;
        // user nice system idle iowait irq softirq
        for (int field : new int[] {1, 2, 3, 6, 7}) {
            busy += Long.parseLong(fields[field]);
        }
        return busy / TICKS_PER_SECOND;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + file + ": a server died? " + e.getMessage(), e);
        }
    }

    static String cores(double cores) {
        return String.format(Locale.ROOT, "%.2f", cores);
    }
}
