package io.quorate.e2e.witness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The logs of those that know: the witness, which is a part of the service, and the watchers of the hosts' kernels. One run for
 * each start, from its first line to its last.
 */
public final class WitnessLog {
    private static final double NANOS_PER_MILLI = 1e6;

    private WitnessLog() {}

    /**
     * One run of the service.
     *
     * @param fromNanos first line, on the kernel's monotonic clock
     * @param toNanos last line
     * @param lines how many it wrote
     * @param stopped whether it ended because it was told to
     */
    public record Run(String host, long pid, long fromNanos, long toNanos, int lines, boolean stopped, String token) {
        Run with(long now, boolean last) {
            return new Run(host, pid, fromNanos, now, lines + 1, last, token);
        }

        /** Milliseconds during which both ran; 0 when they did not. */
        double overlapMillis(Run other) {
            long both = Math.min(toNanos, other.toNanos) - Math.max(fromNanos, other.fromNanos);
            return Math.max(0, both) / NANOS_PER_MILLI;
        }
    }

    /** Every run in the directory, in the order of their starts. */
    public static List<Run> read(Path directory) throws IOException {
        List<Run> runs = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".log")).toList()) {
                runs.addAll(parse(Files.readAllLines(file)));
            }
        }
        runs.sort(Comparator.comparingLong(Run::fromNanos));
        return runs;
    }

    /** Lines "NANOS start|beat|stop HOST PID TOKEN" of one host. */
    static List<Run> parse(List<String> lines) {
        List<Run> runs = new ArrayList<>();
        Map<Long, Integer> current = new LinkedHashMap<>();
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            if (words.length != 5) {
                throw new IllegalArgumentException("not a line of the witness: " + line);
            }
            long now = Long.parseLong(words[0]);
            long pid = Long.parseLong(words[3]);
            if (words[1].equals("start")) {
                current.put(pid, runs.size());
                runs.add(new Run(words[2], pid, now, now, 1, false, words[4]));
            } else {
                Integer index = current.get(pid);
                if (index == null) {
                    throw new IllegalArgumentException("a witness that never started: " + line);
                }
                runs.set(index, runs.get(index).with(now, words[1].equals("stop")));
            }
        }
        return runs;
    }

    /** Each token that two hosts ran under, or that fell; empty when each grant had a higher one of its own. */
    public static String grantedTwice(List<Run> runs) {
        List<String> found = new ArrayList<>();
        for (int i = 1; i < runs.size(); i++) {
            Run before = runs.get(i - 1);
            Run after = runs.get(i);
            long rise = Long.parseLong(after.token()) - Long.parseLong(before.token());
            if (rise < 0 || (rise == 0 && !before.host().equals(after.host()))) {
                found.add("token " + after.token() + " of " + after.host() + " follows " + before.token() + " of "
                        + before.host());
            }
        }
        return String.join(", ", found);
    }

    /** The longest time that two of these ran at once, in milliseconds; on one host counts too. */
    public static double overlapMillis(List<Run> runs) {
        double longest = 0;
        for (int i = 0; i < runs.size(); i++) {
            for (int j = i + 1; j < runs.size(); j++) {
                longest = Math.max(longest, runs.get(i).overlapMillis(runs.get(j)));
            }
        }
        return longest;
    }
}
