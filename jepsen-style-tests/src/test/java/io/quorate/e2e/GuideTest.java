package io.quorate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.e2e.lab.LabException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The suite does what the operator's guide says: it finds its blocks, and notices when they are gone. */
class GuideTest {
    @Test
    void theGuideHasEveryBlockThatTheSuiteFollows() throws Exception {
        Guide guide = Guide.read(Path.of("..", "docs", "operators-guide.md"));
        for (String block : List.of("certificates", "voters", "start", "fencing", "service", "replace-voter")) {
            assertThat(guide.commands(block)).describedAs(block).isNotEmpty();
        }
        for (String file : List.of("agent.yaml", "client.yaml", "fencing.yaml")) {
            assertThat(guide.file("/etc/quorate/" + file)).isNotBlank();
        }
    }

    @Test
    void aPromptSaysWhoRunsACommand() {
        Guide guide = Guide.parse(List.of("text", "```console x", "n1# a b", "each# c", "```", "```", "n2# d", "```"));
        assertThat(guide.commands("x"))
                .containsExactly(new Guide.Command(Optional.of("n1"), "a b"), new Guide.Command(Optional.empty(), "c"));
    }

    @Test
    void whatTheGuideNoLongerSaysIsAnError() {
        Guide guide = Guide.parse(List.of("```console x", "no prompt", "```"));
        assertThatThrownBy(() -> guide.commands("x")).isInstanceOf(LabException.class);
        assertThatThrownBy(() -> guide.commands("y")).isInstanceOf(LabException.class);
        assertThatThrownBy(() -> Guide.instead("a b", "c", "d")).isInstanceOf(LabException.class);
    }
}
