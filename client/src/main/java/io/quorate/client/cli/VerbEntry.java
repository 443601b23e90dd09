package io.quorate.client.cli;

import java.util.function.Function;

/**
 * A verb by name. Its object is made only when it is the one that was typed: a command line pays for one verb.
 *
 * @param name one word, or two: "node drain"
 * @param summary one line for the list of verbs
 * @param factory makes the picocli command object, a {@code Callable<Integer>}
 */
public record VerbEntry(String name, String summary, Function<CliContext, Object> factory) {
    /** The first word of a verb of two words; empty for a verb of one. */
    public String group() {
        int space = name.indexOf(' ');
        return space < 0 ? "" : name.substring(0, space);
    }

    /** The last word. */
    public String word() {
        return name.substring(name.indexOf(' ') + 1);
    }
}
