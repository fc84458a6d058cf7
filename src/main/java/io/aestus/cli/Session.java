package io.aestus.cli;

import java.io.PrintStream;

/**
 * What a command works with: its output, the global options, and the rooms of the house, each opened when first asked
 * for. Not thread-safe; closed when the command has ended.
 */
final class Session implements AutoCloseable {
    private final GlobalOptions options;
    private final PrintStream out;
    private final PrintStream err;

    Session(GlobalOptions options, PrintStream out, PrintStream err) {
        this.options = options;
        this.out = out;
        this.err = err;
    }

    GlobalOptions options() {
        return options;
    }

    /** For results: what a script may want. */
    PrintStream out() {
        return out;
    }

    /** For progress, notices and questions. */
    PrintStream err() {
        return err;
    }

    @Override
    public void close() {
        out.flush();
    }
}
