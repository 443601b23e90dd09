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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verbs about a node of a dev cluster, without one. */
class DevNodeVerbTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Cli cli;

    @BeforeEach
    void verbs() {
        cli = Cli.create(new CliContext(
                new PrintWriter(out, true),
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
    }

    /** A hint that forgets which cluster it is about leads to another one. */
    @Test
    void theWayBackNamesTheSameCluster() throws Exception {
        DevLayout layout = new DevLayout(directory.resolve("here"), 8400, 1);
        Files.createDirectories(layout.dir().resolve("cuts"));
        layout.write();
        String dir = layout.dir().toString();
        assertThat(cli.run("dev", "cut", "n1", "--dir", dir)).isEqualTo(ExitCodes.OK);
        assertThat(cli.run("dev", "kill", "n1", "--dir", dir)).isEqualTo(ExitCodes.OK);
        assertThat(out.toString().lines())
                .hasSize(2)
                .allMatch(line -> line.endsWith(": quorate dev heal n1 --dir " + dir));
        assertThat(layout.statusCommand()).isEqualTo("quorate status --endpoints 127.0.0.1:8400");
        assertThat(new DevLayout(layout.dir(), 7400, 1).statusCommand()).isEqualTo("quorate status");
    }

    @ParameterizedTest
    @ValueSource(strings = {"kill", "pause", "cut", "heal"})
    void withoutADevClusterItIsSaidHowToStartOne(String verb) {
        int exitCode =
                cli.run("dev", verb, "n1", "--dir", directory.resolve("none").toString());
        assertThat(exitCode).isEqualTo(ExitCodes.ERROR);
        assertThat(err.toString())
                .startsWith("error: ")
                .contains("--dir DIR", "quorate dev")
                .hasLineCount(1);
        assertThat(cli.run("dev", verb)).isEqualTo(ExitCodes.USAGE);
    }
}
