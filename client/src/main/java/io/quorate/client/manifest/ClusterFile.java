package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Mapping;
import io.quorate.client.manifest.YamlNode.Scalar;
import io.quorate.statemachine.model.ManifestRules;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The first voters of a cluster as a file says, the same file on each of their hosts: what {@code quorate init --static}
 * reads.
 *
 * @param cluster its name
 * @param clusterId 32 hexadecimal digits
 * @param members by node, in the order of the file; at least one
 */
public record ClusterFile(String cluster, String clusterId, Map<String, Member> members) {
    private static final String MAKE_ID = "make one with: openssl rand -hex 16";

    /**
     * Where a voter is reached.
     *
     * @param address {@code HOST} or {@code HOST:API_PORT}
     * @param at where the file says so
     */
    public record Member(String address, SourceMark at) {}

    public ClusterFile {
        members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /**
     * Reads a file.
     *
     * @param directory of relative paths
     * @throws ManifestException with everything that is wrong, at most 20 problems
     */
    public static ClusterFile read(String file, Path directory) throws ManifestException {
        Problems problems = new Problems();
        List<ManifestLoader.Source> sources = new ArrayList<>();
        new ManifestLoader(InputStream.nullInputStream(), directory).read(file, problems, sources);
        problems.throwIfAny();
        return parse(sources.get(0).name(), sources.get(0).text());
    }

    static ClusterFile parse(String name, String text) throws ManifestException {
        Problems problems = new Problems();
        YamlReader.Documents read = YamlReader.documents(name, text, problems);
        problems.throwIfAny();
        List<YamlNode> documents = read.roots();
        if (documents.isEmpty() || (documents.get(0) instanceof Scalar scalar && scalar.isNull())) {
            problems.add(SourceMark.wholeFile(name), "the file is empty", "write cluster, clusterId and members");
        } else if (documents.size() > 1) {
            problems.add(
                    documents.get(1).at(),
                    "a cluster file has one document",
                    "apply the others when the cluster runs: quorate apply -f FILE");
        }
        problems.throwIfAny();
        Values values = new Values();
        YamlNode root = documents.get(0);
        SCHEMA.read(root, values, new Scope(new Draft(root.at()), problems));
        problems.throwIfAny();
        if (root instanceof Mapping mapping) {
            required(mapping, problems);
        }
        problems.throwIfAny();
        return new ClusterFile(values.cluster, values.clusterId, values.members);
    }

    private static void required(Mapping root, Problems problems) {
        List<String> missing = List.of("cluster", "clusterId", "members").stream()
                .filter(key -> !root.has(key))
                .toList();
        if (!missing.isEmpty()) {
            String fix = missing.contains("clusterId") ? MAKE_ID : "";
            problems.add(root.at(), "the cluster has no " + String.join(", no ", missing), fix);
        }
    }

    private static final class Values {
        private final Map<String, Member> members = new LinkedHashMap<>();
        private String cluster = "";
        private String clusterId = "";
    }

    private static final Schema<Values> SCHEMA = new Schema<Values>("a cluster")
            .field("version", "number", "of the schema", (values, value, scope) -> version(value, scope))
            .field(
                    "cluster",
                    "name",
                    "how the cluster is called",
                    (values, value, scope) -> values.cluster = checked(
                            value,
                            scope,
                            ManifestRules::isName,
                            "is not a name",
                            "use letters, digits, dots and dashes"))
            .field(
                    "clusterId",
                    "32 hexadecimal digits",
                    "what no other cluster has",
                    (values, value, scope) -> values.clusterId = checked(
                            value, scope, id -> id.matches("[0-9a-f]{32}"), "is not 32 hexadecimal digits", MAKE_ID))
            .field(
                    "members",
                    "map",
                    "node: HOST or HOST:API_PORT, the first voters",
                    (values, value, scope) -> members(values, value, scope));

    private static void version(YamlNode value, Scope scope) {
        scope.integer(value)
                .filter(version -> version != ObjectReader.NEWEST_VERSION)
                .ifPresent(version -> scope.problem(
                        value.at(),
                        "version " + version + " of the schema is not known",
                        "the newest known is " + ObjectReader.NEWEST_VERSION));
    }

    private static String checked(YamlNode value, Scope scope, Predicate<String> good, String what, String fix) {
        String text = scope.text(value).orElse("");
        if (!good.test(text)) {
            scope.problem(value.at(), value.described() + " " + what, fix);
        }
        return text;
    }

    private static void members(Values values, YamlNode value, Scope scope) {
        Map<String, String> nodes = new HashMap<>();
        scope.entries(value, (entry, inner) -> {
            String node = entry.key();
            if (!ManifestRules.isName(node)) {
                inner.problem(entry.keyAt(), "'" + node + "' is not a name", "use letters, digits, dots and dashes");
            }
            inner.text(entry.value()).ifPresent(address -> {
                String other = nodes.putIfAbsent(address, node);
                if (other != null) {
                    inner.problem(entry.value().at(), "'" + address + "' is the address of " + other + " too", "");
                }
                values.members.put(node, new Member(address, entry.value().at()));
            });
        });
        if (value instanceof Mapping mapping && mapping.entries().isEmpty()) {
            scope.problem(value.at(), "the cluster has no members", "name the first voters, as in n1: 10.0.0.1");
        }
    }
}
