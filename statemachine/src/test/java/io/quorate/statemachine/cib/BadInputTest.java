package io.quorate.statemachine.cib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever is in the file: a clear error with its place, or an answer with a warning for what could not be read. */
@Timeout(120)
class BadInputTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private static Simulation simulate(String xml) throws CibException {
        return Simulation.of(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)), Optional.empty(), NOON);
    }

    private static void assertRefused(String xml, String... words) {
        assertThatThrownBy(() -> simulate(xml))
                .isInstanceOf(CibException.class)
                .hasMessageMatching("(?s)line \\d+, column \\d+: .*")
                .satisfies(refusal -> assertThat(List.of(words))
                        .allSatisfy(word -> assertThat(refusal).hasMessageContaining(word)));
    }

    /** Two nodes, these options, resources and constraints. */
    private static String cib(String options, String resources, String constraints) {
        return """
            <cib validate-with="pacemaker-3.9" have-quorum="1">
              <configuration>
                <crm_config>
                  <cluster_property_set id="options">
                    <nvpair id="o0" name="stonith-enabled" value="false"/>
                    %s
                  </cluster_property_set>
                </crm_config>
                <nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>
                <resources>%s</resources>
                <constraints>%s</constraints>
              </configuration>
              <status>
                <node_state id="1" uname="n1" in_ccm="true" crmd="online" join="member" expected="member"/>
                <node_state id="2" uname="n2" in_ccm="true" crmd="online" join="member" expected="member"/>
              </status>
            </cib>
            """.formatted(options, resources, constraints);
    }

    private static String primitive(String id) {
        return "<primitive id=\"" + id + "\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"/>\n";
    }

    private static List<String> placed(Simulation simulation) {
        return simulation.after().running().stream()
                .map(row -> row.resource() + " " + row.node())
                .sorted()
                .toList();
    }

    @Test
    void theSampleItselfIsFine() throws CibException {
        Simulation simulation = simulate(cib("", primitive("a"), ""));
        assertThat(simulation.warnings()).isEmpty();
        assertThat(placed(simulation)).containsExactly("a n1");
    }

    @Test
    void whatIsNoXmlIsRefusedWithItsPlace() {
        assertRefused("", "line 1, column 1", "not XML");
        assertRefused("hello", "line 1", "not XML");
        assertRefused("<cib><configuration></cib>", "line 1", "not XML");
        assertRefused("<cib>\n<configuration>\n", "line 3", "not XML");
    }

    @Test
    void whatIsNoCibIsRefused() {
        assertRefused("<html/>", "no CIB");
        assertRefused("\n\n<cib/>", "line 3, ", "no CIB");
    }

    @Test
    void documentTypesAndEntitiesAreRefused() {
        assertRefused("<!DOCTYPE cib><cib><configuration/></cib>", "document types");
        assertRefused("<!DOCTYPE cib [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><cib"
                + " a=\"&x;\"><configuration>&x;</configuration></cib>");
        assertRefused(
                "<!DOCTYPE cib SYSTEM \"http://127.0.0.1:1/x.dtd\"><cib><configuration/></cib>", "document types");
        assertRefused("<cib><configuration>&unknown;</configuration></cib>");
    }

    @Test
    void entitiesThatGrowAreNotExpanded() {
        StringBuilder laughs = new StringBuilder("<!DOCTYPE cib [<!ENTITY a0 \"ha\">");
        for (int i = 1; i < 30; i++) {
            laughs.append("<!ENTITY a" + i + " \"")
                    .append(("&a" + (i - 1) + ";").repeat(10))
                    .append("\">");
        }
        assertRefused(laughs + "]><cib><configuration>&a29;</configuration></cib>");
    }

    /** A document that never ends. */
    private static final class Endless extends InputStream {
        private static final byte[] COMMENT = "<!-- nothing to see here -->\n".getBytes(StandardCharsets.UTF_8);

        private final InputStream start = new ByteArrayInputStream("<cib>\n".getBytes(StandardCharsets.UTF_8));
        private int at;

        @Override
        public int read() throws IOException {
            int value = start.read();
            return value >= 0 ? value : COMMENT[at++ % COMMENT.length];
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            for (int i = 0; i < length; i++) {
                buffer[offset + i] = (byte) read();
            }
            return length;
        }
    }

    @Test
    void aHundredMegabytesAreRefusedWithoutBeingKept() {
        assertThatThrownBy(() -> Simulation.of(new Endless(), Optional.empty(), NOON))
                .isInstanceOf(CibException.class)
                .hasMessageContaining("larger than 64 MiB")
                .hasMessageStartingWith("line ");
    }

    @Test
    void elementsNestedTooDeepAreRefused() {
        assertRefused("<cib><configuration>" + "<a>".repeat(100_000), "nested more than 64 deep");
    }

    @Test
    void aTemplateThatIsNotThereIsAnError() {
        assertRefused(cib("", "<primitive id=\"a\" template=\"gone\"/>", ""), "gone", "there is none");
    }

    @Test
    void whatIsUnknownOrRefersToNothingIsTold() throws CibException {
        Simulation simulation = simulate(cib("", primitive("a") + "<machine id=\"m\"/>", """
            <rsc_location id="l1" rsc="gone" node="n1" score="10"/>
            <rsc_location id="l2" rsc="a" node="n9" score="INFINITY"/>
            <rsc_colocation id="c1" rsc="a" with-rsc="gone" score="INFINITY"/>
            <rsc_order id="o1" first="gone" then="a"/>
            <rsc_magic id="x1" rsc="a"/>
            """));
        assertThat(placed(simulation)).hasSize(1);
        assertThat(simulation.warnings())
                .anyMatch(line -> line.contains("machine m: not known"))
                .anyMatch(line -> line.contains("rsc_location l1: there is no resource \"gone\""))
                .anyMatch(line -> line.contains("rsc_location l2: there is no node \"n9\""))
                .anyMatch(line -> line.contains("rsc_colocation c1: there is no resource \"gone\""))
                .anyMatch(line -> line.contains("rsc_order o1: there is no resource \"gone\""))
                .anyMatch(line -> line.contains("rsc_magic x1: not known"))
                .allMatch(line -> line.matches("line \\d+, column \\d+: .*"));
    }

    @Test
    void scoresTimesAndRulesThatCannotBeReadAreTold() throws CibException {
        Simulation simulation = simulate(cib("", primitive("a"), """
            <rsc_location id="l1" rsc="a" node="n2" score="99999999999999999999999"/>
            <rsc_location id="l2" rsc="a" node="n1" score="much"/>
            <rsc_location id="l3" rsc-pattern="(((" node="n1" score="1"/>
            <rsc_location id="l4" rsc="a"><rule id="r" score="-INFINITY">
              <expression id="e" attribute="#uname" operation="resembles" value="n2"/>
              <date_expression id="d" operation="gt" start="tomorrow"/>
              <riddle/>
            </rule></rsc_location>
            """));
        assertThat(placed(simulation)).containsExactly("a n2");
        assertThat(simulation.warnings())
                .anyMatch(line ->
                        line.contains("l1: the score 99999999999999999999999 is out of range: taken as INFINITY"))
                .anyMatch(line -> line.contains("l2: \"much\" is no score: taken as 0"))
                .anyMatch(line -> line.contains("l3: the pattern"))
                .anyMatch(line -> line.contains("e: there is no operation \"resembles\": it never holds"))
                .anyMatch(line -> line.contains("d: \"tomorrow\" is no date"))
                .anyMatch(line -> line.contains("riddle: not known"));
    }

    @Test
    void aFileThatIsWrongThroughoutIsToldOfOnce() throws CibException {
        StringBuilder constraints = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            constraints.append("<rsc_location id=\"l" + i + "\" rsc=\"gone\" node=\"n1\" score=\"1\"/>");
        }
        List<String> warnings =
                simulate(cib("", primitive("a"), constraints.toString())).warnings();
        assertThat(warnings).hasSize(CibCheck.MAX_WARNINGS + 1).last().isEqualTo("and 800 more");
    }

    @Test
    void theNamesOfOlderSchemasAreRead() throws CibException {
        Simulation simulation = simulate(cib(
                "",
                "<master id=\"m\"><meta_attributes id=\"ma\"><nvpair id=\"mm\" name=\"master-max\" value=\"2\"/>"
                        + "</meta_attributes>" + primitive("db") + "</master>",
                """
                <rsc_location id="l" rsc="m"><rule id="r" role="Master" score="10">
                  <expression id="e" attribute="#uname" operation="defined"/>
                </rule></rsc_location>
                """));
        assertThat(simulation.warnings()).isEmpty();
        assertThat(simulation.after().running())
                .extracting(row -> row.role().name())
                .containsExactly("PROMOTED", "PROMOTED");
    }

    @Test
    void rulesThatContradictEachOtherStopWhatTheyAreAbout() throws CibException {
        assertThat(placed(simulate(cib("", primitive("a") + primitive("b"), """
            <rsc_colocation id="c1" rsc="b" with-rsc="a" score="INFINITY"/>
            <rsc_colocation id="c2" rsc="b" with-rsc="a" score="-INFINITY"/>
            """))))
                .containsExactly("a n1");
    }

    @Test
    void cyclesHaveAnAnswer() throws CibException {
        StringBuilder resources = new StringBuilder();
        StringBuilder constraints = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            int next = (i + 1) % 5;
            resources.append(primitive("r" + i));
            constraints.append("<rsc_colocation id=\"c" + i + "\" rsc=\"r" + i + "\" with-rsc=\"r" + next
                    + "\" score=\"INFINITY\"/><rsc_order id=\"o" + i + "\" first=\"r" + i + "\" then=\"r" + next
                    + "\"/>");
        }
        assertThat(simulate(cib("", resources.toString(), constraints.toString()))
                        .after())
                .isNotNull();
        assertThat(simulate(cib(
                                "",
                                primitive("a"),
                                "<rsc_order id=\"o\" first=\"a\" then=\"a\"/>"
                                        + "<rsc_colocation id=\"c\" rsc=\"a\" with-rsc=\"a\" score=\"INFINITY\"/>"))
                        .after())
                .isNotNull();
    }

    /** One constraint of this form for each resource but the first, with the one before it. */
    private static String chain(int count, String constraint) {
        StringBuilder constraints = new StringBuilder();
        for (int i = 1; i < count; i++) {
            constraints.append(constraint.formatted(i, i - 1, i));
        }
        return constraints.toString();
    }

    private static String primitives(int count) {
        StringBuilder resources = new StringBuilder();
        for (int i = 0; i < count; i++) {
            resources.append(primitive("r" + i));
        }
        return resources.toString();
    }

    /** On a small stack: what is deep in the file may not be deep in calls. */
    @Test
    void longChainsHaveAnAnswer() throws Exception {
        int count = 2_000;
        List<String> files = List.of(
                cib("", primitives(count), chain(count, "<rsc_order id=\"o%d\" first=\"r%d\" then=\"r%d\"/>")),
                cib(
                        "",
                        primitives(count),
                        chain(count, "<rsc_colocation id=\"c%d\" with-rsc=\"r%d\" rsc=\"r%d\" score=\"INFINITY\"/>")),
                cib("", "<group id=\"g\">" + primitives(count) + "</group>", ""));
        List<Integer> placed = new CopyOnWriteArrayList<>();
        FutureTask<Void> task = new FutureTask<>(() -> {
            for (String file : files) {
                placed.add(placed(simulate(file)).size());
            }
            return null;
        });
        new Thread(null, task, "small-stack", 256 << 10).start();
        task.get();
        assertThat(placed).containsExactly(count, count, count);
    }

    @Test
    void numbersThatNobodyCanMeanAreNotCountedTo() throws CibException {
        String huge = "<meta_attributes id=\"m\"><nvpair id=\"x\" name=\"clone-max\" value=\"2000000000\"/>"
                + "<nvpair id=\"y\" name=\"clone-node-max\" value=\"2000000000\"/>"
                + "<nvpair id=\"z\" name=\"globally-unique\" value=\"true\"/></meta_attributes>";
        assertThat(simulate(cib("", "<clone id=\"c\">" + huge + primitive("a") + "</clone>", ""))
                        .warnings())
                .isNotEmpty();
        assertThat(simulate(cib("", "<bundle id=\"b\"><podman image=\"i\" replicas=\"2000000000\"/></bundle>", ""))
                        .warnings())
                .isNotEmpty();
    }

    @Test
    void anIdThatIsUsedTwiceIsTold() throws CibException {
        assertThat(simulate(cib("", primitive("a").repeat(50), "")).warnings())
                .isNotEmpty()
                .allMatch(line -> line.contains("its id is used before"));
    }
}
