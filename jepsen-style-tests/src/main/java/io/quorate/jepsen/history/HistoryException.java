package io.quorate.jepsen.history;

/** A file that is not a history, or not one of this form. */
public final class HistoryException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;

    HistoryException(int line, String why) {
        super(why);
        this.line = line;
    }

    /** Where, from 1; 0 when it is about the file as a whole. */
    public int line() {
        return line;
    }
}
