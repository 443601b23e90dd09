package io.quorate.statemachine.cib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quorate.statemachine.placement.Answer;
import io.quorate.statemachine.placement.Engine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each file under {@code src/test/resources/placement} is one scenario: what it shows, a cluster, a line of dashes, and where
 * everything is when all that has to be done has succeeded. {@code -Dquorate.golden=write} writes what the engine says now.
 *
 * <p>A cluster is told in lines: {@code option NAME VALUE}; {@code node NAME [lost|pending] [NAME=VALUE]…}, the values being
 * transient attributes; {@code inside NAME [NAME=VALUE]…} for the state of a remote node, guest or replica;
 * {@code on NODE: RESOURCE OPERATION CODE [INTERVAL]}, in the order in which it happened; and XML of resources and constraints.
 */
class PlacementScenariosTest {
    private static final Path SCENARIOS = Path.of("src/test/resources/placement");
    private static final String SEPARATOR = "----";
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TestFactory
    Stream<DynamicTest> scenarios() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(SCENARIOS)) {
            files = found.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
        assertTrue(files.size() >= 15, "scenarios found: " + files.size());
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
    }

    private static void check(Path file) throws IOException, CibException {
        List<String> lines = Files.readAllLines(file);
        int separator = lines.indexOf(SEPARATOR);
        assertTrue(separator > 0, file + " has no line " + SEPARATOR);
        assertTrue(lines.get(0).startsWith("# "), file + " must begin with the property that it shows");
        List<String> given = lines.subList(0, separator);
        List<String> said = say(new Cluster(given).xml());
        if (System.getProperty("quorate.golden", "").equals("write")) {
            List<String> written = new ArrayList<>(given);
            written.add(SEPARATOR);
            written.addAll(said);
            Files.write(file, written);
            return;
        }
        assertEquals(
                String.join("\n", lines.subList(separator + 1, lines.size())), String.join("\n", said), lines.get(0));
    }

    private static List<String> say(String xml) throws CibException {
        Answer answer = Engine.solve(
                ProblemReader.read(Cib.read(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)), NOW)));
        List<String> said = new ArrayList<>();
        answer.placed().stream()
                .map(placed -> placed.resource() + " " + placed.machine() + " "
                        + placed.role().name().toLowerCase(Locale.ROOT))
                .sorted()
                .forEach(said::add);
        answer.fenced().stream().sorted().map(node -> "fenced " + node).forEach(said::add);
        return said;
    }

    /** Makes a CIB of the lines of a scenario. */
    private static final class Cluster {
        private final StringBuilder options = new StringBuilder();
        private final StringBuilder nodes = new StringBuilder();
        private final StringBuilder resources = new StringBuilder();
        private final StringBuilder constraints = new StringBuilder();
        /** Node: its {@code node_state}, and the attributes in it. */
        private final Map<String, String> states = new LinkedHashMap<>();
        /** Node, then resource: its history. */
        private final Map<String, Map<String, StringBuilder>> histories = new LinkedHashMap<>();

        private String quorum = "1";
        private int calls;

        Cluster(List<String> lines) {
            for (String line : lines) {
                String[] words = line.strip().split("\\s+");
                if (line.strip().startsWith("<rsc_")) {
                    constraints.append(line).append('\n');
                } else if (line.strip().startsWith("<")) {
                    resources.append(line).append('\n');
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    told(words);
                }
            }
        }

        private void told(String[] words) {
            switch (words[0]) {
                case "option" -> options.append(pair(words[1], words[2]));
                case "without-quorum" -> quorum = "0";
                case "node" -> node(words);
                case "inside" -> states.put(words[1], state(words[1], "remote_node='true'", attributes(words, 2)));
                case "on" -> operation(words);
                default -> throw new IllegalArgumentException("not understood: " + String.join(" ", words));
            }
        }

        private void node(String[] words) {
            String name = words[1];
            String state = words.length > 2 && !words[2].contains("=") ? words[2] : "online";
            nodes.append("<node id='")
                    .append(name)
                    .append("' uname='")
                    .append(name)
                    .append("'/>");
            String membership = switch (state) {
                case "online" -> "in_ccm='true' crmd='online' join='member' expected='member'";
                case "lost" -> "in_ccm='false' crmd='offline' join='down' expected='member'";
                case "pending" -> "in_ccm='true' crmd='online' join='pending' expected='member'";
                default -> throw new IllegalArgumentException("no state of a node: " + state);
            };
            states.put(name, state(name, membership, attributes(words, state.equals("online") ? 2 : 3)));
        }

        private static String state(String name, String membership, String attributes) {
            return "<node_state id='" + name + "' uname='" + name + "' " + membership + "><transient_attributes id='"
                    + name + "'><instance_attributes id='" + name + "-attributes'>" + attributes
                    + "</instance_attributes></transient_attributes>";
        }

        private static String attributes(String[] words, int from) {
            StringBuilder attributes = new StringBuilder();
            for (int i = from; i < words.length; i++) {
                String[] pair = words[i].split("=", 2);
                attributes.append(pair(pair[0], pair[1]));
            }
            return attributes.toString();
        }

        private static String pair(String name, String value) {
            return "<nvpair id='" + name + "-" + value + "' name='" + name + "' value='" + value + "'/>";
        }

        /** What an operation should have said: that it worked, or for a look at what may be there, that it is not. */
        private void operation(String[] words) {
            String node = words[1].replace(":", "");
            String interval = words.length > 5 ? words[5] : "0";
            int expected = words[3].equals("probe") ? 7 : 0;
            String name = words[3].equals("probe") ? "monitor" : words[3];
            calls++;
            histories
                    .computeIfAbsent(node, key -> new LinkedHashMap<>())
                    .computeIfAbsent(words[2], key -> new StringBuilder())
                    .append("<lrm_rsc_op id='op" + calls + "' operation='" + name + "' interval='" + interval
                            + "' call-id='" + calls + "' rc-code='" + words[4] + "' op-status='0' transition-key='1:1:"
                            + expected + ":decider' last-rc-change='1700000000'/>");
        }

        String xml() {
            StringBuilder status = new StringBuilder();
            states.forEach((node, state) -> {
                status.append(state).append("<lrm id='").append(node).append("'><lrm_resources>");
                histories
                        .getOrDefault(node, Map.of())
                        .forEach((resource, operations) -> status.append(
                                        "<lrm_resource class='ocf' provider='pacemaker' type='Dummy' id='")
                                .append(resource)
                                .append("'>")
                                .append(operations)
                                .append("</lrm_resource>"));
                status.append("</lrm_resources></lrm></node_state>");
            });
            return "<cib have-quorum='" + quorum + "'><configuration><crm_config><cluster_property_set id='options'>"
                    + options + "</cluster_property_set></crm_config><nodes>" + nodes + "</nodes><resources>"
                    + resources + "</resources><constraints>" + constraints + "</constraints></configuration><status>"
                    + status + "</status></cib>";
        }
    }
}
