package io.quorate.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.ClientContexts;
import io.quorate.client.cli.Cli;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.Terminal;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verbs about a node of a dev cluster, without one. */
class DevNodeVerbTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"kill", "pause", "cut", "heal"})
    void withoutADevClusterItIsSaidHowToStartOne(String verb) {
        StringWriter err = new StringWriter();
        Cli cli = Cli.create(new CliContext(
                new PrintWriter(new StringWriter()),
                new PrintWriter(err, true),
                new ByteArrayInputStream(new byte[0]),
                Terminal.ofSystem(),
                Map.of(),
                new ClientContexts(Map.of(), List.of()),
                directory,
                System::currentTimeMillis,
                ZoneOffset.UTC,
                action -> () -> {}));
        DevVerbs.all().forEach(cli::add);
        int exitCode =
                cli.run("dev", verb, "n1", "--dir", directory.resolve("none").toString());
        assertThat(exitCode).isEqualTo(ExitCodes.ERROR);
        assertThat(err.toString()).startsWith("error: ").contains("quorate dev").hasLineCount(1);
        assertThat(cli.run("dev", verb)).isEqualTo(ExitCodes.USAGE);
    }
}
