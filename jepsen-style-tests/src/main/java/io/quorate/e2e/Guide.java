package io.quorate.e2e;

import io.quorate.e2e.lab.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * docs/operators-guide.md, for whoever does what it says: its code blocks that have a name behind their language, as in
 * {@code ```console certificates}. A file's block has the file's path for a name.
 */
public final class Guide {
    private static final Pattern FENCE = Pattern.compile("```(?:[a-z]+ (\\S+))?.*");
    private static final Pattern COMMAND = Pattern.compile("([a-z][a-z0-9]*)# (.+)");
    private static final String END = "```";
    private static final String EACH = "each";

    private final Map<String, List<String>> blocks;

    /**
     * A command of the guide.
     *
     * @param host who runs it; empty for each host
     */
    record Command(Optional<String> host, String line) {}

    private Guide(Map<String, List<String>> blocks) {
        this.blocks = blocks;
    }

    public static Guide read(Path file) throws IOException {
        return parse(Files.readAllLines(file));
    }

    static Guide parse(List<String> lines) {
        Map<String, List<String>> blocks = new LinkedHashMap<>();
        Optional<List<String>> open = Optional.empty();
        for (String line : lines) {
            Matcher fence = FENCE.matcher(line);
            if (open.isEmpty() && fence.matches()) {
                List<String> block = new ArrayList<>();
                open = Optional.of(block);
                if (fence.group(1) != null && blocks.putIfAbsent(fence.group(1), block) != null) {
                    throw new LabException("the guide has two blocks named " + fence.group(1));
                }
            } else if (line.equals(END)) {
                open = Optional.empty();
            } else {
                open.ifPresent(block -> block.add(line));
            }
        }
        return new Guide(blocks);
    }

    private List<String> block(String name) {
        List<String> block = blocks.get(name);
        if (block == null) {
            throw new LabException("the operator's guide has no block named " + name);
        }
        return block;
    }

    /** The content of a file. */
    String file(String path) {
        return String.join("\n", block(path)) + "\n";
    }

    /** The commands of a console, in their order. */
    List<Command> commands(String name) {
        List<Command> commands = new ArrayList<>();
        for (String line : block(name)) {
            Matcher matcher = COMMAND.matcher(line);
            if (!matcher.matches()) {
                throw new LabException("block " + name + " of the operator's guide: no prompt in \"" + line + "\"");
            }
            String host = matcher.group(1);
            commands.add(new Command(host.equals(EACH) ? Optional.empty() : Optional.of(host), matcher.group(2)));
        }
        return commands;
    }

    /** The text with something else in the place of what the guide has as an example, which must stand there. */
    static String instead(String text, String example, String value) {
        if (!text.contains(example)) {
            throw new LabException("the operator's guide does not say \"" + example + "\" any more: " + text);
        }
        return text.replace(example, value);
    }
}
