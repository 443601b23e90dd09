package io.quorate.server.agent.exec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One process to start: an argument list (never a shell line), its whole environment, where it runs and what bounds it.
 *
 * @param argv program and arguments; the program is an absolute path or found on {@link CleanEnvironment#PATH}
 * @param environment added to the clean environment; nothing is inherited from this process
 * @param workingDirectory where it starts
 * @param umask octal, such as "077"
 * @param stdin what it reads; empty means end of file at once
 * @param timeout after which its whole session is killed
 * @param cell the cell that it and all its descendants live in
 * @param output the file that gets standard output and error; started empty, so that a daemon that keeps the descriptor
 *     neither blocks nor dies when this process goes away
 */
public record ProcessSpec(
        List<String> argv,
        Map<String, String> environment,
        Path workingDirectory,
        String umask,
        String stdin,
        Duration timeout,
        Optional<Cell> cell,
        Path output) {

    public ProcessSpec {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("a process needs a program");
        }
    }

    /** A process in "/" with umask 077 and nothing to read. */
    public static ProcessSpec of(
            List<String> argv, Map<String, String> environment, Duration timeout, Optional<Cell> cell, Path output) {
        return new ProcessSpec(argv, environment, Path.of("/"), "077", "", timeout, cell, output);
    }

    public ProcessSpec withStdin(String text) {
        return new ProcessSpec(argv, environment, workingDirectory, umask, text, timeout, cell, output);
    }
}
