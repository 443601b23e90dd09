package io.quorate.jepsen.real;

import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import io.quorate.jepsen.real.load.LoadMain;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** The clients, in the lab's place for them. One thread at a time. */
final class LoadProcess implements AutoCloseable {
    private static final int API_PORT = 7400;
    private static final int WARM_UP_SECONDS = 15;
    private static final Duration WARM_UP = Duration.ofMinutes(3);

    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    LoadProcess(Lab lab, List<String> services) {
        List<String> command = new ArrayList<>(lab.network().inside(Lab.CLIENT));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                // for a few minutes on a busy machine the better compiler costs more than it saves
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                LoadMain.class.getName(),
                lab.hosts().stream()
                        .map(host -> host.address() + ":" + API_PORT)
                        .collect(Collectors.joining(",")),
                first(lab).etc().resolve("pki").toString(),
                String.join(",", services)));
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(log(lab).toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands = process.outputWriter();
        answers = process.inputReader();
    }

    private static Host first(Lab lab) {
        return lab.hosts().get(0);
    }

    static Path log(Lab lab) {
        return lab.file("load-errors.log");
    }

    /** Begins to work. */
    void work(String run, long seed, int seconds, Path directory) {
        send("work " + run + " " + seed + " " + seconds + " " + directory);
    }

    /** Works without faults until everybody has compiled what is used most: what that brings is not judged. */
    void warmUp(Path directory) throws InterruptedException {
        work("0", 0, WARM_UP_SECONDS, directory);
        awaitDone(WARM_UP);
        for (String command : List.of("calm", "verify")) {
            send(command);
            awaitDone(WARM_UP);
        }
    }

    void send(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
        } catch (IOException e) {
            throw new LabException("the clients are gone: " + e.getMessage(), e);
        }
    }

    /** Waits until the last command is done. */
    void awaitDone(Duration limit) throws InterruptedException {
        CompletableFuture<String> line = CompletableFuture.supplyAsync(this::answer);
        try {
            String answer = line.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!answer.startsWith("done ")) {
                throw new LabException("the clients say: " + answer);
            }
        } catch (TimeoutException e) {
            throw new LabException("the clients are not done within " + limit.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new LabException("the clients are gone: " + e.getCause(), e);
        }
    }

    private String answer() {
        try {
            return String.valueOf(answers.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
