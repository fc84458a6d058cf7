package io.aestus.cli;

import io.aestus.fetch.Progress;
import java.io.PrintStream;
import java.util.Locale;

/** Progress on one line of a terminal that is written over and over: bytes, rate, time left. Gone when the image is there. */
final class ProgressLine implements Progress {
    private static final String CLEAR = "\r\u001b[K";
    private static final int NAME_WIDTH = 40;

    private final PrintStream terminal;
    private boolean isShown;

    ProgressLine(PrintStream terminal) {
        this.terminal = terminal;
    }

    @Override
    public synchronized void update(Report now) {
        if (now.phase() == Phase.DONE) {
            clear();
            return;
        }
        terminal.print(CLEAR + line(now));
        terminal.flush();
        isShown = true;
    }

    @Override
    public synchronized void notice(String line) {
        clear();
        terminal.println("aestus: " + line);
    }

    /** Wipes the line, so that whatever comes next begins at the left. */
    synchronized void clear() {
        if (isShown) {
            terminal.print(CLEAR);
            terminal.flush();
            isShown = false;
        }
    }

    static String line(Report now) {
        String name = now.image().length() <= NAME_WIDTH
                ? now.image()
                : "…" + now.image().substring(now.image().length() - NAME_WIDTH + 1);
        return name + "  " + ProgressLines.text(now) + timeLeft(now);
    }

    private static String timeLeft(Report now) {
        if (now.phase() != Phase.RECEIVING || now.total().isEmpty() || now.bytesPerSecond() == 0) {
            return "";
        }
        long seconds = (now.total().getAsLong() - now.received() + now.bytesPerSecond() - 1) / now.bytesPerSecond();
        return String.format(Locale.ROOT, "  %d:%02d left", seconds / 60, seconds % 60);
    }
}
