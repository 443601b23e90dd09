package io.quorate.jepsen.real.check;

import java.util.SortedMap;

/** What a watch brought. Times are of the kernel's monotonic clock; one watcher's events are in their order. */
public sealed interface WatchEvent {
    /** The digest of an object that is deleted. */
    String DELETED = "deleted";

    /** When it came. */
    long nanos();

    /** A stream was opened at a server, to go on after this revision; -1: with a snapshot. */
    record Opened(long nanos, String server, long after) implements WatchEvent {}

    /** A whole snapshot, by object. */
    record Snapshot(long nanos, long revision, SortedMap<String, String> objects) implements WatchEvent {}

    /** One message of changes: digests of the objects as they are now. */
    record Changes(long nanos, long revision, SortedMap<String, String> objects) implements WatchEvent {}

    /** Nothing has changed up to this revision beyond what was told. */
    record Progress(long nanos, long revision) implements WatchEvent {}
}
