package io.aestus.cli;

import java.util.regex.Pattern;

/** Whose manners the command line has: a link named {@code rkt} to it behaves as rkt did. */
enum Dialect {
    AESTUS("aestus"),
    RKT("rkt");

    /** Where a text names a command, and not a file or an image. */
    private static final Pattern COMMAND = Pattern.compile("(?<![\\w./-])aestus (?=[a-z-])");

    private final String program;

    Dialect(String program) {
        this.program = program;
    }

    /** The program under the name that it was called by. */
    String program() {
        return program;
    }

    /** A remedy or usage, whose commands begin with the name that the program was called by. */
    String named(String text) {
        return this == AESTUS ? text : COMMAND.matcher(text).replaceAll(program + " ");
    }

    /** What this process is called, as the script that starts it says. */
    static Dialect ofProcess() {
        return "rkt".equals(System.getProperty("aestus.name")) ? RKT : AESTUS;
    }
}
