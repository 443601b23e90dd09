package io.quorate.client.cli;

import java.util.Locale;

/** The value of {@code -o}. */
public enum OutputFormat {
    TABLE,
    /** The table with the columns that seldom matter. */
    WIDE,
    /** The protobuf JSON of the API, default values printed. */
    JSON,
    YAML;

    /** As it is typed. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
