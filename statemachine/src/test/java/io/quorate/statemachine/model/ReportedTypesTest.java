package io.quorate.statemachine.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.AgentTypes;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A node's row stays bounded, and says when it does not name everything. */
class ReportedTypesTest {
    private static AgentTypes bounded(List<String> names) {
        return ReportedTypes.bounded(AgentTypes.newBuilder().addAllNames(names).build());
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "ocf:test:t" + i).toList();
    }

    @Test
    void whatFitsIsKeptAsItIs() {
        AgentTypes all = bounded(names(Limits.AGENT_TYPES));
        assertThat(all.getNamesList()).isEqualTo(names(Limits.AGENT_TYPES));
        assertThat(all.getIncomplete()).isFalse();
    }

    @Test
    void whatDoesNotFitMakesTheReportIncomplete() {
        AgentTypes tooMany = bounded(names(Limits.AGENT_TYPES + 1));
        assertThat(tooMany.getNamesCount()).isEqualTo(Limits.AGENT_TYPES);
        assertThat(tooMany.getIncomplete()).isTrue();
        AgentTypes tooLong = bounded(List.of("a", "b".repeat(Limits.AGENT_TYPE_BYTES + 1), "c"));
        assertThat(tooLong.getNamesList()).containsExactly("a", "c");
        assertThat(tooLong.getIncomplete()).isTrue();
    }

    @Test
    void aReportThatWasIncompleteStaysSo() {
        AgentTypes partial = AgentTypes.newBuilder().setIncomplete(true).build();
        assertThat(ReportedTypes.bounded(partial).getIncomplete()).isTrue();
    }
}
