package io.quorate.client.cli.verb;

import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.UsageException;
import io.quorate.client.cli.text.SimulationText;
import io.quorate.statemachine.cib.CibException;
import io.quorate.statemachine.cib.Simulation;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reads Pacemaker CIBs and says what would be decided on each. Carries nothing out and asks no server. */
@Command(
        name = "simulate",
        description = {
            "Reads Pacemaker CIBs (cibadmin --query) and says what is decided on each: where everything is then, what"
                    + " is fenced, what is done and in which order. Carries nothing out, asks no server."
        },
        footer = {
            "",
            "Rules with dates and the age of failures are judged by --now, or by the CIB's execution-date, or by the"
                    + " clock.",
            "A file that cannot be read is told of on stderr, and the others go on: exit code 1.",
            "",
            "  quorate simulate --cib cib.xml",
            "  quorate simulate --cib cases/ --results answers/"
        })
public final class SimulateVerb implements Callable<Integer> {
    private static final String XML = ".xml";

    @Option(
            names = "--cib",
            paramLabel = "FILE|DIR",
            required = true,
            description = "A CIB, or a directory: every *.xml of it")
    private Path source = Path.of("");

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description = "Write NAME.json there for each NAME.xml; without it, one file's answer is shown")
    private @Nullable Path results;

    @Option(names = "--now", paramLabel = "TIME", description = "The time to judge by, as 2017-09-12T10:51:59Z")
    private @Nullable String now;

    private final CliContext cli;
    private int warnings;

    public SimulateVerb(CliContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws IOException {
        Optional<Instant> instant = Optional.ofNullable(now).map(SimulateVerb::instant);
        Path from = cli.directory().resolve(source);
        @Nullable Path to = results == null ? null : cli.directory().resolve(results);
        List<Path> files = files(from);
        if (to == null && Files.isDirectory(from)) {
            throw new UsageException("a directory has many answers: --results DIR says where they go");
        }
        if (to != null) {
            Files.createDirectories(to);
        }
        int failed = 0;
        for (Path file : files) {
            if (!simulate(file, to, instant)) {
                failed++;
            }
        }
        if (to != null) {
            cli.out().println((files.size() - failed) + " read, " + failed + " failed, " + warnings + " warnings");
        }
        return failed == 0 ? ExitCodes.OK : ExitCodes.ERROR;
    }

    private static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new UsageException("--now " + text + ": a time is expected, as 2017-09-12T10:51:59Z");
        }
    }

    private static List<Path> files(Path source) throws IOException {
        if (!Files.isDirectory(source)) {
            return List.of(source);
        }
        try (Stream<Path> files = Files.list(source)) {
            List<Path> found =
                    files.filter(file -> file.toString().endsWith(XML)).sorted().toList();
            if (found.isEmpty()) {
                throw new UsageException("no *.xml in " + source);
            }
            return found;
        }
    }

    /** Whether the file could be read and its answer written. Whatever goes wrong with one leaves the others alone. */
    private boolean simulate(Path file, @Nullable Path to, Optional<Instant> instant) {
        try {
            if (to != null) {
                // What an earlier run wrote is no answer to this one.
                Files.deleteIfExists(to.resolve(name(file) + ".json"));
            }
            Simulation simulation = read(file, instant);
            warnings += simulation.warnings().size();
            if (to == null) {
                simulation.warnings().forEach(warning -> cli.err().println("warning: " + file + ": " + warning));
                cli.out().print(SimulationText.table(simulation));
            } else {
                Files.writeString(
                        to.resolve(name(file) + ".json"),
                        SimulationText.json(name(file), simulation),
                        StandardCharsets.UTF_8);
            }
            return true;
        } catch (CibException e) {
            failed(file, e.getMessage());
        } catch (NoSuchFileException e) {
            failed(file, "there is no such file");
        } catch (IOException e) {
            failed(file, e.toString());
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            // A defect of ours, or a file too large for the heap: the other files still get their answers.
            failed(file, "it could not be decided: " + e);
        }
        return false;
    }

    private void failed(Path file, @Nullable String why) {
        cli.err().println("error: " + file + ": " + why);
    }

    private static String name(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(XML) ? name.substring(0, name.length() - XML.length()) : name;
    }

    private Simulation read(Path file, Optional<Instant> instant) throws IOException, CibException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return Simulation.of(in, instant, Instant.ofEpochMilli(cli.nowMillis()));
        }
    }
}
