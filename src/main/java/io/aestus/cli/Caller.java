package io.aestus.cli;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Whoever called us: a person at a terminal, or a program. */
final class Caller {
    private final boolean isAnswering;
    private final boolean isWatching;
    private final boolean isShown;
    private final InputStream in;
    private @Nullable BufferedReader lines;

    /**
     * @param isAnswering whether questions make sense
     * @param isWatching whether somebody sees standard error while it is written
     */
    Caller(boolean isAnswering, boolean isWatching, InputStream in) {
        this(isAnswering, isWatching, false, in);
    }

    /** @param isShown whether somebody sees results while they are written */
    Caller(boolean isAnswering, boolean isWatching, boolean isShown, InputStream in) {
        this.isAnswering = isAnswering;
        this.isWatching = isWatching;
        this.isShown = isShown;
        this.in = in;
    }

    /** Whoever started this process. */
    static Caller ofProcess() {
        boolean isWatching = isTerminal(2);
        return new Caller(
                isTerminal(0) && isWatching, isWatching, isTerminal(1), new FileInputStream(FileDescriptor.in));
    }

    /** Whether a descriptor of this process is a terminal. Asked of /proc, since asking the terminal itself would cost a short command as much as all else it does. */
    static boolean isTerminal(int number) {
        try {
            String target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd/" + number)).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false; // closed
        }
    }

    boolean isAnswering() {
        return isAnswering;
    }

    boolean isWatching() {
        return isWatching;
    }

    /** Whether results go to a terminal. */
    boolean isShown() {
        return isShown;
    }

    InputStream input() {
        return in;
    }

    /** Asks until yes or no is typed; the end of the input is a no. */
    boolean confirms(String question, PrintStream err) throws IOException {
        while (true) {
            err.print(question + " (yes/no)? ");
            err.flush();
            String answer = line();
            switch (answer == null ? "no" : answer.strip()) {
                case "yes" -> {
                    return true;
                }
                case "no" -> {
                    return false;
                }
                case String _ -> err.println("Please type yes or no.");
            }
        }
    }

    private @Nullable String line() throws IOException {
        if (lines == null) {
            lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        }
        return lines.readLine();
    }
}
