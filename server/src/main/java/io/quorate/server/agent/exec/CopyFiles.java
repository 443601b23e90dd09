package io.quorate.server.agent.exec;

import io.quorate.agent.v1.CloneContext;
import io.quorate.agent.v1.CloneContext.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What copies of clones say to the agent and ask of it, one directory each: the stand-ins for Pacemaker's tools write and read
 * there without a connection to anything. Files are replaced whole. Safe for use by many threads.
 */
public final class CopyFiles {
    private static final Pattern SCORE = Pattern.compile("[+-]?([0-9]{1,6}|INFINITY)");
    private static final int SCORE_LIMIT_BYTES = 16;

    private final Path directory;

    /** @param directory made with mode 0700 if it is missing */
    public CopyFiles(Path directory) throws IOException {
        this.directory = makePrivate(directory);
    }

    /** The directory of one copy; made if it is missing. */
    public Path of(String copy) throws IOException {
        return makePrivate(directory.resolve(copy));
    }

    /** The promotion score that the copy's resource agent set last; empty: none, or one that is no score. */
    public Optional<String> score(String copy) throws IOException {
        Path score = directory.resolve(copy).resolve("score");
        if (!Files.isRegularFile(score, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (InputStream file = Files.newInputStream(score)) {
            String text = new String(file.readNBytes(SCORE_LIMIT_BYTES), StandardCharsets.US_ASCII).strip();
            return Optional.of(text).filter(SCORE.asMatchPredicate());
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    /** A copy that does not run has no score. */
    public void dropScore(String copy) throws IOException {
        Files.deleteIfExists(directory.resolve(copy).resolve("score"));
    }

    /** Keeps where the other copies are and which are promoted, for the stand-ins to answer from. */
    public void keepPeers(String copy, CloneContext context) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Peer peer : context.getPeersList()) {
            lines.append(peer.getInstance())
                    .append(' ')
                    .append(peer.getNode().isEmpty() ? "-" : peer.getNode())
                    .append(' ')
                    .append(state(context, peer))
                    .append('\n');
        }
        write(copy, "peers", lines.toString());
        // The last one stays known while none is promoted: a new one may be chosen by it.
        Optional<String> promoted = context.getPeersList().stream()
                .filter(Peer::getPromoted)
                .map(Peer::getNode)
                .findFirst();
        if (promoted.isPresent()) {
            write(copy, "promoted", promoted.get() + "\n");
        }
    }

    private static String state(CloneContext context, Peer peer) {
        if (!peer.getActive()) {
            return "inactive";
        }
        return !context.getPromotable() ? "started" : peer.getPromoted() ? "promoted" : "unpromoted";
    }

    /** Forgets a copy that this node has nothing to do with any more. */
    public void drop(String copy) throws IOException {
        delete(directory.resolve(copy));
    }

    /** Forgets a copy that does not run unless its resource agent keeps something there. */
    public void dropUnused(String copy) throws IOException {
        dropScore(copy);
        try {
            Files.deleteIfExists(directory.resolve(copy));
        } catch (DirectoryNotEmptyException kept) {
            // Only the agent knows what it is good for.
        }
    }

    /** Forgets all copies but these. */
    public void keepOnly(Set<String> known) throws IOException {
        try (var copies = Files.newDirectoryStream(directory)) {
            for (Path copy : copies) {
                if (!known.contains(copy.getFileName().toString())) {
                    delete(copy);
                }
            }
        }
    }

    private void write(String copy, String name, String text) throws IOException {
        Path file = of(copy).resolve(name);
        Path temporary = file.resolveSibling(name + ".new");
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** With whatever a resource agent has put there. */
    private static void delete(Path copy) throws IOException {
        if (!Files.exists(copy, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> inside = Files.walk(copy)) {
            for (Path path : inside.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private static Path makePrivate(Path path) throws IOException {
        return Files.createDirectories(
                path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
}
