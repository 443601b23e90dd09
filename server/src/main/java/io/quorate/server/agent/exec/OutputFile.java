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
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = channel.size();
            if (size <= ProcessRunner.OUTPUT_LIMIT_BYTES) {
                return false;
            }
            ByteBuffer tail = ByteBuffer.allocate(ProcessRunner.TAIL_BYTES);
            for (int attempt = 0; attempt < TRIM_ATTEMPTS; attempt++) {
                tail.clear();
                long from = size - tail.capacity();
                while (tail.hasRemaining() && channel.read(tail, from + tail.position()) >= 0) {}
                tail.flip();
                while (tail.hasRemaining()) {
                    int unused = channel.write(tail, tail.position());
                }
                long now = channel.size();
                if (now == size) {
                    break;
                }
                size = now;
            }
            channel.truncate(tail.limit());
            return true;
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
