package io.quorate.server.agent.exec;

import io.quorate.server.time.Clock;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The real {@link ProcessRunner}: every process leads its own session, entered through a fixed wrapper that joins the cell and
 * sets umask and directory before it becomes the program. Safe for use by many threads.
 */
public final class SystemProcessRunner implements ProcessRunner {
    /** Its text is fixed; everything variable arrives as an argument. */
    private static final String WRAPPER = """
            umask "$1"; dir=$2; n=$3; shift 3
            while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 126; shift; n=$((n-1)); done
            cd "$dir" || exit 126
            exec "$@\"""";

    private static final long POLL_MILLIS = 100;
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(5);

    private final CleanEnvironment environment;
    private final Clock clock;

    public SystemProcessRunner(Clock clock) {
        this(CleanEnvironment.plain(), clock);
    }

    public SystemProcessRunner(CleanEnvironment environment, Clock clock) {
        this.environment = environment;
        this.clock = clock;
    }

    @Override
    public ProcessResult run(ProcessSpec spec, Consumer<ProcessIdentity> started)
            throws IOException, InterruptedException {
        startEmpty(spec.output());
        long begin = clock.monotonicNanos();
        Process process = start(spec);
        ProcessIdentity identity = identityOf(process);
        started.accept(identity);
        feed(process, spec.stdin());
        CappedOutput output = new CappedOutput(spec.output());
        boolean ended = false;
        try {
            ended = waitFor(process, begin + spec.timeout().toNanos(), output);
        } finally {
            if (!ended) {
                kill(process, identity);
            }
        }
        Duration took = Duration.ofNanos(clock.monotonicNanos() - begin);
        int exitCode = ended ? process.exitValue() : ExitCodes.TIMED_OUT;
        return new ProcessResult(exitCode, !ended, output.text(), output.tail(), took);
    }

    @Override
    public Supervised launch(ProcessSpec spec) throws IOException {
        makePrivate(spec.output());
        Process process = start(spec);
        process.getOutputStream().close();
        return new Supervised(identityOf(process), process.onExit().thenApply(Process::exitValue));
    }

    @Override
    public boolean killSession(ProcessIdentity leader) {
        // The number of a session is not reused while a member lives, so a living leader of another start time means
        // that
        // the session is gone.
        boolean reused = ProcTable.read(leader.pid())
                .filter(entry -> entry.startTicks() != leader.startTicks())
                .isPresent();
        return reused || Signals.killUntilEmpty(() -> session(leader.pid()), KILL_PATIENCE);
    }

    private static List<ProcessIdentity> session(long pid) {
        return ProcTable.inSession(pid).stream()
                .map(entry -> new ProcessIdentity(entry.pid(), entry.startTicks()))
                .toList();
    }

    private Process start(ProcessSpec spec) throws IOException {
        List<Path> entrances = spec.cell().map(Cell::entrances).orElse(List.of());
        List<String> argv = new ArrayList<>(List.of("/usr/bin/setsid", "/bin/sh", "-c", WRAPPER, "quorate"));
        argv.add(spec.umask());
        argv.add(spec.workingDirectory().toString());
        argv.add(Integer.toString(entrances.size()));
        entrances.forEach(path -> argv.add(path.toString()));
        argv.addAll(spec.argv());
        ProcessBuilder builder = new ProcessBuilder(argv)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(spec.output().toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment.with(spec.environment()));
        spec.cell().ifPresent(cell -> builder.environment().putAll(cell.marker()));
        return builder.start();
    }

    /** A process that ended at once has no entry any more: its number with start time 0 then matches nothing alive. */
    private static ProcessIdentity identityOf(Process process) {
        return ProcessIdentity.of(process.pid()).orElse(new ProcessIdentity(process.pid(), 0));
    }

    private static void feed(Process process, String stdin) throws IOException {
        if (stdin.isEmpty()) {
            process.getOutputStream().close();
            return;
        }
        // A program that does not read must not hold the caller beyond its timeout.
        Thread writer = new Thread(
                () -> {
                    try (OutputStream stream = process.getOutputStream()) {
                        stream.write(stdin.getBytes(StandardCharsets.UTF_8));
                    } catch (IOException closed) {
                        // It ended without reading all of it: its exit code says whether that was wrong.
                    }
                },
                "stdin-" + process.pid());
        writer.setDaemon(true);
        writer.start();
    }

    private boolean waitFor(Process process, long deadlineNanos, CappedOutput output)
            throws IOException, InterruptedException {
        while (true) {
            long left = deadlineNanos - clock.monotonicNanos();
            if (left <= 0) {
                return false;
            }
            if (process.waitFor(Math.min(left, POLL_MILLIS * 1_000_000), TimeUnit.NANOSECONDS)) {
                return true;
            }
            output.trim();
        }
    }

    private static void kill(Process process, ProcessIdentity identity) {
        process.destroyForcibly();
        Signals.killUntilEmpty(() -> session(identity.pid()), KILL_PATIENCE);
    }

    private static void startEmpty(Path file) throws IOException {
        makePrivate(file);
        OutputFile.empty(file);
    }

    private static void makePrivate(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
    }

    /** The output of one operation while it grows. */
    private static final class CappedOutput {
        private final Path file;
        private String head = "";
        private boolean cut;

        CappedOutput(Path file) {
            this.file = file;
        }

        void trim() throws IOException {
            if (!cut && Files.size(file) > OUTPUT_LIMIT_BYTES) {
                head = OutputFile.head(file);
                cut = true;
            }
            OutputFile.trim(file);
        }

        String text() throws IOException {
            return cut ? head : OutputFile.head(file);
        }

        String tail() throws IOException {
            return OutputFile.tail(file);
        }
    }
}
