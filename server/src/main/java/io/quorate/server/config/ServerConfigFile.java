package io.quorate.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads server.yaml. A key that it does not know is an error, so that a typing mistake is not taken for a default. */
public final class ServerConfigFile {
    private static final Set<String> KEYS = Set.of(
            "node",
            "data",
            "listen",
            "apiPort",
            "raftPort",
            "nodePort",
            "httpListen",
            "httpPort",
            "pki",
            "electionTimeoutMin",
            "electionTimeoutMax");
    private static final long LIMIT_BYTES = 1024 * 1024;
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s)");

    private final String source;
    private final Map<?, ?> values;

    private ServerConfigFile(String source, Map<?, ?> values) {
        this.source = source;
        this.values = values;
    }

    /** The file's values, checked for their keys; {@link #toConfig} puts flags over them. */
    public static ServerConfigFile read(Path file) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > LIMIT_BYTES) {
                throw new ConfigException(file + " is not a configuration file of at most 1 MiB");
            }
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new ConfigException("cannot read " + file + ": " + e.getMessage());
        }
    }

    /** No file: everything comes from flags and defaults. */
    public static ServerConfigFile none() {
        return new ServerConfigFile("flags", Map.of());
    }

    static ServerConfigFile parse(String source, String text) {
        Object root;
        try {
            root = new Load(LoadSettings.builder()
                            .setLabel(source)
                            .setAllowDuplicateKeys(false)
                            .build())
                    .loadFromString(text);
        } catch (YamlEngineException e) {
            throw new ConfigException(source + ": " + e.getMessage());
        }
        if (!(root instanceof Map<?, ?> map)) {
            throw new ConfigException(source + ": should be a map of settings");
        }
        for (Object key : map.keySet()) {
            if (!KEYS.contains(String.valueOf(key))) {
                throw new ConfigException(
                        source + ": unknown key '" + key + "'; known are " + String.join(", ", new TreeSet<>(KEYS)));
            }
        }
        return new ServerConfigFile(source, map);
    }

    /** What the command line may say; an empty value leaves it to the file. */
    public record Flags(
            Optional<String> node,
            Optional<Path> data,
            Optional<String> listen,
            Optional<Integer> apiPort,
            Optional<Integer> raftPort,
            Optional<Integer> nodePort,
            Optional<String> httpListen,
            Optional<Integer> httpPort,
            Optional<Path> pki) {
        public static Flags none() {
            return new Flags(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }
    }

    /** The configuration: a flag wins over the file, the file over the default. */
    public ServerConfig toConfig(Flags flags) {
        String node = flags.node()
                .or(() -> text("node"))
                .orElseThrow(() -> new ConfigException(source + ": node is missing"));
        int apiPort = flags.apiPort().or(() -> port("apiPort")).orElse(ServerConfig.DEFAULT_API_PORT);
        return new ServerConfig(
                node,
                flags.data().or(() -> text("data").map(Path::of)).orElse(ServerConfig.DEFAULT_DATA),
                flags.listen().or(() -> text("listen")).orElse(ServerConfig.LOOPBACK),
                apiPort,
                flags.raftPort().or(() -> port("raftPort")).orElse(ServerConfig.raftPortOf(apiPort)),
                flags.nodePort().or(() -> port("nodePort")).orElse(ServerConfig.nodePortOf(apiPort)),
                flags.httpListen().or(() -> text("httpListen")).orElse(ServerConfig.LOOPBACK),
                flags.httpPort().or(() -> port("httpPort")).orElse(ServerConfig.httpPortOf(apiPort)),
                flags.pki().or(() -> text("pki").map(Path::of)),
                duration("electionTimeoutMin").orElse(ServerConfig.DEFAULT_ELECTION_MIN),
                duration("electionTimeoutMax").orElse(ServerConfig.DEFAULT_ELECTION_MAX));
    }

    private Optional<String> text(String key) {
        Object value = values.get(key);
        if (value == null || value instanceof String) {
            return Optional.ofNullable((String) value);
        }
        throw new ConfigException(source + ": " + key + " should be text");
    }

    private Optional<Integer> port(String key) {
        Object value = values.get(key);
        if (value == null || value instanceof Integer) {
            return Optional.ofNullable((Integer) value);
        }
        throw new ConfigException(source + ": " + key + " should be a number");
    }

    private Optional<Duration> duration(String key) {
        Object value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        Matcher matcher = DURATION.matcher(String.valueOf(value));
        if (!matcher.matches()) {
            throw new ConfigException(source + ": " + key + " should be a duration like 500ms or 2s");
        }
        long number = Long.parseLong(matcher.group(1));
        return Optional.of(matcher.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number));
    }
}
