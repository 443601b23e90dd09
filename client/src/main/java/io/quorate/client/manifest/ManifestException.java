package io.quorate.client.manifest;

import java.util.List;
import java.util.stream.Collectors;

/** Files that cannot be applied, with everything that is wrong in them, in the order of the files. */
public final class ManifestException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    ManifestException(List<Problem> problems, boolean more) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n"))
                + (more ? "\nthere may be more: these are the first " + problems.size() : ""));
        this.problems = List.copyOf(problems);
    }

    /** What is wrong; never empty, at most {@link Problems#MAX}. */
    public List<Problem> problems() {
        return problems;
    }
}
