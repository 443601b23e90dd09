package io.quorate.client.manifest;

import io.quorate.statemachine.model.ManifestRules;
import io.quorate.statemachine.model.Violation;
import io.quorate.v1.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads manifest files: YAML, several documents in each. Every value keeps its source text and its place, so that
 * every error, also one of a server, points to file, line and column. Either all files are good or nothing is loaded.
 * Not for several threads.
 */
public final class ManifestLoader {
    /** The largest file. */
    public static final int MAX_FILE_BYTES = 4 * 1024 * 1024;

    private static final String STDIN = "-";
    private static final String STDIN_NAME = "standard input";

    private final InputStream standardInput;
    private final Path directory;

    /** A loader that reads "-" from the given stream, and relative paths from the working directory. */
    public ManifestLoader(InputStream standardInput) {
        this(standardInput, Path.of(""));
    }

    /** A loader that reads relative paths from the given directory. */
    public ManifestLoader(InputStream standardInput, Path directory) {
        this.standardInput = standardInput;
        this.directory = directory;
    }

    /**
     * Loads files together: names are unique over all of them, and groups may name members of other files.
     *
     * @param files paths, or "-" once for the standard input
     * @return the objects in the order of the files, members before their group, what is copied before its clone, Defaults expanded
     * @throws ManifestException with everything that is wrong, at most 20 problems
     */
    public List<Manifest> load(List<String> files) throws ManifestException {
        Problems problems = new Problems();
        List<Source> sources = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String file : files) {
            if (seen.add(file)) {
                read(file, problems, sources);
            } else {
                problems.add(SourceMark.wholeFile(file), "the file is named twice", "name it once");
            }
        }
        return load(sources, problems);
    }

    /** Loads one text that stands for a file of the given name. */
    public static List<Manifest> loadText(String name, String text) throws ManifestException {
        return load(List.of(new Source(name, text)), new Problems());
    }

    /** A file that could be read. */
    record Source(String name, String text) {}

    private static List<Manifest> load(List<Source> sources, Problems problems) throws ManifestException {
        List<Draft> drafts = new ArrayList<>();
        List<ObjectReader> readers = new ArrayList<>();
        for (Source source : sources) {
            ObjectReader reader = new ObjectReader(source.name, problems);
            readers.add(reader);
            drafts.addAll(reader.read(YamlReader.documents(source.name, source.text, problems)));
        }
        Set<String> members = new HashSet<>();
        for (Draft draft : drafts) {
            members.addAll(draft.manifest().getGroup().getMembersList());
            members.add(draft.manifest().getClone().getOf());
        }
        readers.forEach(reader -> reader.expandDefaults(members));
        List<Manifest> manifests =
                drafts.stream().map(draft -> draft.manifest().build()).toList();
        for (Violation violation : ManifestRules.checkTogether(manifests)) {
            report(violation, drafts, problems);
        }
        problems.throwIfAny();
        return manifests;
    }

    private static void report(Violation violation, List<Draft> drafts, Problems problems) {
        Draft draft = drafts.get(violation.index());
        if (draft.failedAt(violation.field())) {
            return;
        }
        String related = violation.related() < 0
                ? ""
                : " (see " + drafts.get(violation.related()).at() + ")";
        problems.add(draft.placeOf(violation.field()), violation.message() + related, violation.nextStep());
    }

    /** Reads one file, or says what is wrong with it as a whole. */
    void read(String file, Problems problems, List<Source> sources) {
        String name = file.equals(STDIN) ? STDIN_NAME : file;
        SourceMark whole = SourceMark.wholeFile(name);
        problems.begin(name);
        try {
            byte[] bytes;
            if (file.equals(STDIN)) {
                bytes = standardInput.readNBytes(MAX_FILE_BYTES + 1);
            } else {
                Path path = directory.resolve(file);
                if (Files.isDirectory(path)) {
                    problems.add(whole, "this is a directory", "name the files in it, each with -f");
                    return;
                }
                try (InputStream in = Files.newInputStream(path)) {
                    bytes = in.readNBytes(MAX_FILE_BYTES + 1);
                }
            }
            if (bytes.length > MAX_FILE_BYTES) {
                problems.add(whole, "the file is larger than " + MAX_FILE_BYTES / (1024 * 1024) + " MiB", "split it");
                return;
            }
            decode(bytes, name, problems).ifPresent(text -> sources.add(new Source(name, text)));
        } catch (NoSuchFileException e) {
            problems.add(whole, "there is no such file", "");
        } catch (AccessDeniedException e) {
            problems.add(whole, "the file may not be read by this user", "");
        } catch (InvalidPathException e) {
            problems.add(whole, "this is not a path", "");
        } catch (IOException e) {
            problems.add(whole, "the file cannot be read: " + e.getMessage(), "");
        }
    }

    /** The text; empty when a byte is not UTF-8, which is reported: what stands before it says too little to be judged. */
    private static Optional<String> decode(byte[] bytes, String name, Problems problems) {
        int start = bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF
                ? 3
                : 0;
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer text = CharBuffer.allocate(bytes.length + 1);
        CoderResult result = decoder.decode(ByteBuffer.wrap(bytes, start, bytes.length - start), text, true);
        String decoded = text.flip().toString();
        if (result.isError()) {
            int line = (int) decoded.chars().filter(c -> c == '\n').count() + 1;
            int column = decoded.length() - decoded.lastIndexOf('\n');
            problems.add(new SourceMark(name, line, column), "this is not UTF-8 text", "save the file as UTF-8");
            return Optional.empty();
        }
        return Optional.of(decoded);
    }
}
