package io.aestus.linux;

import java.util.Locale;
import java.util.Optional;

/**
 * Signals by name. The numbers are those of x86-64 and AArch64 alike.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/signal.7.html">signal(7)</a>
 */
public final class Signal {
    public static final int SIGINT = 2;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;
    public static final int SIGCHLD = 17;
    public static final int SIGSTOP = 19;
    public static final int SIGSYS = 31;

    /** The first and the last of the real-time signals, as the C library counts them. */
    private static final int SIGRTMIN = 34;

    private static final int SIGRTMAX = 64;

    private static final String[] NAMES = {
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS"
    };

    private Signal() {}

    /**
     * The number of a signal.
     *
     * @param text a name with or without {@code SIG}, in any case, such as {@code SIGTERM}, {@code term}, {@code
     *     SIGRTMIN+3}; or a number from 1 to 64
     * @return empty if there is no such signal
     */
    public static Optional<Integer> parse(String text) {
        if (text.matches("\\d{1,2}")) {
            int number = Integer.parseInt(text);
            return number >= 1 && number <= SIGRTMAX ? Optional.of(number) : Optional.empty();
        }
        String upper = text.toUpperCase(Locale.ROOT);
        String name = upper.startsWith("SIG") ? upper.substring(3) : upper;
        for (int i = 0; i < NAMES.length; i++) {
            if (NAMES[i].equals(name)) {
                return Optional.of(i + 1);
            }
        }
        return realTime(name);
    }

    private static Optional<Integer> realTime(String name) {
        int number;
        if (name.matches("RTMIN(\\+\\d{1,2})?")) {
            number = SIGRTMIN + offset(name);
        } else if (name.matches("RTMAX(-\\d{1,2})?")) {
            number = SIGRTMAX - offset(name);
        } else {
            return Optional.empty();
        }
        return number >= SIGRTMIN && number <= SIGRTMAX ? Optional.of(number) : Optional.empty();
    }

    private static int offset(String name) {
        return name.length() == 5 ? 0 : Integer.parseInt(name.substring(6));
    }

    /** Such as {@code SIGTERM}; {@code SIGRTMIN+3}; the number where there is no name. */
    public static String name(int number) {
        if (number >= 1 && number <= NAMES.length) {
            return "SIG" + NAMES[number - 1];
        }
        if (number >= SIGRTMIN && number <= SIGRTMAX) {
            return number == SIGRTMIN ? "SIGRTMIN" : "SIGRTMIN+" + (number - SIGRTMIN);
        }
        return Integer.toString(number);
    }
}
