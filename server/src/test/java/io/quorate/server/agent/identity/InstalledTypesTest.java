package io.quorate.server.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.AgentTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent says that it can run is what a definition may name. */
class InstalledTypesTest {
    @TempDir
    private Path directory;

    private void file(String path, String mode) throws IOException {
        Path file = directory.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private AgentTypes list() {
        return InstalledTypes.list(directory.resolve("ocf"), directory.resolve("sbin"));
    }

    @Test
    void programsCountAndHelpersDoNot() throws IOException {
        file("ocf/resource.d/heartbeat/IPaddr2", "rwxr-xr-x");
        file("ocf/resource.d/pacemaker/ping", "rwxr-xr-x");
        file("ocf/resource.d/heartbeat/.ocf-shellfuncs", "rwxr-xr-x");
        file("ocf/resource.d/heartbeat/README", "rw-r--r--");
        file("ocf/lib/heartbeat/ocf-binaries", "rwxr-xr-x");
        file("sbin/fence_ipmilan", "rwxr-xr-x");
        file("sbin/shutdown", "rwxr-xr-x");
        Files.createDirectories(directory.resolve("sbin/fence_directory"));
        assertThat(list().getNamesList())
                .containsExactly("fence_ipmilan", "ocf:heartbeat:IPaddr2", "ocf:pacemaker:ping");
        assertThat(list().getIncomplete()).isFalse();
    }

    @Test
    void aNodeWithoutAgentsSaysThatItHasNone() {
        assertThat(list()).isEqualTo(AgentTypes.getDefaultInstance());
    }

    /** Its links lead in a circle, so that not even root can read it. */
    @Test
    void aDirectoryThatCannotBeReadMakesTheListIncomplete() throws IOException {
        file("sbin/fence_ipmilan", "rwxr-xr-x");
        Files.createDirectories(directory.resolve("ocf"));
        Files.createSymbolicLink(directory.resolve("ocf/resource.d"), Path.of("resource.d"));
        assertThat(list().getIncomplete()).isTrue();
    }
}
