package io.quorate.client.manifest;

import io.quorate.v1.Manifest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** An object while it is read: the message so far, and where each of its fields stands in the file. */
final class Draft {
    private final SourceMark at;
    private final Manifest.Builder manifest;
    private final Map<String, SourceMark> places = new HashMap<>();
    private final Set<String> failed = new HashSet<>();

    Draft(SourceMark at) {
        this.at = at;
        this.manifest =
                Manifest.newBuilder().setSource(at.file()).setLine(at.line()).setColumn(at.column());
    }

    /** The same object at the same places, to become another one. */
    Draft copy() {
        Draft copy = new Draft(at);
        copy.manifest.mergeFrom(manifest.build());
        copy.places.putAll(places);
        copy.failed.addAll(failed);
        return copy;
    }

    SourceMark at() {
        return at;
    }

    Manifest.Builder manifest() {
        return manifest;
    }

    void place(String path, SourceMark mark) {
        places.putIfAbsent(path, mark);
    }

    void replace(String path, SourceMark mark) {
        places.put(path, mark);
    }

    boolean hasPlace(String path) {
        return places.containsKey(path);
    }

    void fail(String path) {
        failed.add(path);
    }

    /** The place of a field; of the nearest one around it when the field itself is not written. */
    SourceMark placeOf(String path) {
        for (String p = path; !p.isEmpty(); p = parent(p)) {
            SourceMark mark = places.get(p);
            if (mark != null) {
                return mark;
            }
        }
        return at;
    }

    /** Whether the field, or one around or inside it, could not be read: what rules say about it is a consequence. */
    boolean failedAt(String path) {
        for (String p = path; ; p = parent(p)) {
            if (failed.contains(p)) {
                return true;
            }
            if (p.isEmpty()) {
                return failed.stream().anyMatch(f -> !path.isEmpty() && inside(f, path));
            }
        }
    }

    private static boolean inside(String inner, String outer) {
        return inner.startsWith(outer)
                && inner.length() > outer.length()
                && ".[".indexOf(inner.charAt(outer.length())) >= 0;
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
    }
}
