package io.quorate.server.agent.exec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A cgroup with all cgroups below it. One that does not exist is empty; one that cannot be read is not known to be, and its
 * methods throw {@link UncheckedIOException}. All methods may be called from any thread.
 */
record Cgroup(Path directory, boolean versionTwo) {
    private static final Path ROOT = Path.of("/");

    /** What systemd calls so, in each hierarchy in which it may keep the processes of a unit. */
    static List<Cgroup> ofSystemd(Path mount, String name) {
        Path relative = ROOT.relativize(Path.of(name));
        return List.of(
                new Cgroup(mount.resolve(relative), true),
                new Cgroup(mount.resolve("unified").resolve(relative), true),
                new Cgroup(mount.resolve("systemd").resolve(relative), false));
    }

    /** Living processes inside, zombies left out. */
    List<ProcessIdentity> processes() {
        List<ProcessIdentity> found = new ArrayList<>();
        collect(directory, found);
        return found;
    }

    private static void collect(Path directory, List<ProcessIdentity> found) {
        try {
            for (String line : Files.readAllLines(directory.resolve("cgroup.procs"), StandardCharsets.US_ASCII)) {
                ProcessIdentity.of(Long.parseLong(line.strip())).ifPresent(found::add);
            }
            for (Path child : children(directory)) {
                collect(child, found);
            }
        } catch (IOException e) {
            requireGone(directory, e);
        }
    }

    boolean isEmpty() {
        return versionTwo ? !populated() : processes().isEmpty();
    }

    private boolean populated() {
        try {
            return !Files.readAllLines(directory.resolve("cgroup.events"), StandardCharsets.US_ASCII)
                    .contains("populated 0");
        } catch (IOException e) {
            requireGone(directory, e);
            return false;
        }
    }

    /** Kills everything inside and removes the cgroup; true when it was empty within that time. */
    boolean killAll(Duration patience) {
        return Signals.await(
                () -> {
                    if (versionTwo) {
                        killAtOnce();
                    } else {
                        Signals.kill(processes());
                    }
                    // Removing fails when a process has just come in, as one does that is being started.
                    return isEmpty() && (remove(directory) || isEmpty());
                },
                patience);
    }

    /** The kernel kills what forks meanwhile too. */
    private void killAtOnce() {
        try {
            Files.writeString(
                    directory.resolve("cgroup.kill"), "1", StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
        } catch (IOException e) {
            requireGone(directory, e);
        }
    }

    /** False when one of them is in use, again or still: the kernel removes only empty ones. */
    private static boolean remove(Path directory) {
        try {
            for (Path child : children(directory)) {
                remove(child);
            }
            Files.delete(directory);
            return true;
        } catch (IOException e) {
            return Files.notExists(directory);
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> directories =
                Files.newDirectoryStream(directory, child -> Files.isDirectory(child))) {
            directories.forEach(children::add);
        }
        return children;
    }

    private static void requireGone(Path directory, IOException failure) {
        if (!Files.notExists(directory)) {
            throw new UncheckedIOException("cannot use cgroup " + directory, failure);
        }
    }
}
