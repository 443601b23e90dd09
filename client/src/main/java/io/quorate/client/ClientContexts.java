package io.quorate.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Finds the cluster that a command line means.
 *
 * <p>Endpoints: the argument, {@code QUORATE_ENDPOINTS}, the context, loopback. Context: the argument,
 * {@code QUORATE_CONTEXT}, {@code current} of the file. Files: {@code ~/.config/quorate/config.yaml}, then
 * {@code /etc/quorate/client.yaml}; the first that exists and has the context counts:
 *
 * <pre>
 * current: prod
 * contexts:
 *   prod:
 *     endpoints: [10.0.0.1:7400, 10.0.0.2:7400]
 *     ca: /etc/quorate/pki/ca.crt
 *     certificate: client.crt        # relative to this file
 *     key: client.key
 * </pre>
 */
public final class ClientContexts {
    private static final Set<String> FILE_KEYS = Set.of("current", "contexts");
    private static final Set<String> CONTEXT_KEYS = Set.of("endpoints", "ca", "certificate", "key");
    private static final int DEV_ENDPOINTS = 4;
    private static final int DEV_PORTS_PER_NODE = 10;

    private final Map<String, String> environment;
    private final List<Path> files;

    /** Looks in the given files, the first one first. */
    public ClientContexts(Map<String, String> environment, List<Path> files) {
        this.environment = Map.copyOf(environment);
        this.files = List.copyOf(files);
    }

    /** The files of this user and of this machine. */
    public static ClientContexts ofSystem(Map<String, String> environment) {
        String home = environment.getOrDefault("HOME", System.getProperty("user.home", "/"));
        return new ClientContexts(
                environment,
                List.of(Path.of(home, ".config", "quorate", "config.yaml"), Path.of("/etc/quorate/client.yaml")));
    }

    /**
     * Decides.
     *
     * @param endpointsArgument "" = not given
     * @param contextArgument "" = not given
     */
    public ClientConfig resolve(String endpointsArgument, String contextArgument) {
        String endpoints = firstSet(endpointsArgument, environment.getOrDefault("QUORATE_ENDPOINTS", ""));
        String context = firstSet(contextArgument, environment.getOrDefault("QUORATE_CONTEXT", ""));
        Optional<ClientConfig> found = find(context);
        if (endpoints.isEmpty()) {
            return found.orElseGet(() -> ClientConfig.loopback(loopback()));
        }
        List<Endpoint> list = parse(endpoints);
        return found.map(config -> config.withEndpoints(list))
                .orElseGet(() -> new ClientConfig(list, Optional.empty()));
    }

    /**
     * This host's server, and the first nodes of {@code quorate dev} with its default ports: enough of them that one lives
     * while a majority of at most seven does.
     */
    private static Endpoint[] loopback() {
        return IntStream.range(0, DEV_ENDPOINTS)
                .mapToObj(i -> new Endpoint("127.0.0.1", Endpoint.DEFAULT_PORT + i * DEV_PORTS_PER_NODE))
                .toArray(Endpoint[]::new);
    }

    private static List<Endpoint> parse(String endpoints) {
        try {
            List<Endpoint> list = Endpoint.parseList(endpoints);
            if (!list.isEmpty()) {
                return list;
            }
        } catch (IllegalArgumentException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
        throw invalid("no endpoint in \"" + endpoints + "\"");
    }

    private Optional<ClientConfig> find(String wanted) {
        List<String> known = new ArrayList<>();
        for (Path file : files) {
            if (!Files.isRegularFile(file)) {
                continue;
            }
            Map<?, ?> content = load(file);
            Map<?, ?> contexts = mapping(file, "contexts", content.get("contexts"));
            String name = firstSet(wanted, text(content.get("current")));
            if (name.isEmpty() && contexts.size() == 1) {
                name = String.valueOf(contexts.keySet().iterator().next());
            }
            if (contexts.containsKey(name)) {
                return Optional.of(context(file, name, mapping(file, name, contexts.get(name))));
            }
            contexts.keySet().forEach(key -> known.add(String.valueOf(key)));
        }
        if (!wanted.isEmpty()) {
            String where = known.isEmpty() ? "none is defined in " + files : "known: " + String.join(", ", known);
            throw invalid("no context \"" + wanted + "\" (" + where + ")");
        }
        return Optional.empty();
    }

    private static Map<?, ?> load(Path file) {
        try {
            Object content = new Load(
                            LoadSettings.builder().setLabel(file.toString()).build())
                    .loadFromString(Files.readString(file));
            Map<?, ?> mapping = mapping(file, "the file", content);
            requireKnown(file, mapping, FILE_KEYS);
            return mapping;
        } catch (IOException e) {
            throw invalid(file + ": cannot be read: " + e.getMessage());
        } catch (YamlEngineException e) {
            throw invalid(file + ": " + String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " "));
        }
    }

    private static ClientConfig context(Path file, String name, Map<?, ?> context) {
        requireKnown(file, context, CONTEXT_KEYS);
        List<Endpoint> endpoints = new ArrayList<>();
        if (context.get("endpoints") instanceof List<?> list) {
            list.forEach(entry -> endpoints.addAll(parse(String.valueOf(entry))));
        } else {
            endpoints.addAll(parse(text(context.get("endpoints"))));
        }
        return new ClientConfig(endpoints, tls(file, name, context));
    }

    private static Optional<TlsFiles> tls(Path file, String name, Map<?, ?> context) {
        String authority = text(context.get("ca"));
        String certificate = text(context.get("certificate"));
        String key = text(context.get("key"));
        if (authority.isEmpty() && certificate.isEmpty() && key.isEmpty()) {
            return Optional.empty();
        }
        if (authority.isEmpty() || certificate.isEmpty() || key.isEmpty()) {
            throw invalid(file + ": context " + name + " needs all of ca, certificate and key, or none");
        }
        return Optional.of(new TlsFiles(
                file.resolveSibling(authority), file.resolveSibling(certificate), file.resolveSibling(key)));
    }

    private static void requireKnown(Path file, Map<?, ?> mapping, Set<String> known) {
        for (Object key : mapping.keySet()) {
            if (!known.contains(String.valueOf(key))) {
                throw invalid(file + ": unknown key \"" + key + "\" (known: "
                        + String.join(", ", known.stream().sorted().toList()) + ")");
            }
        }
    }

    private static Map<?, ?> mapping(Path file, String what, @Nullable Object value) {
        if (value == null) {
            return Map.of();
        }
        if (value instanceof Map<?, ?> mapping) {
            return mapping;
        }
        throw invalid(file + ": " + what + " must be a mapping");
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : String.valueOf(value);
    }

    private static String firstSet(String first, String second) {
        return first.isEmpty() ? second : first;
    }

    private static QuorateException invalid(String message) {
        return QuorateException.of(Category.INVALID, "BAD_CONTEXT", message).build();
    }
}
