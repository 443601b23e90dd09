package io.quorate.server.agent.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyFilesTest {
    @TempDir
    private Path directory;

    private CopyFiles copies;

    @BeforeEach
    void open() throws IOException {
        copies = new CopyFiles(directory.resolve("copies"));
    }

    @Test
    void whateverAnAgentLeftIsForgottenWithItsCopy() throws IOException {
        Path outside = Files.writeString(directory.resolve("outside"), "stays");
        Path inside = Files.createDirectories(copies.of("db:0").resolve("cache/deep"));
        Files.writeString(inside.resolve("file"), "goes");
        Files.createSymbolicLink(inside.resolve("link"), directory);
        copies.of("db:1");

        copies.keepOnly(Set.of("db:1"));

        assertThat(directory.resolve("copies/db:0")).doesNotExist();
        assertThat(directory.resolve("copies/db:1")).isDirectory();
        assertThat(outside).hasContent("stays");
    }

    @Test
    void whatIsNoFileHoldsNoScore() throws IOException {
        Files.createDirectories(copies.of("db:0").resolve("score"));

        assertThat(copies.score("db:0")).isEmpty();
        assertThat(copies.score("db:1")).isEmpty();
    }

    @Test
    void aScoreIsReadAsItWasWritten() throws IOException {
        Files.writeString(copies.of("db:0").resolve("score"), "-INFINITY\n");

        assertThat(copies.score("db:0")).contains("-INFINITY");
    }
}
