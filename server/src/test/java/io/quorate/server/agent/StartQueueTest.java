package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.StoredAgent;
import io.quorate.agent.v1.StoredInstance;
import io.quorate.agent.v1.StoredMember;
import io.quorate.agent.v1.StoredMember.Phase;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances a to d, each with one member. */
class StartQueueTest {
    @TempDir
    private Path directory;

    private AgentStore store;
    private InstanceTable table;
    private StartQueue queue;

    @BeforeEach
    void open() throws IOException {
        store = AgentStore.open(directory);
        StoredAgent.Builder stored = StoredAgent.newBuilder().setBootId("boot");
        for (String name : new String[] {"a", "b", "c", "d"}) {
            stored.addInstances(StoredInstance.newBuilder()
                    .setInstance(name)
                    .addMembers(StoredMember.newBuilder()
                            .setResource(name)
                            .setPhase(name.equals("d") ? Phase.PHASE_STARTING : Phase.PHASE_STOPPED)));
        }
        table = new InstanceTable(store, stored.build(), "boot");
        queue = new StartQueue(table);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private void becomes(String name, Phase phase, boolean busy) {
        table.putUnsaved(table.get(name)
                .orElseThrow()
                .withMember(name, member -> member.in(phase))
                .withBusy(busy));
    }

    private boolean begins(String name) {
        boolean admitted = queue.admits(name, 1);
        if (admitted) {
            becomes(name, Phase.PHASE_STARTING, true);
        }
        return admitted;
    }

    /** An instance that fails and starts again and again does not come before one that has waited longer. */
    @Test
    void whoCameFirstIsFirst() {
        assertThat(begins("b")).isTrue();
        assertThat(begins("c")).isFalse();
        assertThat(begins("a")).isFalse();
        becomes("b", Phase.PHASE_STOPPED, false);
        assertThat(begins("b")).isFalse();
        assertThat(begins("a")).isFalse();
        assertThat(begins("c")).isTrue();
        becomes("c", Phase.PHASE_RUNNING, false);
        assertThat(begins("b")).isFalse();
        assertThat(begins("a")).isTrue();
    }

    @Test
    void whatLeavesOrHasAnotherOperationUnderWayHoldsNobodyUp() {
        assertThat(begins("a")).isTrue();
        assertThat(begins("b")).isFalse();
        assertThat(begins("c")).isFalse();
        becomes("a", Phase.PHASE_RUNNING, false);
        becomes("b", Phase.PHASE_STOPPED, true);
        assertThat(begins("c")).as("b is monitored").isTrue();
        becomes("c", Phase.PHASE_RUNNING, false);
        becomes("b", Phase.PHASE_STOPPED, false);
        becomes("c", Phase.PHASE_STOPPED, false);
        assertThat(begins("c")).as("b kept its place").isFalse();
        assertThat(queue.leave("b")).isTrue();
        assertThat(queue.leave("b")).isFalse();
        assertThat(begins("c")).isTrue();
    }

    @Test
    void aStartOfAnEarlierProcessCountsUntilItsEndIsKnown() {
        table.putUnsaved(table.get("d").orElseThrow().withBusy(true));
        assertThat(begins("a")).isFalse();
        becomes("d", Phase.PHASE_FAILED, false);
        assertThat(begins("a")).isTrue();
    }

    @Test
    void aLeaderThatSaysNoLimitHasNone() {
        assertThat(begins("a")).isTrue();
        assertThat(queue.admits("b", 0)).isTrue();
    }
}
