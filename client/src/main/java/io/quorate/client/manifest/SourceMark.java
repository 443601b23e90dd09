package io.quorate.client.manifest;

/** A place in a file; line and column count from 1, and 0 stands for the file as a whole. */
public record SourceMark(String file, int line, int column) {
    static SourceMark wholeFile(String file) {
        return new SourceMark(file, 0, 0);
    }

    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line + ":" + column;
    }
}
