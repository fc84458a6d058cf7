package io.aestus.cli;

/**
 * How words are coloured for somebody who sees them on a terminal.
 *
 * @see <a href="https://no-color.org">NO_COLOR</a>
 */
enum Ink {
    /** Not at all. */
    PLAIN,
    COLOURED;

    private static final String END = "\u001b[0m";

    /** What a word says, besides what it says. */
    enum Tone {
        NEUTRAL(""),
        GOOD("\u001b[32m"),
        DOUBTFUL("\u001b[33m"),
        BAD("\u001b[31m"),
        FAINT("\u001b[2m");

        private final String begin;

        Tone(String begin) {
            this.begin = begin;
        }
    }

    /** The text, in that tone; blanks and nothing have none. */
    String draw(Tone tone, String text) {
        return this == PLAIN || tone == Tone.NEUTRAL || text.isBlank() ? text : tone.begin + text + END;
    }
}
