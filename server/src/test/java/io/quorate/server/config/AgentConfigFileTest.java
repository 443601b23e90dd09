package io.quorate.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgentConfigFileTest {
    private static final AgentConfigFile.Flags NO_FLAGS = new AgentConfigFile.Flags(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            true,
            Optional.empty());

    private static AgentConfig config(String yaml) {
        return AgentConfigFile.parse("agent.yaml", yaml).toConfig(NO_FLAGS);
    }

    @Test
    void defaultsAreThoseOfAnInstalledNode() {
        AgentConfig config = config("node: n1\nservers: [10.0.0.1:7403]\n");
        assertThat(config.data()).isEqualTo(Path.of("/var/lib/quorate/agent"));
        assertThat(config.ocfRoot()).isEqualTo(Path.of("/usr/lib/ocf"));
        assertThat(config.fenceAgents()).isEqualTo(Path.of("/usr/sbin"));
        assertThat(config.cgroups()).isTrue();
        assertThat(config.machineId()).isEmpty();
        assertThat(config.pki()).isEmpty();
    }

    @Test
    void everythingElseIsAnErrorThatNamesTheKey() {
        assertThatThrownBy(() -> config("node: n1\nserver: x:1\n")).hasMessageContaining("unknown key 'server'");
        assertThatThrownBy(() -> config("node: n1\nmachine: {uuid: x}\nservers: [a:1]\n"))
                .hasMessageContaining("machine.uuid");
        assertThatThrownBy(() -> config("node: 7\nservers: [a:1]\n")).hasMessageContaining("node should be text");
        assertThatThrownBy(() -> config("node: N/1\nservers: [a:1]\n")).hasMessageContaining("not a node name");
        assertThatThrownBy(() -> config("node: n1\nservers: [a]\n")).hasMessageContaining("host:port");
        assertThatThrownBy(() -> config("node: n1\n")).hasMessageContaining("at least one");
        assertThatThrownBy(() -> config("node: n1\nnode: n2\n")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config("")).hasMessageContaining("map of settings");
        assertThatThrownBy(() -> config("node: n1\nservers: [a:1]\nmachine: {bootId: b}\n"))
                .hasMessageContaining("only together");
    }
}
