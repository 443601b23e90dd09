package io.quorate.client.cli.verb;

import io.quorate.client.Category;
import io.quorate.client.Positions;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.UsageException;
import io.quorate.v1.CreateBackupRequest;
import io.quorate.v1.CreateBackupResponse;
import io.quorate.v1.MaintenanceServiceGrpc;
import io.quorate.v1.Position;
import io.quorate.v1.ResponseHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes the state of one position into a file: complete and on the disk, or not there at all. */
@Command(
        name = "create",
        description = "Writes the cluster's state into a file that only its owner can read.",
        footer = {"", "  quorate backup create prod.qbk", "  quorate backup verify prod.qbk"})
public final class BackupCreateVerb extends ReadVerb {
    private static final Duration DEFAULT_LIMIT = Duration.ofMinutes(5);
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    @Parameters(index = "0", paramLabel = "FILE", description = "must not exist yet, unless --force")
    private String file = "";

    @Option(names = "--force", description = "Replace the file")
    private boolean force;

    public BackupCreateVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        Path target = cli().directory().resolve(file).toAbsolutePath();
        if (!force && Files.exists(target)) {
            throw new UsageException(file + " exists; --force replaces it");
        }
        Path directory = target.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new UsageException("there is no directory " + directory + ": make it first");
        }
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        try {
            Written written = write(client, temporary);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory(target);
            print(
                    CreateBackupResponse.newBuilder().setHeader(written.header).build(),
                    () -> file + ": position " + Positions.format(written.header.getPosition()) + ", " + written.bytes
                            + " bytes · quorate backup verify " + file + "\n");
            return ExitCodes.OK;
        } catch (IOException | UncheckedIOException e) {
            throw QuorateException.of(Category.ERROR, "CANNOT_WRITE", file + " cannot be written: " + e.getMessage())
                    .cause(e)
                    .build();
        } finally {
            deleteQuietly(temporary);
        }
    }

    private Written write(QuorateClient client, Path temporary) throws IOException {
        Files.deleteIfExists(temporary);
        Written written = new Written();
        try (FileChannel channel = FileChannel.open(
                temporary,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
            client.streamAll(
                    MaintenanceServiceGrpc.getCreateBackupMethod(),
                    CreateBackupRequest.newBuilder().setRead(read().toOptions()).build(),
                    options().timeout().orElse(DEFAULT_LIMIT),
                    part -> written.add(part, channel));
            channel.force(true);
        }
        if (written.bytes == 0 || written.header.getPosition().equals(Position.getDefaultInstance())) {
            throw QuorateException.of(Category.ERROR, "EMPTY_BACKUP", "the server sent an empty backup")
                    .build();
        }
        return written;
    }

    private static void syncDirectory(Path file) throws IOException {
        Path directory = file.getParent();
        if (directory != null) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // What is left is a file named .tmp; the outcome was already told.
        }
    }

    /** What came so far. */
    private static final class Written {
        private ResponseHeader header = ResponseHeader.getDefaultInstance();
        private long bytes;

        void add(CreateBackupResponse part, FileChannel channel) {
            if (part.hasHeader()) {
                header = part.getHeader();
            }
            ByteBuffer chunk = part.getChunk().asReadOnlyByteBuffer();
            bytes += chunk.remaining();
            try {
                while (chunk.hasRemaining()) {
                    int unused = channel.write(chunk);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
