package io.quorate.jepsen.history;

import io.quorate.jepsen.check.Verdict;
import io.quorate.jepsen.report.Report;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Behind {@code jepsen-style-tests/bin/check-history}. */
@Command(
        name = "check-history",
        description = {
            "Says of recorded histories whether they are linearizable: a line per file, FILE, verdict and milliseconds,"
                    + " with tabs between.",
            "Ends with 0 when all are linearizable, 1 when one is illegal, 2 when a file cannot be read, 3 when a search"
                    + " was given up."
        },
        mixinStandardHelpOptions = true)
public final class CheckHistoryMain implements Callable<Integer> {
    private static final int ILLEGAL = 1;
    private static final int BAD_INPUT = 2;
    private static final int GIVEN_UP = 3;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            converter = FormatConverter.class,
            description = "jepsen-log, edn-lines or quorate; default: what the first line says")
    private @Nullable HistoryFormat format;

    @Option(names = "--explain", description = "say which answer cannot be, and draw it: NAME.html in --out")
    private boolean explain;

    @Option(names = "--out", paramLabel = "DIR", description = "where pictures go; default: the current directory")
    private Path out = Path.of("");

    @Option(
            names = "--places",
            paramLabel = "N",
            description = "give a search up after N places (some 150 bytes each); default: ${DEFAULT-VALUE}")
    private long places = 4_000_000;

    @Option(
            names = "--given",
            description = "check the histories with known verdicts that lie beside the repository, or where"
                    + " QUORATE_HISTORIES says; ends with 1 when a verdict is not the known one")
    private boolean given;

    @Option(names = "--json", paramLabel = "FILE", description = "with --given: write what came of it there, too")
    private @Nullable Path json;

    @Option(names = "--repository", hidden = true)
    private Path repository = Path.of("");

    @Parameters(arity = "0..*", paramLabel = "FILE", description = "histories")
    private List<Path> files = List.of();

    private boolean illegal;
    private boolean unreadable;
    private boolean givenUp;

    public static void main(String[] args) {
        System.exit(new CommandLine(new CheckHistoryMain()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        if (given) {
            return checkGiven();
        }
        if (files.isEmpty()) {
            System.err.println("check-history: which histories? Name files, or say --given");
            return BAD_INPUT;
        }
        for (Path file : files) {
            try {
                check(file);
            } catch (HistoryException e) {
                failed(file + (e.line() > 0 ? ":" + e.line() : "") + ": " + e.getMessage());
            } catch (NoSuchFileException e) {
                failed(e.getFile() + ": there is no such file");
            } catch (IOException e) {
                failed(file + ": " + e);
            }
        }
        return unreadable ? BAD_INPUT : illegal ? ILLEGAL : givenUp ? GIVEN_UP : 0;
    }

    private int checkGiven() throws IOException {
        Path place = GivenHistories.place(repository);
        Report report;
        if (GivenHistories.areIn(place)) {
            GivenHistories.Outcome outcome = GivenHistories.check(place, places);
            report = outcome.report();
            report.cases().stream()
                    .filter(each -> each.result() != Report.Result.PASSED)
                    .forEach(each -> System.out.println(each.name() + ": " + each.reason()));
            System.out.printf(
                    "%d of %d verdicts are right, %.0f ms (another checker: %.0f ms)%n",
                    report.count(Report.Result.PASSED), report.cases().size(), outcome.millis(), outcome.theirMillis());
        } else {
            String why = "no data: there is no " + place;
            System.out.println("the given histories are skipped: " + why);
            report = Report.of(List.of(new Report.Case("given histories", Report.Result.SKIPPED, why)));
        }
        if (json != null) {
            report.write(json);
        }
        return report.passed() ? 0 : ILLEGAL;
    }

    private void failed(String why) {
        unreadable = true;
        System.err.println("check-history: " + why);
    }

    private void check(Path file) throws IOException, HistoryException {
        long began = System.nanoTime();
        History<?, ?> history = format == null ? HistoryFormat.read(file) : format.readAs(file);
        HistoryCheck<?, ?> check = HistoryCheck.of(history, places);
        double millis = (System.nanoTime() - began) / 1e6;
        System.out.printf("%s\t%s\t%.1f%n", file, check.verdict(), millis);
        illegal |= check.verdict() == Verdict.ILLEGAL;
        givenUp |= check.verdict() == Verdict.UNKNOWN;
        if (explain) {
            explain(file, check);
        }
    }

    private void explain(Path file, HistoryCheck<?, ?> check) throws IOException {
        String name = String.valueOf(file.getFileName());
        Optional<HistoryCheck.Explanation> why = check.explain(name);
        if (why.isPresent()) {
            Path picture = out.resolve(name + ".html");
            Files.createDirectories(picture.toAbsolutePath().getParent());
            Files.writeString(picture, why.get().html(), StandardCharsets.UTF_8);
            System.out.print(why.get().text());
            System.out.println("  picture: " + picture);
        }
    }

    private static final class FormatConverter implements ITypeConverter<HistoryFormat> {
        @Override
        public HistoryFormat convert(String word) {
            for (HistoryFormat format : HistoryFormat.values()) {
                if (format.word().equals(word)) {
                    return format;
                }
            }
            throw new TypeConversionException("'" + word + "' is none of jepsen-log, edn-lines, quorate");
        }
    }
}
