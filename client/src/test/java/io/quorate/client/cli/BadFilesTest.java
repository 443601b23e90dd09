package io.quorate.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.quorate.client.FakeServer;
import io.quorate.client.manifest.ManifestLoader;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.ApplyManifestsResponse;
import io.quorate.v1.ResourceServiceGrpc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that is wrong: one error with file, line and column, exit code 2, and nothing is sent. */
class BadFilesTest {
    private final FakeServer server = new FakeServer();
    private final CliRun cli = new CliRun(server);

    @TempDir
    private Path directory;

    /** What is wrong, and the first line that its author reads. */
    private record Mistake(String name, String file, String error) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeEach
    void serve() {
        server.answer(
                ResourceServiceGrpc.getApplyManifestsMethod(), request -> ApplyManifestsResponse.getDefaultInstance());
        cli.in(directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    static Stream<Mistake> mistakes() {
        String www = "kind: Resource\nname: www\n";
        return Stream.of(
                new Mistake("unknown key", www + "type: systemd:nginx\nmontior: {}\n", ":4:1: "),
                new Mistake("unknown kind", "kind: Resuorce\nname: www\n", ":1:7: "),
                new Mistake("wrong type", www + "type: [systemd, nginx]\n", ":3:7: "),
                new Mistake("a text for a number", www + "type: systemd:nginx\npriority: high\n", ":4:11: "),
                new Mistake("key twice", www + "type: systemd:nginx\nname: web\n", ":4:1: "),
                new Mistake(
                        "name twice",
                        www + "type: systemd:nginx\n---\n" + www + "type: systemd:nginx\n",
                        ":6:7: resources/www is defined twice"),
                new Mistake(
                        "cycle of groups",
                        "kind: Group\nname: a\nmembers: [b]\n---\nkind: Group\nname: b\nmembers: [a]\n",
                        ":3:11: "),
                new Mistake(
                        "duration without a unit", www + "type: systemd:nginx\nmonitor: {interval: 10}\n", ":4:21: "),
                new Mistake("negative duration", www + "type: systemd:nginx\nmonitor: {interval: -5s}\n", ":4:21: "),
                new Mistake("empty file", "", ": the file is empty"),
                new Mistake("empty document", www + "type: systemd:nginx\n---\n---\n" + www, ":5:1: "),
                new Mistake("only a header", "set: web\n", ": the file has no objects"),
                new Mistake("secret in clear", www + "type: ocf:heartbeat:pgsql\nparams: {password: x}\n", ":4:"),
                new Mistake("unknown class of type", www + "type: systmed:nginx\n", ":3:7: "),
                new Mistake("name that is none", "kind: Resource\nname: ../www\ntype: systemd:nginx\n", ":2:7: "),
                new Mistake(
                        "value that is too large",
                        www + "type: ocf:heartbeat:Dummy\nparams: {state: " + "x".repeat(70_000) + "}\n",
                        ":1:1: the object is larger than 64 KiB"),
                new Mistake("broken YAML", www + "type: [\n", ":4:1: "),
                new Mistake("tab", www + "\ttype: systemd:nginx\n", ":3:1: "));
    }

    private void assertRefused(int exitCode, String error) {
        assertThat(exitCode).as(cli.err()).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err())
                .startsWith("error: " + error)
                .doesNotContain("\tat ")
                .doesNotContain("defect");
        assertThat(cli.out()).isEmpty();
        assertThat(server.requests(ApplyManifestsRequest.class)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsShownWithItsPlaceAndNothingIsSent(Mistake mistake) throws IOException {
        Files.writeString(directory.resolve("web.yaml"), mistake.file());
        assertRefused(cli.run("apply", "-f", "web.yaml", "--yes"), "web.yaml" + mistake.error());
    }

    @ParameterizedTest
    @ValueSource(strings = {"diff", "validate", "validate --offline", "apply --dry-run"})
    void everyVerbThatReadsFilesRefusesThem(String verb) throws IOException {
        Files.writeString(directory.resolve("web.yaml"), "kind: Resource\nname: www\nmontior: {}\n");
        assertRefused(cli.run((verb + " -f web.yaml").split(" ")), "web.yaml:");
    }

    @Test
    void allMistakesOfAllFilesAreToldAtOnce() throws IOException {
        Files.writeString(directory.resolve("a.yaml"), "kind: Resource\nname: a\ntype: systemd:a\nx: 1\n");
        Files.writeString(directory.resolve("b.yaml"), "kind: Resource\nname: b\ntype: systemd:b\ny: 1\n");
        assertRefused(cli.run("apply", "-f", "a.yaml", "-f", "b.yaml"), "a.yaml:4:1: ");
        assertThat(cli.err()).contains("b.yaml:4:1: ");
    }

    @Test
    void aDirectoryIsNoFile() throws IOException {
        Files.createDirectory(directory.resolve("web.yaml"));
        assertRefused(cli.run("apply", "-f", "web.yaml"), "web.yaml: this is a directory");
    }

    @Test
    void aFileThatIsNotThereIsSaidSo() {
        assertRefused(cli.run("apply", "-f", "web.yaml"), "web.yaml: there is no such file");
    }

    @Test
    void aFileThatIsTooLargeIsNotRead() throws IOException {
        Files.write(directory.resolve("web.yaml"), new byte[ManifestLoader.MAX_FILE_BYTES + 1]);
        assertRefused(cli.run("apply", "-f", "web.yaml"), "web.yaml: the file is larger than 4 MiB");
    }

    @Test
    void whatIsNotTextIsRefusedWhereItBegins() throws IOException {
        byte[] bytes = "kind: Resource\nname: w?w\n".getBytes(StandardCharsets.US_ASCII);
        bytes[22] = (byte) 0xFF;
        Files.write(directory.resolve("web.yaml"), bytes);
        assertRefused(cli.run("apply", "-f", "web.yaml"), "web.yaml:2:8: this is not UTF-8 text");
    }

    @Test
    void noFileIsAUsageError() {
        assertThat(cli.run("apply")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).contains("--file");
    }

    /** What only the cluster knows is refused by it, with the place that the file was read from. */
    @Test
    void aRefusalOfTheClusterPointsIntoTheFile() throws IOException {
        Files.writeString(directory.resolve("web.yaml"), "kind: Group\nname: web\nmembers: [vip]\n");
        server.answer(ResourceServiceGrpc.getApplyManifestsMethod(), request -> {
            throw FakeServer.failure(
                    Status.Code.INVALID_ARGUMENT,
                    "DANGLING_REFERENCE",
                    request.getManifests(0).getSource() + ":"
                            + request.getManifests(0).getLine() + ":"
                            + request.getManifests(0).getColumn()
                            + ": groups/web names resources/vip, which does not exist");
        });
        assertThat(cli.run("apply", "-f", "web.yaml")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err())
                .isEqualTo("error: web.yaml:1:1: groups/web names resources/vip, which does not exist"
                        + "    DANGLING_REFERENCE\n");
    }
}
