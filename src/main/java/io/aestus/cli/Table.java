package io.aestus.cli;

import io.aestus.json.Json;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * How a list is shown: its columns for people and its elements for programs.
 *
 * @param columns from left to right
 * @param json one row for programs: whole values, nothing shortened
 * @param legend whether the headers are printed
 */
record Table<T>(List<Column<T>> columns, Function<T, Json> json, Legend legend) {
    private static final int GAP = 2;

    /** Whether the headers are printed. */
    enum Legend {
        SHOWN,
        HIDDEN
    }

    /** A column with its header, in capitals. */
    record Column<T>(String header, Function<T, String> text) {}

    Table {
        columns = List.copyOf(columns);
    }

    /** Prints aligned columns without trailing blanks. */
    void print(List<T> rows, PrintStream to) {
        var lines = new ArrayList<List<String>>();
        if (legend == Legend.SHOWN) {
            lines.add(columns.stream().map(Column::header).toList());
        }
        for (T row : rows) {
            lines.add(columns.stream().map(column -> column.text().apply(row)).toList());
        }
        int[] widths = new int[columns.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : lines) {
            var text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(line.get(i))
                        .append(" ".repeat(widths[i] - line.get(i).length() + GAP));
            }
            to.println(text.toString().stripTrailing());
        }
    }
}
