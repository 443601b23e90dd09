package io.quorate.statemachine.placement;

import org.jspecify.annotations.Nullable;

/**
 * What is done with one part of something that consists of several: a bundle's replica of its container, perhaps an address,
 * the connection to its inside and what runs there; a guest of what it is and the connection to it.
 *
 * @param from where it is active; null: nowhere
 * @param to where it will be; null: nowhere
 * @param inner it runs inside, and is what is promoted
 */
record Part(
        String id,
        @Nullable String from,
        @Nullable String to,
        Role before,
        Role after,
        boolean failed,
        boolean stop,
        boolean start,
        boolean inner) {
    boolean promotes() {
        return inner && after == Role.PROMOTED && (before != Role.PROMOTED || start);
    }

    boolean demotes() {
        return inner && before == Role.PROMOTED && (after != Role.PROMOTED || stop);
    }

    boolean isAny() {
        return stop || start || promotes() || demotes();
    }
}
