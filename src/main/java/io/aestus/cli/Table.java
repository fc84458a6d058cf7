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
    /** How narrow a column may become to fit the window. */
    private static final int NARROWEST = 6;

    /** Whether the headers are printed. */
    enum Legend {
        SHOWN,
        HIDDEN
    }

    /** A column with its header, in capitals. */
    record Column<T>(String header, Function<T, String> text, Function<T, Ink.Tone> tone) {
        /** Without a tone. */
        Column(String header, Function<T, String> text) {
            this(header, text, _ -> Ink.Tone.NEUTRAL);
        }
    }

    Table {
        columns = List.copyOf(columns);
    }

    /** Prints aligned columns without trailing blanks; what does not fit the window's width is cut short with an ellipsis. */
    void print(List<T> rows, PrintStream to, Window window, Ink ink) {
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
        fit(widths, window.columns());
        int last = Math.min(lines.size(), window.rows() - 1);
        int firstRow = lines.size() - rows.size();
        for (int number = 0; number < last; number++) {
            var text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = cut(lines.get(number).get(i), widths[i]);
                var tone = number < firstRow
                        ? Ink.Tone.FAINT
                        : columns.get(i).tone().apply(rows.get(number - firstRow));
                text.append(ink.draw(tone, cell)).append(" ".repeat(widths[i] - cell.length() + GAP));
            }
            to.println(text.toString().stripTrailing());
        }
    }

    /** Takes from the widest column again and again, until all fit or none can give any more. */
    private static void fit(int[] widths, int columns) {
        long total = -GAP;
        for (int width : widths) {
            total += width + GAP;
        }
        while (total > columns) {
            int widest = 0;
            for (int i = 1; i < widths.length; i++) {
                widest = widths[i] > widths[widest] ? i : widest;
            }
            if (widths[widest] <= NARROWEST) {
                return;
            }
            widths[widest]--;
            total--;
        }
    }

    private static String cut(String text, int width) {
        return text.length() <= width ? text : text.substring(0, width - 1) + "…";
    }
}
