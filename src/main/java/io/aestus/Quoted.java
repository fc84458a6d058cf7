package io.aestus;

/**
 * Foreign text made safe to show: at most {@value #LIMIT} characters, controls escaped, in single quotes. No label, file
 * name or server answer can repaint a terminal or forge a log line.
 */
public final class Quoted {
    private static final int LIMIT = 80;

    private Quoted() {}

    /** {@code text} in quotes, shortened and escaped. */
    public static String of(CharSequence text) {
        return of(text, LIMIT);
    }

    /** The same with at most {@code limit} characters of {@code text}: for reasons that another program gives. */
    public static String of(CharSequence text, int limit) {
        var out = new StringBuilder("'");
        int shown = 0;
        for (int i = 0; i < text.length(); ) {
            int c = Character.codePointAt(text, i);
            i += Character.charCount(c);
            if (shown++ == limit) {
                return out.append("…'").toString();
            }
            append(out, c);
        }
        return out.append('\'').toString();
    }

    private static void append(StringBuilder out, int c) {
        switch (c) {
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case '\'' -> out.append("\\'");
            case '\\' -> out.append("\\\\");
            default -> {
                if (isUnsafe(c)) {
                    out.append(String.format("\\u%04x", c));
                } else {
                    out.appendCodePoint(c);
                }
            }
        }
    }

    /** Controls, formats such as right-to-left overrides, line separators and lone surrogates. */
    private static boolean isUnsafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }
}
