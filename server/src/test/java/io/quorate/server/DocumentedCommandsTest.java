package io.quorate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.ClientContexts;
import io.quorate.client.cli.Cli;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.Terminal;
import io.quorate.client.cli.VerbEntry;
import io.quorate.server.agent.AgentCommand;
import io.quorate.server.dev.DevVerbs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command that README and the operator's guide tell people to type has a verb, and every option of it exists. */
class DocumentedCommandsTest {
    private static final Pattern PROMPTED =
            Pattern.compile("^(?:[a-z0-9]*# |\\s+\\./)(quorate .+?)(?:\\s+# .*)?$", Pattern.MULTILINE);
    private static final Pattern INLINE = Pattern.compile("`(quorate [^`]+)`");
    private static final Pattern SERVICE = Pattern.compile("^ExecStart=/\\S+/(quorate .+)$", Pattern.MULTILINE);
    private static final Pattern OPTION = Pattern.compile("(?<=\\s)(--[a-z-]+|-[a-z])(?=\\s|$)");

    private final StringWriter out = new StringWriter();

    private static TreeSet<String> commands(String text) {
        TreeSet<String> commands = new TreeSet<>();
        for (Pattern pattern : List.of(PROMPTED, INLINE, SERVICE)) {
            Matcher matcher = pattern.matcher(text);
            while (matcher.find()) {
                commands.add(matcher.group(1).replace('\n', ' '));
            }
        }
        return commands;
    }

    private int run(String... words) {
        PrintWriter writer = new PrintWriter(out, true);
        CliContext context = new CliContext(
                writer,
                writer,
                new ByteArrayInputStream(new byte[0]),
                Terminal.ofSystem(),
                Map.of(),
                new ClientContexts(Map.of(), List.of()),
                Path.of("."),
                System::currentTimeMillis,
                ZoneOffset.UTC,
                action -> () -> {});
        Cli cli = Cli.create(context);
        cli.add(new VerbEntry("agent", "", world -> new AgentCommand()));
        Stream.concat(ServerVerbs.all().stream(), DevVerbs.all().stream()).forEach(cli::add);
        return cli.run(words);
    }

    /** What `--help` says of the command, or the topic of `quorate help`. */
    private String help(String command) {
        List<String> words = new ArrayList<>();
        for (String word : List.of(command.split("\\s+"))) {
            if (word.startsWith("-")) {
                break;
            }
            words.add(word);
        }
        words.remove(0);
        if (words.isEmpty() || !words.get(0).equals("help")) {
            words.add("--help");
        }
        out.getBuffer().setLength(0);
        assertThat(run(words.toArray(String[]::new)))
                .describedAs(command + "\n" + out)
                .isEqualTo(ExitCodes.OK);
        return out.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../README.md", "../docs/operators-guide.md"})
    void everyDocumentedCommandExists(String file) throws IOException {
        TreeSet<String> commands = commands(Files.readString(Path.of(file)));
        assertThat(commands).hasSizeGreaterThan(8);
        for (String command : commands) {
            String help = help(command);
            Matcher options = OPTION.matcher(command);
            while (options.find()) {
                assertThat(help)
                        .describedAs(command)
                        .containsPattern("(?:^|[\\s,\\[])" + options.group(1) + "(?=[\\s,=\\]])");
            }
        }
    }
}
