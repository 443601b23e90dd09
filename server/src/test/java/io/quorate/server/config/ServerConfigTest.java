package io.quorate.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Defaults, and files that a server must not start with. */
class ServerConfigTest {
    private static ServerConfig parse(String text) {
        return ServerConfigFile.parse("server.yaml", text).toConfig(ServerConfigFile.Flags.none());
    }

    @Test
    void defaults() {
        assertThat(parse("node: n1"))
                .isEqualTo(new ServerConfig(
                        "n1",
                        Path.of("/var/lib/quorate/server"),
                        "127.0.0.1",
                        7400,
                        7402,
                        7403,
                        "127.0.0.1",
                        7401,
                        Optional.empty(),
                        Duration.ofMillis(500),
                        Duration.ofMillis(1_000)));
    }

    @Test
    void whatIsWrittenReadsBack() {
        ServerConfig config = parse("{node: n2, listen: 10.0.0.2, apiPort: 17400, pki: /etc/quorate/pki}");
        assertThat(parse(config.toYaml())).isEqualTo(config);
    }

    @Test
    void anUnknownKeyAndAWrongTypeAreErrorsThatNameTheKey() {
        assertThatThrownBy(() -> parse("{node: n1, lisen: 10.0.0.1}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("lisen")
                .hasMessageContaining("listen");
        assertThatThrownBy(() -> parse("{node: n1, apiPort: often}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("apiPort");
        assertThatThrownBy(() -> parse("{node: n1, apiPort: 70000}")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> parse("{node: n1, electionTimeoutMin: soon}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("500ms");
        assertThatThrownBy(() -> parse("{listen: 10.0.0.1}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("node");
    }
}
