package io.quorate.server.agent.exec;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that processes append to, read from its ends and cut when it is too large. */
final class OutputFile {
    private static final int TRIM_ATTEMPTS = 100;

    /** Workers and the agent's housekeeping cut the same files. */
    private static final Object CUTTING = new Object();

    private OutputFile() {}

    static String head(Path file) throws IOException {
        return read(file, 0, ProcessRunner.OUTPUT_LIMIT_BYTES);
    }

    static String tail(Path file) throws IOException {
        return read(file, Math.max(0, Files.size(file) - ProcessRunner.TAIL_BYTES), ProcessRunner.TAIL_BYTES);
    }

    /**
     * True when it was too large and only its tail is left. Writers have it open for append, so they go on at its end. What
     * they write meanwhile must not get lost, for it may be the last words: the tail is put at the beginning first, and the
     * file is cut in the moment in which nothing was added since the tail was read. Of one that grows all the time something
     * is lost anyway.
     */
    static boolean trim(Path file) throws IOException {
        synchronized (CUTTING) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                return trim(channel);
            }
        }
    }

    /** Of what another process cuts meanwhile nothing is put back: it is another content, and small enough. */
    static boolean trim(FileChannel channel) throws IOException {
        ByteBuffer tail = ByteBuffer.allocate(ProcessRunner.TAIL_BYTES);
        long size = channel.size();
        for (int attempt = 0; attempt < TRIM_ATTEMPTS; attempt++) {
            if (size <= ProcessRunner.OUTPUT_LIMIT_BYTES) {
                return false;
            }
            tail.clear();
            long from = Math.max(0, size - tail.capacity());
            while (tail.hasRemaining() && channel.read(tail, from + tail.position()) >= 0) {}
            tail.flip();
            long now = channel.size();
            if (now >= size) {
                while (tail.hasRemaining()) {
                    int unused = channel.write(tail, tail.position());
                }
                now = channel.size();
                if (now == size) {
                    break;
                }
            }
            size = now;
        }
        channel.truncate(tail.limit());
        return true;
    }

    /** Empties a file for its next writer; not while it is cut, which would put old bytes before the new ones. */
    static void empty(Path file) throws IOException {
        synchronized (CUTTING) {
            Files.write(file, new byte[0], StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        }
    }

    private static String read(Path file, long from, int limit) throws IOException {
        try (RandomAccessFile input = new RandomAccessFile(file.toFile(), "r")) {
            input.seek(from);
            byte[] bytes = new byte[(int) Math.min(limit, Math.max(0, input.length() - from))];
            int read = Math.max(0, input.read(bytes));
            return new String(bytes, 0, read, StandardCharsets.UTF_8);
        }
    }
}
