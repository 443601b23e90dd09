package io.quorate.server.raft;

import io.quorate.v1.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The newest log entry that this member knows to be committed and on its own disk, at first what a restore gave it. A log
 * that ends below it, or has another entry in its place, was rolled back.
 *
 * @param term of the entry
 * @param index of the entry; -1 when nothing was written yet
 * @param generation of the state after it
 * @param revision of the state after it
 */
record Watermark(long term, long index, int generation, long revision) {

    static final String FILE = "watermark";
    static final Watermark NONE = new Watermark(0, -1, 0, 0);

    static Watermark of(long term, long index, Position position) {
        return new Watermark(term, index, position.getGeneration(), position.getRevision());
    }

    /** As people read it: the position, or the log index before the first commit. */
    String display() {
        return generation + ":" + revision + " (log entry " + index + " of term " + term + ")";
    }

    void write(Path directory) throws IOException {
        DurableFiles.replace(directory.resolve(FILE), encode().getBytes(StandardCharsets.UTF_8));
    }

    private String encode() {
        String fields = term + " " + index + " " + generation + " " + revision;
        return fields + " " + checksum(fields) + "\n";
    }

    static Watermark read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        String text = Files.readString(file).strip();
        int last = text.lastIndexOf(' ');
        String fields = last < 0 ? "" : text.substring(0, last);
        String[] parts = fields.split(" ", -1);
        if (parts.length != 4 || !text.substring(last + 1).equals(checksum(fields))) {
            throw new IOException(file + " is damaged");
        }
        return new Watermark(
                Long.parseLong(parts[0]),
                Long.parseLong(parts[1]),
                Integer.parseInt(parts[2]),
                Long.parseLong(parts[3]));
    }

    private static String checksum(String fields) {
        CRC32C crc = new CRC32C();
        crc.update(fields.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue());
    }
}
