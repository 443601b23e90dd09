package io.quorate.client.cli.text;

import java.util.ArrayList;
import java.util.List;

/** Columns of text, as wide as their widest cell; two spaces between them and none at the end of a line. */
public final class Table {
    private final int columns;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... headings) {
        this.columns = headings.length;
        rows.add(List.of(headings));
    }

    /** Adds a row; empty cells are shown as a dash. */
    public Table row(String... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns + " columns");
        }
        rows.add(List.of(cells));
        return this;
    }

    public boolean isEmpty() {
        return rows.size() == 1;
    }

    /** With a line break at the end of every line. */
    public String render() {
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], cell(row, i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String cell = cell(row, i);
                line.append(cell).append(" ".repeat(widths[i] - cell.length() + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private static String cell(List<String> row, int column) {
        String cell = row.get(column);
        return cell.isEmpty() ? "-" : cell;
    }
}
