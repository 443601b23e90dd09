package io.quorate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cluster is found in a fixed order, and a wrong file is told with its name. */
class ClientContextsTest {
    @TempDir
    private Path directory;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    private static ClientConfig resolve(
            Map<String, String> environment, String endpoints, String context, Path... files) {
        return new ClientContexts(environment, List.of(files)).resolve(endpoints, context);
    }

    @Test
    void withoutAnythingItIsLoopbackAndTheNodesOfADevClusterThatMayHaveLostItsFirst() {
        ClientConfig config = resolve(Map.of(), "", "", directory.resolve("absent.yaml"));
        assertThat(config.endpoints())
                .containsExactly(
                        new Endpoint("127.0.0.1", 7400),
                        new Endpoint("127.0.0.1", 7410),
                        new Endpoint("127.0.0.1", 7420),
                        new Endpoint("127.0.0.1", 7430));
        assertThat(config.tls()).isEmpty();
    }

    @Test
    void argumentsComeBeforeTheEnvironmentAndThatBeforeFiles() throws IOException {
        Path file = file(
                "a.yaml", "current: a\ncontexts: {a: {endpoints: [h1]}, b: {endpoints: [h2]}, c: {endpoints: h3}}\n");
        assertThat(resolve(Map.of(), "", "", file).endpoints()).containsExactly(new Endpoint("h1", 7400));
        Map<String, String> environment = Map.of("QUORATE_CONTEXT", "b");
        assertThat(resolve(environment, "", "", file).endpoints()).containsExactly(new Endpoint("h2", 7400));
        assertThat(resolve(environment, "", "c", file).endpoints()).containsExactly(new Endpoint("h3", 7400));
        Map<String, String> endpoints = Map.of("QUORATE_ENDPOINTS", "h4:1");
        assertThat(resolve(endpoints, "", "", file).endpoints()).containsExactly(new Endpoint("h4", 1));
        assertThat(resolve(endpoints, "h5:2", "", file).endpoints()).containsExactly(new Endpoint("h5", 2));
    }

    @Test
    void aContextMayStandInTheSecondFile() throws IOException {
        Path first = file("a.yaml", "contexts: {a: {endpoints: [h1]}}\n");
        Path second = file("b.yaml", "contexts: {b: {endpoints: [h2]}}\n");
        assertThat(resolve(Map.of(), "", "b", first, second).endpoints()).containsExactly(new Endpoint("h2", 7400));
    }

    @Test
    void certificatesAreRelativeToTheirFile() throws IOException {
        Path file =
                file("a.yaml", "contexts: {a: {endpoints: [h1], ca: /pki/ca.crt, certificate: c.crt, key: c.key}}\n");
        TlsFiles tls = resolve(Map.of(), "", "", file).tls().orElseThrow();
        assertThat(tls)
                .isEqualTo(
                        new TlsFiles(Path.of("/pki/ca.crt"), directory.resolve("c.crt"), directory.resolve("c.key")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "contexts: {a: {endpoints: [h1], certficate: x}}",
                "context: {}",
                "contexts: {a: {endpoints: [h1], ca: x}}",
                "contexts: {a: {}}",
                "contexts: {a: {endpoints: ['h1:http']}}",
                "contexts: [",
                "- a",
            })
    void aWrongFileIsAnError(String content) throws IOException {
        Path file = file("a.yaml", content);
        QuorateException error = catchThrowableOfType(QuorateException.class, () -> resolve(Map.of(), "", "", file));
        assertThat(error.exitCode()).isEqualTo(2);
    }

    @Test
    void anUnknownContextNamesTheKnownOnes() throws IOException {
        Path file = file("a.yaml", "contexts: {prod: {endpoints: [h1]}, test: {endpoints: [h2]}}\n");
        QuorateException error = catchThrowableOfType(QuorateException.class, () -> resolve(Map.of(), "", "dev", file));
        assertThat(error).hasMessage("no context \"dev\" (known: prod, test)");
    }

    @Test
    void endpointsHaveADefaultPortAndIpv6IsWrittenInBrackets() {
        assertThat(Endpoint.parseList("n1, n2:7410,[::1]:7420,::1,[fe80::1]"))
                .containsExactly(
                        new Endpoint("n1", 7400),
                        new Endpoint("n2", 7410),
                        new Endpoint("::1", 7420),
                        new Endpoint("::1", 7400),
                        new Endpoint("fe80::1", 7400));
        assertThat(new Endpoint("::1", 7400)).hasToString("[::1]:7400");
    }

    @Test
    void onlyAddressesOfThisMachineAreLoopback() {
        assertThat(List.of("127.0.0.1", "127.3.2.1", "localhost", "LOCALHOST", "::1"))
                .allMatch(host -> new Endpoint(host, 1).isLoopback());
        assertThat(List.of("127.example.com", "10.0.0.1", "localhost.example.com", "fe80::1"))
                .noneMatch(host -> new Endpoint(host, 1).isLoopback());
    }
}
