package io.quorate.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads agent.yaml. A key that it does not know is an error, so that a typing mistake is not taken for a default. */
public final class AgentConfigFile {
    private static final Set<String> KEYS = Set.of(
            "node",
            "data",
            "servers",
            "addresses",
            "machine",
            "ocfRoot",
            "fenceAgents",
            "cgroups",
            "pki",
            "path",
            "environment");
    private static final Set<String> MACHINE_KEYS = Set.of("id", "bootId");
    private static final long LIMIT_BYTES = 1024 * 1024;

    private final String source;
    private final Map<?, ?> values;

    private AgentConfigFile(String source, Map<?, ?> values) {
        this.source = source;
        this.values = values;
    }

    /** The file's values, checked for their shape; {@link #toConfig} puts flags over them. */
    public static AgentConfigFile read(Path file) {
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
    public static AgentConfigFile none() {
        return new AgentConfigFile("flags", Map.of());
    }

    static AgentConfigFile parse(String source, String text) {
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
        AgentConfigFile file = new AgentConfigFile(source, map);
        file.checkKeys("", map, KEYS);
        file.checkKeys("machine.", file.machine(), MACHINE_KEYS);
        return file;
    }

    private void checkKeys(String prefix, Map<?, ?> map, Set<String> known) {
        for (Object key : map.keySet()) {
            if (!known.contains(String.valueOf(key))) {
                throw new ConfigException(
                        source + ": unknown key '" + prefix + key + "'; known are " + new TreeSet<>(known));
            }
        }
    }

    private Map<?, ?> machine() {
        Object machine = values.get("machine");
        if (machine == null) {
            return Map.of();
        }
        if (machine instanceof Map<?, ?> map) {
            return map;
        }
        throw new ConfigException(source + ": machine should be a map with id and bootId");
    }

    /** The configuration: a flag wins over the file, the file over the default. */
    public AgentConfig toConfig(Flags flags) {
        String node = flags.node()
                .or(() -> text(values, "node"))
                .orElseThrow(() -> new ConfigException(source + ": node is missing"));
        return new AgentConfig(
                node,
                flags.data().or(() -> path("data")).orElse(AgentConfig.DEFAULT_DATA),
                flags.servers().isEmpty() ? list("servers") : flags.servers(),
                flags.addresses().isEmpty() ? list("addresses") : flags.addresses(),
                flags.machineId().or(() -> text(machine(), "id")),
                flags.bootId().or(() -> text(machine(), "bootId")),
                flags.ocfRoot().or(() -> path("ocfRoot")).orElse(AgentConfig.DEFAULT_OCF_ROOT),
                flags.fenceAgents().or(() -> path("fenceAgents")).orElse(AgentConfig.DEFAULT_FENCE_AGENTS),
                flags.cgroups() && cgroups(),
                flags.pki().or(() -> path("pki")),
                list("path").stream().map(Path::of).toList(),
                environment());
    }

    private Map<String, String> environment() {
        Object value = values.get("environment");
        if (value == null) {
            return Map.of();
        }
        Map<String, String> environment = new TreeMap<>();
        if (value instanceof Map<?, ?> map && map.values().stream().allMatch(String.class::isInstance)) {
            map.forEach((name, text) -> environment.put(String.valueOf(name), (String) text));
            return environment;
        }
        throw new ConfigException(source + ": environment should be a map of texts");
    }

    /** What the command line may say; an empty value leaves it to the file. */
    public record Flags(
            Optional<String> node,
            Optional<Path> data,
            List<String> servers,
            List<String> addresses,
            Optional<String> machineId,
            Optional<String> bootId,
            Optional<Path> ocfRoot,
            Optional<Path> fenceAgents,
            boolean cgroups,
            Optional<Path> pki) {
        /** Nothing was said on the command line. */
        public static Flags none() {
            return new Flags(
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    true,
                    Optional.empty());
        }
    }

    private boolean cgroups() {
        Object value = values.get("cgroups");
        if (value == null || value instanceof Boolean) {
            return value == null || (Boolean) value;
        }
        throw new ConfigException(source + ": cgroups should be true or false");
    }

    private Optional<Path> path(String key) {
        return text(values, key).map(Path::of);
    }

    private Optional<String> text(Map<?, ?> map, String key) {
        Object value = map.get(key);
        if (value == null || value instanceof String) {
            return Optional.ofNullable((String) value);
        }
        throw new ConfigException(source + ": " + key + " should be text");
    }

    private List<String> list(String key) {
        Object value = values.get(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).toList();
        }
        throw new ConfigException(source + ": " + key + " should be a list of texts");
    }
}
