package io.quorate.server.agent.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cutting output that others write, empty and cut at the same time. */
class OutputFileTest {
    private static final int ROUNDS = 300;
    private static final byte[] LONG =
            "x".repeat(2 * ProcessRunner.OUTPUT_LIMIT_BYTES).getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path directory;

    /** The housekeeping and the worker of an operation cut the same file, and a third process may empty it. */
    @Test
    void aFileThatBecomesShortMeanwhileEndsNoCut() throws Exception {
        Path file = Files.createFile(directory.resolve("r.out"));
        AtomicBoolean ended = new AtomicBoolean();
        CompletableFuture<Void> cutting = CompletableFuture.runAsync(() -> cutUntil(file, ended));
        CompletableFuture<Void> cuttingToo = CompletableFuture.runAsync(() -> cutUntil(file, ended));
        for (int round = 0; round < ROUNDS && !cutting.isDone() && !cuttingToo.isDone(); round++) {
            Files.write(file, LONG, StandardOpenOption.APPEND);
            Files.write(file, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
        }
        ended.set(true);
        cutting.get();
        cuttingToo.get();
    }

    private static void cutUntil(Path file, AtomicBoolean ended) {
        try {
            while (!ended.get()) {
                OutputFile.trim(file);
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    @Test
    void nothingOfAnEarlierOperationGetsIntoTheOutputOfTheNext() throws Exception {
        Path file = Files.createFile(directory.resolve("r.out"));
        AtomicBoolean ended = new AtomicBoolean();
        CompletableFuture<Void> cutting = CompletableFuture.runAsync(() -> cutUntil(file, ended));
        try {
            for (int round = 0; round < ROUNDS; round++) {
                Files.write(file, LONG, StandardOpenOption.APPEND);
                OutputFile.empty(file);
                Files.writeString(file, "new", StandardOpenOption.APPEND);
                assertThat(OutputFile.head(file)).isEqualTo("new");
            }
        } finally {
            ended.set(true);
            cutting.get();
        }
    }

    @Test
    void aFileThatCannotBeCutDoesNotKeepTheOthersLong() throws Exception {
        OperationFiles files = new OperationFiles(directory.resolve("run"));
        for (String name : new String[] {"a", "b", "c"}) {
            Files.write(files.log(name, "r"), LONG);
        }
        Files.delete(files.log("b", "r"));
        Files.createSymbolicLink(files.log("b", "r"), directory.resolve("nowhere"));
        assertThat(catchThrowable(files::trim)).isInstanceOf(NoSuchFileException.class);
        assertThat(files.log("a", "r")).hasSize(ProcessRunner.TAIL_BYTES);
        assertThat(files.log("c", "r")).hasSize(ProcessRunner.TAIL_BYTES);
    }
}
