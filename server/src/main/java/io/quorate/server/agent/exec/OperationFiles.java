package io.quorate.server.agent.exec;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** Where the output of operations and of supervised commands goes, one file each, below the agent's data directory. */
public final class OperationFiles {
    private final Path directory;

    public OperationFiles(Path directory) throws IOException {
        this.directory = Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Output of one operation; replaced by its next run. */
    public Path output(String instance, String resource, String operation) {
        return directory.resolve(instance + "." + resource + "." + operation + ".out");
    }

    /** Output of a supervised command over its whole life; grows until it is trimmed. */
    public Path log(String instance, String resource) {
        return directory.resolve(instance + "." + resource + ".log");
    }

    /** The token that a member runs under, as one decimal number: for services that read a file rather than a variable. */
    public Path token(String instance) {
        return directory.resolve(instance + ".token");
    }

    /** Puts the token where services find it; a reader sees the old or the new one, never half of it. */
    public Path writeToken(String instance, long token) throws IOException {
        Path file = token(instance);
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(temporary, token + "\n");
        Files.move(temporary, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        return file;
    }

    /**
     * Cuts files that daemons keep writing to; the last bytes stay. Called from time to time.
     *
     * @throws IOException about one of the files that cannot be cut; the others are
     */
    public void trim() throws IOException {
        @Nullable IOException failure = null;
        try (var files = Files.newDirectoryStream(directory, "*.{out,log}")) {
            for (Path file : files) {
                try {
                    OutputFile.trim(file);
                } catch (IOException e) {
                    failure = e;
                }
            }
        } catch (DirectoryIteratorException e) {
            failure = e.getCause();
        }
        if (failure != null) {
            throw failure;
        }
    }
}
