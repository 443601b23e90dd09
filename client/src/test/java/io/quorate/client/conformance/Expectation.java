package io.quorate.client.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What is known of a case: a NAME.json of the data, read as the maps and lists that it is made of. */
record Expectation(Map<?, ?> json) {
    static Expectation read(Path file) throws IOException {
        return new Expectation(parse(Files.readString(file)));
    }

    /** JSON is YAML. */
    static Map<?, ?> parse(String json) {
        return (Map<?, ?>)
                new Load(LoadSettings.builder().setCodePointLimit(64 << 20).build()).loadFromString(json);
    }

    String tier() {
        return String.valueOf(json.get("tier"));
    }

    boolean isTrivial() {
        return Boolean.TRUE.equals(json.get("trivial"));
    }

    /** When the case was taken; empty: its answer is the same at any time. */
    Optional<Instant> now() {
        return Optional.ofNullable(json.get("now")).map(String::valueOf).map(Instant::parse);
    }

    /** The lists and maps of it, and of an answer, by where they are: {@code after running}. */
    static List<?> list(Map<?, ?> json, String... path) {
        Object found = json;
        for (String step : path) {
            found = found instanceof Map<?, ?> map ? map.get(step) : null;
        }
        return found instanceof List<?> list ? list : List.of();
    }
}
