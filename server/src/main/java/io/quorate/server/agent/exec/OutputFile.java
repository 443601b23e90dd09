package io.quorate.server.agent.exec;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that processes append to, read from its ends and cut when it is too large. */
final class OutputFile {
    private OutputFile() {}

    static String head(Path file) throws IOException {
        return read(file, 0, ProcessRunner.OUTPUT_LIMIT_BYTES);
    }

    static String tail(Path file) throws IOException {
        return read(file, Math.max(0, Files.size(file) - ProcessRunner.TAIL_BYTES), ProcessRunner.TAIL_BYTES);
    }

    /** True when it was too large and only its tail is left. Writers have it open for append, so they go on at its end. */
    static boolean trim(Path file) throws IOException {
        if (Files.size(file) <= ProcessRunner.OUTPUT_LIMIT_BYTES) {
            return false;
        }
        byte[] tail = tail(file).getBytes(StandardCharsets.UTF_8);
        Files.write(file, tail, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        return true;
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
