package io.quorate.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any number of CIBs in one process; one that cannot be read stops no other. */
class SimulateTest {
    private static final String CIB = """
        <cib %s>
          <configuration>
            <crm_config><cluster_property_set id="o">
              <nvpair id="o1" name="stonith-enabled" value="false"/>
            </cluster_property_set></crm_config>
            <nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>
            <resources><primitive id="web" class="ocf" provider="pacemaker" type="Dummy"/></resources>
            <constraints><rsc_location id="l" rsc="web"><rule id="r" score="100" boolean-op="and">
              <expression id="e" attribute="#uname" operation="eq" value="n2"/>
              <date_expression id="d" operation="gt" start="2026-01-01"/>
            </rule></rsc_location></constraints>
          </configuration>
          <status>
            <node_state id="1" uname="n1" in_ccm="true" crmd="online" join="member" expected="member"/>
            <node_state id="2" uname="n2" in_ccm="true" crmd="online" join="member" expected="member"/>
          </status>
        </cib>
        """;

    @TempDir
    private Path directory;

    private final CliRun cli = new CliRun();

    private void write(String name, String xml) throws IOException {
        Files.writeString(Files.createDirectories(directory.resolve("in")).resolve(name), xml);
    }

    private String answer(String name) throws IOException {
        return Files.readString(directory.resolve("out").resolve(name));
    }

    private int simulate(String... more) {
        String[] line = new String[5 + more.length];
        System.arraycopy(new String[] {"simulate", "--cib", "in", "--results", "out"}, 0, line, 0, 5);
        System.arraycopy(more, 0, line, 5, more.length);
        return cli.in(directory).run(line);
    }

    @Test
    void anAnswerSaysWhatIsWhatIsDoneAndWhatIsThen() throws IOException {
        write("a.xml", CIB.formatted(""));
        assertThat(simulate()).isZero();
        assertThat(cli.out()).isEqualTo("1 read, 0 failed, 0 warnings\n");
        assertThat(answer("a.json")).isEqualTo("""
            {
              "name": "a",
              "now": "2026-11-21T03:04:11Z",
              "before": {"nodes": {"n1": {"state": "online"}, "n2": {"state": "online"}}, "running": []},
              "actions": [{"op": "start", "rsc": "web", "to": "n2"}],
              "fenced": [],
              "ops": [["start", "web", "n2"]],
              "order": [],
              "after": {"nodes": {"n1": {"state": "online"}, "n2": {"state": "online"}}, \
            "running": [{"rsc": "web", "node": "n2", "role": "Started"}], "stopped": []},
              "warnings": []
            }
            """);
    }

    @Test
    void theTimeIsTheOneGivenElseTheOneOfTheCibElseTheClocks() throws IOException {
        write("clock.xml", CIB.formatted(""));
        write("dated.xml", CIB.formatted("execution-date=\"1500000000\""));
        assertThat(simulate()).isZero();
        assertThat(answer("clock.json")).contains("2026-11-21T03:04:11Z", "\"to\": \"n2\"");
        assertThat(answer("dated.json")).contains("2017-07-14T02:40:00Z", "\"to\": \"n1\"");
        assertThat(simulate("--now", "2026-06-01T00:00:00Z")).isZero();
        assertThat(answer("dated.json")).contains("2026-06-01T00:00:00Z", "\"to\": \"n2\"");
    }

    @Test
    void aFileThatCannotBeReadIsToldOfAndTheOthersGoOn() throws IOException {
        write("a.xml", "<cib><configuration>");
        write("b.xml", CIB.formatted(""));
        Files.createDirectories(directory.resolve("out"));
        Files.writeString(directory.resolve("out/a.json"), "of an earlier run");
        assertThat(simulate()).isEqualTo(ExitCodes.ERROR);
        assertThat(cli.err()).hasLineCount(1).matches("(?s)error: .*a\\.xml: line 1, column \\d+: this is not XML: .*");
        assertThat(cli.out()).isEqualTo("1 read, 1 failed, 0 warnings\n");
        assertThat(directory.resolve("out/a.json")).doesNotExist();
        assertThat(answer("b.json")).contains("\"to\": \"n2\"");
    }

    @Test
    void oneFileIsShownWithItsWarnings() throws IOException {
        write("a.xml", CIB.formatted("").replace("<constraints>", "<constraints><rsc_magic id=\"x\"/>"));
        assertThat(cli.in(directory).run("simulate", "--cib", "in/a.xml")).isZero();
        assertThat(cli.out()).isEqualTo("""
            ACTION  RESOURCE  FROM  TO
            start   web       -     n2
            """);
        assertThat(cli.err()).startsWith("warning: ").contains("a.xml: line 8, column", "rsc_magic x: not known");
    }

    @Test
    void whatCannotBeMeantIsAUsageError() throws IOException {
        assertThat(cli.run("simulate")).isEqualTo(ExitCodes.USAGE);
        write("notes.txt", "");
        assertThat(simulate()).isEqualTo(ExitCodes.USAGE);
        write("a.xml", CIB.formatted(""));
        assertThat(simulate("--now", "soon")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.in(directory).run("simulate", "--cib", "in")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.in(directory).run("simulate", "--cib", "gone.xml")).isEqualTo(ExitCodes.ERROR);
        assertThat(cli.err()).contains("there is no such file");
    }
}
