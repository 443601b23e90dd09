package io.quorate.jepsen.real.check;

import io.quorate.jepsen.real.check.WatchEvent.Changes;
import io.quorate.jepsen.real.check.WatchEvent.Opened;
import io.quorate.jepsen.real.check.WatchEvent.Progress;
import io.quorate.jepsen.real.check.WatchEvent.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Watches of one history, at whatever servers: each tells every revision of its range once, whole and in order, also over the
 * ends of streams; they agree on what each revision changed; a snapshot is what the changes before it come to; what was
 * acknowledged is there; and nothing is told before somebody asked for it. A watcher is judged by what the others and the
 * writers know, so that a change that nobody was told of is missed only when nobody acknowledged it either.
 */
public final class WatchChecker {
    private static final String EVENTS = "events/";

    private final Violations violations = new Violations();
    private final List<Range> ranges = new ArrayList<>();
    private final TreeMap<Long, Told> told = new TreeMap<>();
    private final List<Seen> snapshots = new ArrayList<>();

    /** A watcher was told all after {@code from} up to {@code to}. */
    private record Range(String watcher, long from, long to) {
        boolean has(long revision) {
            return from < revision && revision <= to;
        }
    }

    /** What was told of one revision, and who was told it. */
    private record Told(SortedMap<String, String> objects, List<String> watchers) {}

    private record Seen(String watcher, Snapshot snapshot) {}

    private WatchChecker() {}

    /** Says what is wrong; nothing when all is well. */
    public static List<String> check(Map<String, List<WatchEvent>> watchers, List<Write> writes) {
        WatchChecker checker = new WatchChecker();
        watchers.forEach(checker::follow);
        checker.requireNoGaps();
        checker.requireWrites(writes);
        NavigableMap<Long, Long> asked = asked(writes);
        watchers.forEach((watcher, events) -> checker.requireNoFuture(watcher, events, asked));
        checker.requireSnapshots();
        return checker.violations.list();
    }

    private void follow(String watcher, List<WatchEvent> events) {
        long from = -1;
        long at = -1;
        for (WatchEvent event : events) {
            if (event instanceof Opened opened) {
                if (opened.after() >= 0 && opened.after() != at) {
                    violations.add(watcher + " resumed after " + opened.after() + ", but it was at " + at);
                }
            } else if (event instanceof Snapshot snapshot) {
                close(watcher, from, at);
                from = snapshot.revision();
                at = from;
                snapshots.add(new Seen(watcher, snapshot));
            } else if (event instanceof Changes changes) {
                if (changes.revision() <= at) {
                    violations.add(watcher + (changes.revision() == at ? " was told twice of " : " went back to ")
                            + changes.revision() + ", was at " + at);
                } else {
                    tell(watcher, changes);
                    at = changes.revision();
                }
            } else if (event instanceof Progress progress) {
                if (progress.revision() < at) {
                    violations.add(watcher + " went back to " + progress.revision() + ", was at " + at);
                }
                at = Math.max(at, progress.revision());
            }
        }
        close(watcher, from, at);
    }

    private void close(String watcher, long from, long to) {
        if (from >= 0) {
            ranges.add(new Range(watcher, from, to));
        }
    }

    private void tell(String watcher, Changes changes) {
        Told known =
                told.computeIfAbsent(changes.revision(), revision -> new Told(changes.objects(), new ArrayList<>()));
        if (!known.objects().equals(changes.objects())) {
            violations.add("revision " + changes.revision() + " is not the same for all: " + watcher + " was told "
                    + changes.objects() + ", " + known.watchers() + " " + known.objects());
        }
        known.watchers().add(watcher);
    }

    private void requireNoGaps() {
        told.forEach((revision, what) -> {
            for (Range range : ranges) {
                if (range.has(revision) && !what.watchers().contains(range.watcher())) {
                    violations.add(range.watcher() + " was not told of " + revision + ", " + what.watchers() + " was");
                }
            }
        });
    }

    private void requireWrites(List<Write> writes) {
        for (Write write : writes) {
            Told what = told.get(write.revision());
            boolean covered = ranges.stream().anyMatch(range -> range.has(write.revision()));
            if (covered && (what == null || !what.objects().containsKey(write.object()))) {
                violations.add("nobody was told of " + write);
            }
        }
    }

    /** The latest time at which something was asked for that took effect at a revision or before it. */
    private static NavigableMap<Long, Long> asked(List<Write> writes) {
        List<Write> sorted = new ArrayList<>(writes);
        sorted.sort(Comparator.comparingLong(Write::revision));
        TreeMap<Long, Long> asked = new TreeMap<>();
        long latest = Long.MIN_VALUE;
        for (Write write : sorted) {
            latest = Math.max(latest, write.invokedNanos());
            asked.put(write.revision(), latest);
        }
        return asked;
    }

    private void requireNoFuture(String watcher, List<WatchEvent> events, NavigableMap<Long, Long> asked) {
        for (WatchEvent event : events) {
            long revision = event instanceof Changes changes
                    ? changes.revision()
                    : event instanceof Progress progress
                            ? progress.revision()
                            : event instanceof Snapshot snapshot ? snapshot.revision() : -1;
            Map.Entry<Long, Long> newest = asked.floorEntry(revision);
            if (newest != null && newest.getValue() > event.nanos()) {
                violations.add(
                        watcher + " was at " + revision + " before the write of " + newest.getKey() + " was asked for");
            }
        }
    }

    /** Only where all is known between a snapshot and the one before it: some watcher was told all of that. */
    private void requireSnapshots() {
        snapshots.sort(Comparator.comparingLong(seen -> seen.snapshot().revision()));
        for (int i = 1; i < snapshots.size(); i++) {
            Snapshot before = snapshots.get(i - 1).snapshot();
            Seen seen = snapshots.get(i);
            Snapshot after = seen.snapshot();
            boolean known = ranges.stream()
                    .anyMatch(range -> range.from() <= before.revision() && after.revision() <= range.to());
            if (!known) {
                continue;
            }
            SortedMap<String, String> folded = kept(before.objects());
            told.subMap(before.revision(), false, after.revision(), true)
                    .values()
                    .forEach(what -> what.objects().forEach((object, digest) -> {
                        if (digest.equals(WatchEvent.DELETED)) {
                            folded.remove(object);
                        } else if (!object.startsWith(EVENTS)) {
                            folded.put(object, digest);
                        }
                    }));
            SortedMap<String, String> shown = kept(after.objects());
            if (!folded.equals(shown)) {
                violations.add("the snapshot of " + seen.watcher() + " at " + after.revision()
                        + " is not what the changes since " + before.revision() + " come to: "
                        + difference(folded, shown));
            }
        }
    }

    /** Events pass, and are no objects. */
    private static SortedMap<String, String> kept(SortedMap<String, String> objects) {
        TreeMap<String, String> kept = new TreeMap<>(objects);
        kept.keySet().removeIf(object -> object.startsWith(EVENTS));
        return kept;
    }

    private static List<String> difference(Map<String, String> folded, Map<String, String> shown) {
        TreeMap<String, String> all = new TreeMap<>(folded);
        all.putAll(shown);
        return all.keySet().stream()
                .filter(object -> !String.valueOf(folded.get(object)).equals(String.valueOf(shown.get(object))))
                .map(object -> object + " " + folded.get(object) + " -> " + shown.get(object))
                .toList();
    }
}
