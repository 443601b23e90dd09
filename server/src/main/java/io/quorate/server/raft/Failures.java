package io.quorate.server.raft;

import java.util.Objects;

/** What to tell people about a failure: the libraries wrap the cause ("No space left on device") in their own words. */
final class Failures {

    private Failures() {}

    /** The innermost cause. */
    static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** The innermost cause in words. */
    static String why(Throwable failure) {
        Throwable root = root(failure);
        return Objects.requireNonNullElse(root.getMessage(), root.toString());
    }
}
