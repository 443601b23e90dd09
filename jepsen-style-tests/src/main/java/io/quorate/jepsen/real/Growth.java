package io.quorate.jepsen.real;

import io.quorate.e2e.lab.Daemon;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** How much each process of the cluster holds, and how that grows while it lives. */
final class Growth {
    private static final long MOST_RESIDENT_MIB = 600;
    private static final long MOST_MORE_THREADS = 60;
    private static final long MOST_MORE_FILES = 200;
    private static final long MOST_DISK_MIB = 300;
    private static final double MIB = 1 << 20;

    private final Lab lab;
    private final Map<Long, Sample> first = new LinkedHashMap<>();
    private final Map<String, Sample> last = new LinkedHashMap<>();
    private final List<String> violations = new ArrayList<>();

    private record Sample(String who, long pid, long residentMib, long threads, long files, int number) {}

    Growth(Lab lab) {
        this.lab = lab;
    }

    /** Looks at everything that runs. */
    void sample(int number) {
        for (Host host : lab.hosts()) {
            for (String service : host.enabled()) {
                Optional<Sample> found = host.daemon(service).flatMap(daemon -> sample(host, service, daemon, number));
                found.ifPresent(this::judge);
            }
            long disk = disk(host);
            if (disk > MOST_DISK_MIB) {
                violations.add("the disk of " + host.name() + " holds " + disk + " MiB");
            }
        }
    }

    private static Optional<Sample> sample(Host host, String service, Daemon daemon, int number) {
        try {
            long pid = daemon.pid();
            Path process = Path.of("/proc", Long.toString(pid));
            Map<String, Long> status = new LinkedHashMap<>();
            for (String line : Files.readAllLines(process.resolve("status"))) {
                String[] words = line.split("[:\\s]+", 3);
                if (words[0].equals("VmRSS") || words[0].equals("Threads")) {
                    status.put(words[0], Long.parseLong(words[1]));
                }
            }
            try (Stream<Path> files = Files.list(process.resolve("fd"))) {
                return Optional.of(new Sample(
                        host.name() + "/" + service,
                        pid,
                        status.getOrDefault("VmRSS", 0L) >> 10,
                        status.getOrDefault("Threads", 0L),
                        files.count(),
                        number));
            }
        } catch (IOException | LabException e) {
            // it ended in this moment
            return Optional.empty();
        }
    }

    private void judge(Sample sample) {
        Sample begin = first.putIfAbsent(sample.pid(), sample);
        last.put(sample.who(), sample);
        if (sample.residentMib() > MOST_RESIDENT_MIB) {
            violations.add(sample.who() + " holds " + sample.residentMib() + " MiB");
        }
        if (begin != null && sample.threads() - begin.threads() > MOST_MORE_THREADS) {
            violations.add(sample.who() + " has " + sample.threads() + " threads, first " + begin.threads());
        }
        if (begin != null && sample.files() - begin.files() > MOST_MORE_FILES) {
            violations.add(sample.who() + " has " + sample.files() + " open files, first " + begin.files());
        }
    }

    private static long disk(Host host) {
        try (Stream<Path> files = Files.walk(host.var())) {
            long bytes = 0;
            for (Path file : files.toList()) {
                bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
            }
            return Math.round(bytes / MIB);
        } catch (IOException | UncheckedIOException e) {
            // a file went away meanwhile
            return 0;
        }
    }

    /** What is too much, since the last call. */
    List<String> violations() {
        List<String> all = List.copyOf(violations);
        violations.clear();
        return all;
    }

    /** A line for each process that runs: what it held first and what it holds. */
    List<String> describe() {
        List<String> lines = new ArrayList<>();
        for (Sample now : last.values()) {
            Sample then = first.getOrDefault(now.pid(), now);
            lines.add(String.format(
                    Locale.ROOT,
                    "%-10s runs %d to %d: %d -> %d MiB, %d -> %d threads, %d -> %d open files",
                    now.who(),
                    then.number(),
                    now.number(),
                    then.residentMib(),
                    now.residentMib(),
                    then.threads(),
                    now.threads(),
                    then.files(),
                    now.files()));
        }
        for (Host host : lab.hosts()) {
            lines.add(host.name() + "'s disk: " + disk(host) + " MiB");
        }
        return lines;
    }
}
