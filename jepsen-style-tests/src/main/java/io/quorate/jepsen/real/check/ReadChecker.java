package io.quorate.jepsen.real.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A revision names one state. So all reads of one register, fresh, stale or of the past, must fit together by the revision
 * that answered: the register's own revision never falls along it and is never above it, one revision has one value, every
 * acknowledged write is seen from its revision on, a read is never older than it was told to be, and nothing is seen before
 * somebody asked for it.
 */
public final class ReadChecker {
    private final Violations violations = new Violations();
    /** When somebody asked for a value, by the value; each is written once. */
    private final Map<String, Long> invoked;

    private ReadChecker(Map<String, Long> invoked) {
        this.invoked = invoked;
    }

    /**
     * Says what is wrong; nothing when all is well.
     *
     * @param invoked when each value was first asked for, also when nobody knows what became of it
     */
    public static List<String> check(List<Read> reads, List<Write> writes, Map<String, Long> invoked) {
        ReadChecker checker = new ReadChecker(invoked);
        Map<String, TreeMap<Long, Write>> written = new HashMap<>();
        for (Write write : writes) {
            Write other =
                    written.computeIfAbsent(write.key(), key -> new TreeMap<>()).put(write.revision(), write);
            if (other != null) {
                checker.violations.add("two writes took effect at one revision: " + other + " and " + write);
            }
        }
        Map<String, List<Read>> byKey = new HashMap<>();
        reads.forEach(read ->
                byKey.computeIfAbsent(read.key(), key -> new ArrayList<>()).add(read));
        byKey.forEach((key, all) -> {
            all.sort(Comparator.comparingLong(Read::served).thenComparingLong(Read::revision));
            checker.register(all, written.getOrDefault(key, new TreeMap<>()));
        });
        return checker.violations.list();
    }

    private void register(List<Read> reads, NavigableMap<Long, Write> writes) {
        Map<Long, Read> byRevision = new HashMap<>();
        Read before = null;
        for (Read read : reads) {
            alone(read);
            if (before != null && read.revision() < before.revision()) {
                violations.add("a later state has an older value: " + before + ", then " + read);
            }
            Map.Entry<Long, Write> newest = writes.floorEntry(read.served());
            if (newest != null && newest.getKey() > read.revision()) {
                violations.add("a write is not there: " + newest.getValue() + ", " + read);
            }
            Read same = byRevision.putIfAbsent(read.revision(), read);
            Write source = writes.get(read.revision());
            if ((same != null && !same.value().equals(read.value()))
                    || (source != null && !source.value().equals(read.value()))) {
                violations.add("one revision with two values: " + read + ", " + (source == null ? same : source));
            }
            before = read;
        }
    }

    private void alone(Read read) {
        if (read.revision() > read.served()) {
            violations.add("the value is newer than the state that has it: " + read);
        }
        if (read.served() < read.wanted()) {
            violations.add("older than it was asked for: " + read);
        }
        if (read.revision() > 0) {
            Long asked = invoked.get(read.value());
            if (asked == null || asked - read.returnedNanos() > 0) {
                violations.add("nobody had asked for this value yet: " + read);
            }
        }
    }
}
