package io.aestus.cli;

/** The exit codes of Aestus itself; any other is the app's own, 128 + n for one that signal n ended. */
final class ExitCode {
    static final int DONE = 0;
    /** The command line was wrong. */
    static final int USAGE = 2;
    /** Aestus could not do what was asked. */
    static final int FAILED = 254;

    /** What rkt ends a few failures with. */
    static final int ODD = 1;

    private ExitCode() {}
}
