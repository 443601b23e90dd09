package io.quorate.jepsen.real.check;

import java.util.ArrayList;
import java.util.List;

/** What a checker found: the first ones in words, and how many there are. Not safe for use by several threads. */
final class Violations {
    private static final int KEPT = 20;

    private final List<String> kept = new ArrayList<>();
    private int count;

    void add(String what) {
        count++;
        if (kept.size() < KEPT) {
            kept.add(what);
        }
    }

    /** Empty when there is none. */
    List<String> list() {
        List<String> all = new ArrayList<>(kept);
        if (count > kept.size()) {
            all.add("and " + (count - kept.size()) + " more");
        }
        return all;
    }
}
