package io.quorate.jepsen.history;

import java.util.Locale;

/**
 * A line of a recorded history.
 *
 * @param line its number, 1 or more; lines are in the order of real time
 * @param client who does it
 * @param function what is asked, such as {@code read}
 * @param key the object that is asked
 * @param value that was sent or answered, empty when there is none
 */
record Event(int line, String client, Type type, String function, String key, String value) {
    enum Type {
        /** A call is sent. */
        INVOKE,
        /** It is answered. */
        OK,
        /** It had no effect, for certain. */
        FAIL,
        /** Nobody knows what became of it. */
        INFO;

        static Type of(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }
    }

    HistoryException bad(String why) {
        return new HistoryException(line, why);
    }
}
