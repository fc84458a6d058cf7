package io.aestus.cli;

import io.aestus.linux.ControllingTerminal;
import io.aestus.linux.Fd;
import io.aestus.linux.Pty;
import java.io.IOException;

/**
 * How much of a table can be seen.
 *
 * @param columns of characters; {@link Integer#MAX_VALUE} where nobody watches
 * @param rows likewise
 */
record Window(int columns, int rows) {
    /** Where nothing limits what is seen, such as a file. */
    static final Window BOUNDLESS = new Window(Integer.MAX_VALUE, Integer.MAX_VALUE);

    private static final int LEAST = 20;

    /** That of a terminal. One that does not know its size has none. */
    static Window of(Fd terminal) throws IOException {
        Pty.WindowSize size = Pty.windowSize(terminal);
        return size.columns() < LEAST || size.rows() < 2 ? BOUNDLESS : new Window(size.columns(), size.rows());
    }

    /** As wide as our terminal, and as long as may be: what does not fit is scrolled. */
    static Window ofOurTerminal() {
        try (Fd terminal = ControllingTerminal.open()) {
            return new Window(of(terminal).columns(), Integer.MAX_VALUE);
        } catch (IOException _) {
            return BOUNDLESS; // there is none after all
        }
    }
}
