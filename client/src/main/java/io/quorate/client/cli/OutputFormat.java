package io.quorate.client.cli;

/** The value of {@code -o}. */
public enum OutputFormat {
    TABLE,
    /** The table with the columns that seldom matter. */
    WIDE,
    /** The protobuf JSON of the API, default values printed. */
    JSON,
    YAML
}
