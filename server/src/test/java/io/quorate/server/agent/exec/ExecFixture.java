package io.quorate.server.agent.exec;

import io.quorate.server.time.Clock;
import io.quorate.v1.OcfKind;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.ResourceSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;

/** Real executors over a directory of their own, with cells in cgroups where those are writable and by marker otherwise. */
public final class ExecFixture {
    public final String agentId = "test-" + UUID.randomUUID();
    public final Path directory;
    public final ProcessRunner runner = new SystemProcessRunner(Clock.system());
    public final Cells cells;
    public final OperationFiles files;
    public final Path ocfRoot;
    public final CopyFiles copies;
    public final PacemakerTools tools;
    public final OcfExecutor ocf;
    public final ProcessExecutor process;
    public final MemberOperations operations;

    public ExecFixture(Path directory, boolean cgroups) throws IOException {
        this.directory = directory;
        MarkerCells markers = new MarkerCells(agentId);
        this.cells = cgroups
                ? CgroupCells.detect(Path.of("/sys/fs/cgroup"), agentId, markers)
                        .map(Cells.class::cast)
                        .orElse(markers)
                : markers;
        this.files = new OperationFiles(directory.resolve("run"));
        this.ocfRoot = Files.createDirectories(directory.resolve("ocf"));
        Files.createDirectories(ocfRoot.resolve("resource.d/test"));
        Path temporary = Files.createDirectories(directory.resolve("rsctmp"));
        this.copies = new CopyFiles(directory.resolve("copies"));
        this.tools = PacemakerTools.install(directory.resolve("tools"), "n1", CleanEnvironment.PATH, copies);
        this.ocf = new OcfExecutor(runner, cells, files, ocfRoot, temporary, tools);
        this.process = new ProcessExecutor(runner, cells, files, Clock.system());
        SystemdExecutor systemd = new SystemdExecutor(
                runner, files, directory.resolve("systemctl"), directory.resolve("cgroups"), Clock.system());
        this.operations = new MemberOperations(runner, cells, ocf, process, systemd);
    }

    public static Path script(Path file, String body) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    public Path agent(String type, String body) throws IOException {
        return script(ocfRoot.resolve("resource.d/test").resolve(type), body);
    }

    public static ResourceSpec ocfSpec(String provider, String type) {
        return ResourceSpec.newBuilder()
                .setOcf(OcfKind.newBuilder().setProvider(provider).setType(type))
                .build();
    }

    public static ProcessKind.Builder processKind(String... command) {
        return ProcessKind.newBuilder().addAllCommand(List.of(command));
    }

    public static ResourceSpec spec(ProcessKind.Builder kind) {
        return ResourceSpec.newBuilder().setProcess(kind).build();
    }
}
