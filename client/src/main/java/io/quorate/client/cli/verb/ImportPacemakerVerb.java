package io.quorate.client.cli.verb;

import io.quorate.client.Category;
import io.quorate.client.QuorateException;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.UsageException;
import io.quorate.client.cli.text.Table;
import io.quorate.client.manifest.ManifestWriter;
import io.quorate.statemachine.cib.CibException;
import io.quorate.statemachine.cib.CibImport;
import io.quorate.statemachine.cib.Finding;
import io.quorate.statemachine.cib.Finding.Verdict;
import io.quorate.statemachine.cib.Imported;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a configuration over from Pacemaker, with a verdict for everything that it says. */
@Command(
        name = "pacemaker",
        description = {
            "Writes the configuration of a CIB as a file of ours, with a verdict for everything that it says:",
            "kept, changed (and how), not supported (and why). Exit code 6 when something that protects data is lost.",
            "It asks no server. Look at the file before you apply it."
        },
        footer = {
            "",
            "  quorate import pacemaker cib.xml > cluster.yaml",
            "  quorate import pacemaker cib.xml --set shop --out cluster.yaml"
        })
public final class ImportPacemakerVerb implements Callable<Integer> {
    private final CliContext cli;

    @Parameters(index = "0", paramLabel = "FILE", description = "a CIB as XML; - is the standard input")
    private String file = "";

    @Option(names = "--out", paramLabel = "FILE", description = "Write there, not to the standard output")
    private @Nullable Path target;

    @Option(
            names = "--set",
            paramLabel = "NAME",
            description =
                    "The set that all of it belongs to: apply --prune deletes what is in the set and not in the file")
    private String set = "";

    public ImportPacemakerVerb(CliContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() {
        if (!set.isEmpty() && !ManifestRules.isName(set)) {
            throw new UsageException("--set " + set + ": that is not a name (letters, digits, '.', '_' and '-')");
        }
        Imported imported = read();
        String text = "# Imported from Pacemaker. What became of everything that it said, by line:\n"
                + comment(table(imported, finding -> true))
                + (imported.manifests().isEmpty()
                        ? ""
                        : "---\n" + ManifestWriter.write(inTheSet(imported.manifests())));
        if (target == null) {
            cli.out().print(text);
        } else {
            write(cli.directory().resolve(target), text);
        }
        cli.err().print(table(imported, finding -> finding.verdict() != Verdict.KEPT));
        cli.err()
                .println(imported.manifests().size() + " objects · " + count(imported, Verdict.KEPT) + " kept, "
                        + count(imported, Verdict.CHANGED) + " changed, " + count(imported, Verdict.NOT_SUPPORTED)
                        + " not supported");
        if (imported.losesProtection()) {
            long lost = imported.findings().stream()
                    .filter(Finding::losesProtection)
                    .count();
            cli.err()
                    .println("error: " + lost + " of them protected data (marked with !): settle each before you apply"
                            + " the file");
            return ExitCodes.REFUSED;
        }
        return ExitCodes.OK;
    }

    /** Settings are in no set. */
    private List<Manifest> inTheSet(List<Manifest> manifests) {
        return manifests.stream()
                .map(manifest -> manifest.hasSettings()
                        ? manifest
                        : manifest.toBuilder()
                                .setMeta(manifest.getMeta().toBuilder().setSet(set))
                                .build())
                .toList();
    }

    private Imported read() {
        try (InputStream in = file.equals("-")
                ? cli.input()
                : Files.newInputStream(cli.directory().resolve(file))) {
            return CibImport.read(in, Instant.ofEpochMilli(cli.nowMillis()));
        } catch (NoSuchFileException e) {
            throw invalid(file + ": there is no such file", e);
        } catch (IOException e) {
            throw invalid(file + " cannot be read: " + e.getMessage(), e);
        } catch (CibException e) {
            throw invalid(file + ", " + e.getMessage(), e);
        }
    }

    private static void write(Path path, String text) {
        try {
            Files.writeString(path, text);
        } catch (IOException e) {
            throw invalid(path + " cannot be written: " + e.getMessage(), e);
        }
    }

    private static QuorateException invalid(String message, Exception cause) {
        return QuorateException.of(Category.INVALID, "", message).cause(cause).build();
    }

    private static long count(Imported imported, Verdict verdict) {
        return imported.findings().stream()
                .filter(finding -> finding.verdict() == verdict)
                .count();
    }

    private static String table(Imported imported, Predicate<Finding> which) {
        List<Finding> shown = imported.findings().stream().filter(which).toList();
        if (shown.isEmpty()) {
            return "";
        }
        Table table = new Table("LINE", "WHAT", "VERDICT", "HOW OR WHY");
        for (Finding finding : shown) {
            table.row(
                    String.valueOf(finding.line()),
                    oneLine(finding.subject()),
                    word(finding.verdict()) + (finding.losesProtection() ? " !" : ""),
                    oneLine(finding.text()));
        }
        return table.render();
    }

    /** Ids and values come from somebody else's file. */
    private static String oneLine(String text) {
        StringBuilder safe = new StringBuilder();
        text.chars().limit(400).forEach(c -> safe.append(Character.isISOControl(c) ? ' ' : (char) c));
        return safe.toString();
    }

    private static String word(Verdict verdict) {
        return switch (verdict) {
            case KEPT -> "kept";
            case CHANGED -> "changed";
            case NOT_SUPPORTED -> "not supported";
        };
    }

    private static String comment(String text) {
        StringBuilder commented = new StringBuilder();
        text.lines().forEach(line -> commented.append("# ").append(line).append('\n'));
        return commented.toString();
    }
}
