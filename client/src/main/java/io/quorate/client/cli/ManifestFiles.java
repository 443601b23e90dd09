package io.quorate.client.cli;

import io.quorate.client.Category;
import io.quorate.client.QuorateException;
import io.quorate.client.manifest.ManifestException;
import io.quorate.client.manifest.ManifestLoader;
import io.quorate.v1.Manifest;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** The files of verbs that read manifests. */
public final class ManifestFiles {
    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A file of objects; - is the standard input; may be repeated")
    private List<String> files = List.of();

    /** Whether any file is named. */
    public boolean isGiven() {
        return !files.isEmpty();
    }

    public List<String> names() {
        return files;
    }

    /** All objects of all files; what is wrong in them is one error with every place. */
    public List<Manifest> load(CliContext cli) {
        if (files.isEmpty()) {
            throw new UsageException("name a file of objects: --file FILE");
        }
        try {
            return new ManifestLoader(cli.input(), cli.directory()).load(files);
        } catch (ManifestException e) {
            throw QuorateException.of(Category.INVALID, "", String.valueOf(e.getMessage()))
                    .cause(e)
                    .build();
        }
    }

    /** The one set that the objects belong to, the scope of {@code --prune}; settings are in none. */
    public static String theSet(List<Manifest> manifests) {
        Set<String> sets = new TreeSet<>();
        manifests.stream()
                .filter(manifest -> !manifest.hasSettings())
                .forEach(manifest -> sets.add(manifest.getMeta().getSet()));
        if (sets.size() != 1 || sets.contains("")) {
            throw new UsageException(
                    "--prune needs files of exactly one set (set: NAME at the top of a file); these have "
                            + (sets.equals(Set.of("")) || sets.isEmpty() ? "none" : sets));
        }
        return sets.iterator().next();
    }
}
