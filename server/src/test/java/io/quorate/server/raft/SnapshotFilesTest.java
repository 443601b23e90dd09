package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.statemachine.model.ClusterState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of a snapshot survives a power loss. */
class SnapshotFilesTest {
    @TempDir
    private Path directory;

    @TempDir
    private Path elsewhere;

    /** The JDK's own record of what it told the disk to keep: no test can take the power away. */
    @Test
    void aSnapshotIsOnTheDiskBeforeItHasItsName() throws IOException {
        Path recorded = elsewhere.resolve("recorded.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.FileForce").withoutThreshold();
            recording.start();
            SnapshotFiles.write(directory, ClusterState.empty(), TermIndex.valueOf(1, 5), "test");
            recording.stop();
            recording.dump(recorded);
        }
        List<String> kept = RecordingFile.readAllEvents(recorded).stream()
                .filter(event -> event.getEventType().getName().equals("jdk.FileForce"))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .map(event -> event.getString("path"))
                .toList();
        assertThat(kept)
                .containsSubsequence(directory.resolve("snapshot.1_5.writing").toString(), directory.toString());
    }
}
