package io.quorate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.ClientContexts;
import io.quorate.client.cli.Cli;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.Terminal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A command in a message, a help text or a page is one that the command line takes: nobody is sent to a usage error. */
class CommandsInTextsTest {
    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES =
            List.of("statemachine", "client", "server", "jepsen-style-tests", "bench");

    /** Sentences that begin as a command does. */
    private static final Set<String> PROSE = Set.of("runs only what is defined", "help lists the verbs");

    private static final Pattern COMMAND = Pattern.compile("(?<![\\w/.-])(?:\\./)?quorate ([a-z][^\\n`]*)");
    private static final Pattern END =
            Pattern.compile(" · |  |[,;)|#?]| \\(|: |:$|\\. |\\.$| > | and | or | then |\\(");
    private static final Pattern QUOTED = Pattern.compile("\"[^\"\\n]*\"");
    private static final Pattern PLACEHOLDER = Pattern.compile(".*(%s|[A-Z]{2,}|X|…).*");

    private final StringWriter said = new StringWriter();
    private final Cli cli = Main.cli(new CliContext(
            new PrintWriter(said, true),
            new PrintWriter(said, true),
            new ByteArrayInputStream(new byte[0]),
            Terminal.ofSystem(),
            Map.of(),
            new ClientContexts(Map.of(), List.of()),
            ROOT,
            () -> 0,
            ZoneOffset.UTC,
            action -> () -> {}));

    @Test
    void everyCommandInATextIsOneThatTheCommandLineTakes() throws IOException {
        Map<String, String> wrong = new TreeMap<>();
        List<String> all = new ArrayList<>();
        for (Path file : files()) {
            for (String text : texts(file)) {
                for (String command : commands(text)) {
                    all.add(command);
                    mistake(command).ifPresent(why -> wrong.put(file + ": quorate " + command, why));
                }
            }
        }
        assertThat(all).hasSizeGreaterThan(150);
        assertThat(all).contains("fence confirm NODE", "help recover", "member token", "get resources");
        assertThat(wrong).isEmpty();
    }

    @Test
    void whatTheCommandLineDoesNotTakeIsFound() {
        assertThat(mistake("upgrade status")).isPresent();
        assertThat(mistake("pin web")).hasValueSatisfying(why -> assertThat(why).contains("--to"));
        assertThat(mistake("status --exit-cod")).isPresent();
        assertThat(mistake("help nothing")).isPresent();
        assertThat(mistake("fence confirm NODE")).isEmpty();
        assertThat(javaTexts("f(\"see quorate get \" + name(\"x\") + \" -o yaml\");"))
                .containsExactly("see quorate get X", "x", "X -o yaml");
        assertThat(javaTexts("f(\"see quorate get \" + unit.key() + \" -o \" + \"yaml\"); // \"none\""))
                .containsExactly("see quorate get X -o yaml");
        assertThat(commands("so: quorate get web -o yaml, then quorate node forget n1."))
                .containsExactly("get web -o yaml", "node forget n1");
    }

    /** Also of words that are a verb and a group: "dev" and "dev kill". */
    @Test
    void theShellIsToldOfTheVerbsOfAllModules() {
        assertThat(cli.completionScript()).contains("member_token", "dev_kill", "dev_heal", "--port-base");
    }

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        for (String place : MODULES) {
            files.addAll(below(ROOT.resolve(place).resolve("src/main"), ".java", ".txt"));
        }
        files.addAll(below(ROOT.resolve("docs"), ".md"));
        files.addAll(below(ROOT.resolve("examples"), ".yaml", ".md"));
        return files;
    }

    private static List<Path> below(Path directory, String... endings) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> Arrays.stream(endings).anyMatch(file.toString()::endsWith))
                    .toList();
        }
    }

    private static List<String> texts(Path file) throws IOException {
        String text = Files.readString(file);
        if (file.toString().endsWith(".java")) {
            return javaTexts(text);
        }
        if (!file.toString().endsWith(".md")) {
            return List.of(text);
        }
        // in prose only what is set as code is a command
        List<String> code = new ArrayList<>(Pattern.compile("`([^`]+)`")
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .toList());
        text.lines().filter(line -> line.startsWith("    ")).forEach(code::add);
        return List.copyOf(code);
    }

    /** The texts of a source: literals with what is between two of them as one word. */
    private static List<String> javaTexts(String source) {
        List<String> texts = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        StringBuilder code = new StringBuilder();
        int at = 0;
        while (at < source.length()) {
            int next = endOfToken(source, at);
            String token = source.substring(at, next);
            if (token.startsWith("\"")) {
                String between = code.toString().strip();
                boolean sum = isSummand(between);
                if (!text.isEmpty() && !sum) {
                    texts.add(text + (between.startsWith("+") ? "X" : ""));
                    text.setLength(0);
                }
                boolean joined = between.equals("+");
                text.append((text.isEmpty() && !between.endsWith("+")) || joined ? "" : "X")
                        .append(content(token));
                code.setLength(0);
            } else if (!token.startsWith("//") && !token.startsWith("/*")) {
                code.append(token.length() > 1 ? "'" : token);
            }
            at = next;
        }
        if (!text.isEmpty()) {
            texts.add(text + (code.toString().strip().startsWith("+") ? "X" : ""));
        }
        return texts;
    }

    /** Whether what stands between two literals only adds a value: {@code + unit.name() +}. */
    private static boolean isSummand(String between) {
        int depth = 0;
        for (int i = 0; i < between.length(); i++) {
            char c = between.charAt(i);
            depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
            if (depth < 0 || c == ';' || (c == ',' && depth == 0)) {
                return false;
            }
        }
        return depth == 0 && between.startsWith("+") && between.endsWith("+");
    }

    private static int endOfToken(String source, int at) {
        if (source.startsWith("//", at)) {
            return indexOr(source.indexOf('\n', at), source);
        }
        if (source.startsWith("/*", at)) {
            return indexOr(source.indexOf("*/", at) + 2, source);
        }
        String quote = source.startsWith("\"\"\"", at)
                ? "\"\"\""
                : source.charAt(at) == '"' || source.charAt(at) == '\'' ? source.substring(at, at + 1) : "";
        if (quote.isEmpty()) {
            return at + 1;
        }
        int end = at + quote.length();
        while (end < source.length() && !source.startsWith(quote, end)) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        return Math.min(source.length(), end + quote.length());
    }

    private static int indexOr(int index, String source) {
        return index < 2 ? source.length() : index;
    }

    private static String content(String literal) {
        int quotes = literal.startsWith("\"\"\"") ? 3 : 1;
        return literal.substring(quotes, literal.length() - quotes)
                .replace("\\n", "\n")
                .replace("%n", "\n")
                .replace("\\\"", "\"");
    }

    /** What follows "quorate" in a text, each to its end. */
    private static List<String> commands(String text) {
        List<String> commands = new ArrayList<>();
        Matcher matcher = COMMAND.matcher(QUOTED.matcher(text).replaceAll("TEXT"));
        int from = 0;
        while (matcher.find(from)) {
            Matcher end = END.matcher(matcher.group(1));
            int length = end.find() ? end.start() : matcher.group(1).length();
            String command = matcher.group(1).substring(0, length).strip();
            commands.add(command);
            from = matcher.start(1) + length;
        }
        return commands;
    }

    /** Why the command line would not take it; a verb alone only names it. */
    private Optional<String> mistake(String command) {
        List<String> words = List.of(command.split(" +", -1));
        if (PROSE.contains(command)) {
            return Optional.empty();
        }
        if (words.get(0).equals("help") && !words.contains("X")) {
            said.getBuffer().setLength(0);
            return cli.run(words.toArray(String[]::new)) == ExitCodes.OK
                    ? Optional.empty()
                    : Optional.of(said.toString());
        }
        CommandLine model = cli.model();
        int verb = 0;
        CommandLine place = model;
        while (verb < words.size() && place.getSubcommands().containsKey(words.get(verb))) {
            place = place.getSubcommands().get(words.get(verb++));
        }
        if (verb == words.size() || words.get(0).equals("help")) {
            return Optional.empty();
        }
        if (verb == 0 || (verb == 1 && place.getCommand() instanceof CommandLine.Model.CommandSpec)) {
            return Optional.of("no such verb");
        }
        try {
            CommandLine.ParseResult unused = model.parseArgs(words.toArray(String[]::new));
            return Optional.empty();
        } catch (CommandLine.ParameterException e) {
            boolean onlyItsValue = String.valueOf(e.getMessage()).startsWith("Invalid value")
                    && words.stream().anyMatch(word -> PLACEHOLDER.matcher(word).matches());
            return onlyItsValue ? Optional.empty() : Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
