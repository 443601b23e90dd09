package io.quorate.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.manifest.ManifestLoader;
import io.quorate.client.manifest.ManifestWriter;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.Manifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code import pacemaker}: a file that can be applied, a table of verdicts, an exit code that scripts can ask. */
class ImportPacemakerTest {
    private static final String CIB = """
            <cib>
              <configuration>
                <crm_config/>
                <nodes><node id="1" uname="n1"/></nodes>
                <resources>
                  <group id="web">
                    <primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
                      <instance_attributes id="p"><nvpair id="p1" name="ip" value="10.0.0.50"/></instance_attributes>
                    </primitive>
                    <primitive id="www" class="systemd" type="nginx"/>
                  </group>
                </resources>
                <constraints>CONSTRAINTS</constraints>
              </configuration>
            </cib>
            """;

    @TempDir
    Path directory;

    private static List<Manifest> load(Path file) throws Exception {
        return new ManifestLoader(
                        new ByteArrayInputStream(new byte[0]),
                        file.toAbsolutePath().getParent())
                .load(List.of(file.getFileName().toString()));
    }

    @Test
    void theFileThatItWritesCanBeLoaded() throws Exception {
        CliRun run = new CliRun().in(directory).input(CIB.replace("CONSTRAINTS", ""));
        assertThat(run.run("import", "pacemaker", "-", "--out", "web.yaml")).isZero();
        assertThat(load(directory.resolve("web.yaml")))
                .extracting(manifest -> manifest.getMeta().getName())
                .contains("vip", "www", "web");
        assertThat(Files.readString(directory.resolve("web.yaml")))
                .contains("# 7 ")
                .contains("kept");
    }

    @Test
    void allOfItIsInTheSetThatIsNamed() throws Exception {
        CliRun run = new CliRun().in(directory).input(CIB.replace("CONSTRAINTS", ""));
        assertThat(run.run("import", "pacemaker", "-", "--set", "shop", "--out", "web.yaml"))
                .isZero();
        assertThat(load(directory.resolve("web.yaml")))
                .isNotEmpty()
                .allSatisfy(manifest ->
                        assertThat(manifest.getMeta().getSet()).isEqualTo(manifest.hasSettings() ? "" : "shop"));
        assertThat(new CliRun().in(directory).run("import", "pacemaker", "-", "--set", "no name"))
                .isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void aLossOfProtectionIsExitCodeSix() {
        CliRun run = new CliRun()
                .input(CIB.replace(
                        "CONSTRAINTS",
                        "<rsc_ticket id=\"t\" rsc=\"web\" ticket=\"A\"/>"
                                + "<rsc_ticket id=\"u\" rsc=\"web\" rsc-role=\"Promoted\" ticket=\"A\"/>"));
        assertThat(run.run("import", "pacemaker", "-")).isEqualTo(ExitCodes.REFUSED);
        assertThat(run.out()).contains("kind: TicketConstraint", "ticket: A");
        assertThat(run.err())
                .contains("rsc_ticket u")
                .contains("not supported !")
                .contains("protected data");
        assertThat(run.out()).contains("kind: Group");
    }

    @Test
    void whatIsNoCibIsOneErrorWithItsLine() {
        CliRun run = new CliRun().input("<cib>\n<configuration>\n</cib>");
        assertThat(run.run("import", "pacemaker", "-")).isNotZero();
        assertThat(run.err()).contains("line 3").doesNotContain("Exception");
        assertThat(new CliRun().in(directory).run("import", "pacemaker", "nothing.xml"))
                .isNotZero();
    }

    private static Path cases() {
        String elsewhere = System.getenv("QUORATE_PLACEMENT_CASES");
        return elsewhere != null
                ? Path.of(elsewhere)
                : Path.of(System.getProperty("quorate.root", ".."))
                        .resolve("../shared/data/placement/cases")
                        .normalize();
    }

    /** The README and the operator's guide send people to it. */
    @Test
    void theExampleIsTakenOverWithItsConstraints() throws Exception {
        Path example = Path.of(System.getProperty("quorate.root", "..")).resolve("examples/pacemaker.xml");
        CliRun run = new CliRun().in(directory).input(read(example));
        assertThat(run.run("import", "pacemaker", "-", "--out", "web.yaml"))
                .as(run.err())
                .isZero();
        assertThat(load(directory.resolve("web.yaml")))
                .extracting(manifest ->
                        manifest.getSpecCase() + " " + manifest.getMeta().getName())
                .contains("LOCATION web-needs-the-gateway", "COLOCATION report-beside-db", "ORDER db-before-web");
    }

    /**
     * Every CIB that we have: none is refused, each file that is written can be loaded again, with the same in it, and
     * together its objects break no rule. That a cluster accepts them is asked in statemachine's ImportedPlacementTest.
     */
    @Test
    void everyKnownCibIsTakenOver() throws Exception {
        Path cases = cases();
        Assumptions.assumeTrue(Files.isDirectory(cases), "there is no " + cases + " beside the project");
        List<Path> files;
        try (Stream<Path> all = Files.list(cases)) {
            files = all.filter(path -> path.toString().endsWith(".xml"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            CliRun run = new CliRun().in(directory).input(read(file));
            int exit = run.run("import", "pacemaker", "-", "--out", "all.yaml");
            assertThat(exit).as(file + ": " + run.err()).isIn(ExitCodes.OK, ExitCodes.REFUSED);
            Path written = directory.resolve("all.yaml");
            if (Files.readString(written).contains("\nkind: ")) {
                List<Manifest> loaded = load(written);
                assertThat(ManifestRules.checkTogether(loaded))
                        .as(file.toString())
                        .isEmpty();
                assertThat(ManifestWriter.write(plain(loaded)))
                        .as(file.toString())
                        .isEqualTo(objectsOf(Files.readString(written)));
            }
        }
    }

    /** What follows the verdicts. */
    private static String objectsOf(String text) {
        String mark = "\n---\n";
        return text.substring(text.indexOf(mark) + mark.length());
    }

    /** Without where in the file each stood. */
    private static List<Manifest> plain(List<Manifest> manifests) {
        return manifests.stream()
                .map(manifest -> manifest.toBuilder()
                        .clearSource()
                        .clearLine()
                        .clearColumn()
                        .build())
                .toList();
    }

    private static String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }
}
