package io.quorate.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.manifest.ManifestLoader;
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
    void aLossOfProtectionIsExitCodeSix() {
        CliRun run = new CliRun().input(CIB.replace("CONSTRAINTS", "<rsc_ticket id=\"t\" rsc=\"web\" ticket=\"A\"/>"));
        assertThat(run.run("import", "pacemaker", "-")).isEqualTo(ExitCodes.REFUSED);
        assertThat(run.err())
                .contains("rsc_ticket t")
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

    /** Every CIB that we have: none is refused, and each file that is written can be loaded again. */
    @Test
    void everyKnownCibIsTakenOver() throws Exception {
        Path cases = Path.of("..", "..", "shared", "data", "placement", "cases");
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
                load(written);
            }
        }
    }

    private static String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }
}
