package io.quorate.server.verb;

import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.log.v1.SnapshotHeader;
import io.quorate.server.config.ConfigException;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import io.quorate.statemachine.snapshot.SnapshotException;
import io.quorate.statemachine.snapshot.SnapshotReader;
import io.quorate.statemachine.snapshot.StateDigest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Backup files, looked at without a server: {@code quorate backup inspect} and {@code quorate backup verify}. */
public final class Backups {
    private Backups() {}

    /** Reads and checks a whole backup; the message of a failure names the file. */
    static ClusterState read(Path file) throws SnapshotException, IOException {
        try (InputStream in = open(file)) {
            return SnapshotReader.read(in);
        } catch (SnapshotException e) {
            throw new SnapshotException(file + ": " + e.getMessage(), e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new ConfigException(file + " is a directory: name the file that backup create wrote");
        }
        try {
            return new BufferedInputStream(Files.newInputStream(file));
        } catch (NoSuchFileException e) {
            throw new ConfigException("there is no file " + file);
        }
    }

    /** {@code quorate backup inspect}. */
    @Command(description = "What a backup says it is; verify also checks it.")
    public static final class Inspect extends HostVerb {
        @Parameters(index = "0", paramLabel = "FILE", description = "As backup create wrote it")
        private Path file = Path.of("");

        public Inspect(CliContext context) {
            super(context);
        }

        @Override
        int run() throws SnapshotException, IOException {
            SnapshotHeader header;
            try (InputStream in = open(file)) {
                header = SnapshotReader.header(in);
            } catch (SnapshotException e) {
                throw new SnapshotException(file + ": " + e.getMessage(), e);
            }
            say("cluster %s %s · position %s (%s) · level %d · written by %s"
                    .formatted(
                            header.getClusterName(),
                            header.getClusterId(),
                            Positions.format(header.getPosition()),
                            Instant.ofEpochMilli(header.getStamp().getWallMillis()),
                            header.getFeatureLevel(),
                            header.getWrittenBy()));
            return ExitCodes.OK;
        }
    }

    /** {@code quorate backup verify}: restores it into memory. */
    @Command(
            description = "Read a backup to its last byte, check every digest, and say what is in it.",
            footer = {"", "Example: quorate backup verify prod.qbk"})
    public static final class Verify extends HostVerb {
        @Parameters(index = "0", paramLabel = "FILE", description = "As backup create wrote it")
        private Path file = Path.of("");

        public Verify(CliContext context) {
            super(context);
        }

        @Override
        int run() throws SnapshotException, IOException {
            ClusterState state = read(file);
            long owners = state.instances().values().stream()
                    .filter(instance -> instance.hasOwnership())
                    .count();
            say(
                    "ok  cluster %s %s · position %s (%s) · level %d · %d objects, %d nodes, %d owners · digest %s · %d bytes"
                            .formatted(
                                    state.meta().getClusterName(),
                                    state.meta().getClusterId(),
                                    Positions.format(state.position()),
                                    Instant.ofEpochMilli(state.stamp().getWallMillis()),
                                    state.meta().getFeatureLevel(),
                                    state.objects().size(),
                                    state.nodes().size(),
                                    owners,
                                    HexFormat.of()
                                            .formatHex(StateDigest.of(state).toByteArray())
                                            .substring(0, 12),
                                    Files.size(file)));
            return ExitCodes.OK;
        }
    }
}
