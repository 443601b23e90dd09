package io.quorate.jepsen.real.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.jepsen.real.check.WatchEvent.Changes;
import io.quorate.jepsen.real.check.WatchEvent.Opened;
import io.quorate.jepsen.real.check.WatchEvent.Progress;
import io.quorate.jepsen.real.check.WatchEvent.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class WatchCheckerTest {
    private static final List<WatchEvent> WHOLE =
            List.of(opened(-1), snapshot(3, "a=1"), changes(4, "a=2"), changes(6, "a=3", "b=1"), progress(7));

    @Test
    void watchersThatAgreeAreWell() {
        List<WatchEvent> resumed = List.of(
                opened(-1),
                snapshot(3, "a=1"),
                changes(4, "a=2"),
                opened(4),
                progress(4),
                changes(6, "a=3", "b=1"),
                opened(6),
                progress(7));
        List<WatchEvent> late = List.of(opened(-1), snapshot(6, "a=3", "b=1"), progress(7));
        assertThat(check(Map.of("one", WHOLE, "resumed", resumed, "late", late), write("a", 4, 0)))
                .isEmpty();
    }

    @Test
    void whatOthersWereToldOfMustNotBeLeftOut() {
        List<WatchEvent> gap = List.of(opened(-1), snapshot(3, "a=1"), changes(6, "a=3", "b=1"));
        assertThat(check(Map.of("one", WHOLE, "gap", gap)))
                .singleElement()
                .asString()
                .contains("gap was not told of 4");
    }

    @Test
    void aGapOverTheEndOfAStreamCountsToo() {
        List<WatchEvent> gap =
                List.of(opened(-1), snapshot(3, "a=1"), opened(3), progress(5), changes(6, "a=3", "b=1"));
        assertThat(check(Map.of("one", WHOLE, "gap", gap)))
                .singleElement()
                .asString()
                .contains("gap was not told of 4");
    }

    @Test
    void nothingIsToldTwiceOrOutOfOrder() {
        List<WatchEvent> twice = List.of(opened(-1), snapshot(3), changes(4, "a=2"), changes(4, "a=2"));
        List<WatchEvent> back = List.of(opened(-1), snapshot(3), changes(5, "a=2"), changes(4, "a=2"));
        List<WatchEvent> again = List.of(opened(-1), snapshot(3), changes(4, "a=2"), opened(4), changes(4, "a=2"));
        assertThat(check(Map.of("w", twice))).singleElement().asString().contains("told twice of 4");
        assertThat(check(Map.of("w", back))).singleElement().asString().contains("went back to 4");
        assertThat(check(Map.of("w", again))).singleElement().asString().contains("told twice of 4");
    }

    @Test
    void progressDoesNotGoBack() {
        assertThat(check(Map.of("w", List.of(opened(-1), snapshot(3), progress(2)))))
                .singleElement()
                .asString()
                .contains("went back to 2");
    }

    @Test
    void aRevisionIsTheSameAndWholeForAll() {
        List<WatchEvent> half = List.of(opened(-1), snapshot(3, "a=1"), changes(4, "a=2"), changes(6, "b=1"));
        assertThat(check(Map.of("one", WHOLE, "half", half)))
                .singleElement()
                .asString()
                .contains("revision 6 is not the same for all");
    }

    @Test
    void whatWasAcknowledgedIsThere() {
        assertThat(check(Map.of("one", WHOLE), write("a", 5, 0)))
                .singleElement()
                .asString()
                .contains("nobody was told of");
        assertThat(check(Map.of("one", WHOLE), write("c", 4, 0)))
                .singleElement()
                .asString()
                .contains("nobody was told of");
        // outside of what was watched
        assertThat(check(Map.of("one", WHOLE), write("a", 2, 0), write("a", 9, 0)))
                .isEmpty();
    }

    @Test
    void nothingIsToldBeforeItWasAskedFor() {
        assertThat(check(Map.of("one", WHOLE), write("a", 4, 5)))
                .singleElement()
                .asString()
                .contains("before the write of 4 was asked for");
        assertThat(check(Map.of("one", WHOLE), write("a", 4, 4))).isEmpty();
    }

    @Test
    void aSnapshotIsWhatTheChangesComeTo() {
        List<WatchEvent> wrong = List.of(opened(-1), snapshot(6, "a=2", "b=1"));
        List<WatchEvent> missing = List.of(opened(-1), snapshot(6, "a=3"));
        assertThat(check(Map.of("one", WHOLE, "late", wrong)))
                .singleElement()
                .asString()
                .contains("a 3 -> 2");
        assertThat(check(Map.of("one", WHOLE, "late", missing)))
                .singleElement()
                .asString()
                .contains("b 1 -> null");
    }

    @Test
    void deletedObjectsAndEventsAreNotInSnapshots() {
        List<WatchEvent> deleting = List.of(
                opened(-1),
                snapshot(3, "a=1", "b=1"),
                changes(4, "b=" + WatchEvent.DELETED, "events/1=x"),
                progress(4));
        List<WatchEvent> late = List.of(opened(-1), snapshot(4, "a=1", "events/1=x"));
        assertThat(check(Map.of("one", deleting, "late", late))).isEmpty();
    }

    @Test
    void aStreamGoesOnWhereItsWatcherWas() {
        assertThat(check(Map.of("w", List.of(opened(-1), snapshot(3), opened(2)))))
                .singleElement()
                .asString()
                .contains("resumed after 2, but it was at 3");
    }

    private static List<String> check(Map<String, List<WatchEvent>> watchers, Write... writes) {
        return WatchChecker.check(new TreeMap<>(watchers), List.of(writes));
    }

    private static Write write(String object, long revision, long invokedNanos) {
        return new Write(object, "key", revision, "value", invokedNanos);
    }

    private static Opened opened(long after) {
        return new Opened(0, "n1", after);
    }

    private static Snapshot snapshot(long revision, String... objects) {
        return new Snapshot(revision, revision, objects(objects));
    }

    /** Seen at a time that equals its revision. */
    private static Changes changes(long revision, String... objects) {
        return new Changes(revision, revision, objects(objects));
    }

    private static Progress progress(long revision) {
        return new Progress(revision, revision);
    }

    private static SortedMap<String, String> objects(String... pairs) {
        TreeMap<String, String> objects = new TreeMap<>();
        for (String pair : pairs) {
            String[] parts = pair.split("=", 2);
            objects.put(parts[0], parts[1]);
        }
        return objects;
    }
}
