package io.aestus.executor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process among all that ever had its number: which boot of the host, and when in it the process began.
 *
 * @param startTicks clock ticks since the boot, field 22 of {@code /proc/PID/stat}
 * @param boot the kernel's boot ID
 */
record ProcessIdentity(long pid, long startTicks, String boot) {
    private static final int STATE = 0; // fields are counted from the one after the command's last parenthesis
    private static final int START_TICKS = 19;

    /** The process that has this number now. */
    static Optional<ProcessIdentity> find(long pid) throws IOException {
        return stat(pid).map(fields -> new ProcessIdentity(pid, Long.parseLong(fields[START_TICKS]), Boot.id()));
    }

    /** The process of this number, of which the caller knows that it is there. */
    static ProcessIdentity of(long pid) throws IOException {
        return find(pid)
                .orElseThrow(() -> new IOException("cannot read the start time of process " + pid + ": it is gone"));
    }

    /** Whether this very process is there and has not ended; a zombie has. */
    boolean isAlive() throws IOException {
        Optional<String[]> fields = boot.equals(Boot.id()) ? stat(pid) : Optional.empty();
        return fields.isPresent()
                && Long.parseLong(fields.get()[START_TICKS]) == startTicks
                && !"Z".equals(fields.get()[STATE])
                && !"X".equals(fields.get()[STATE]);
    }

    /** Whether this very process still has its number, ended or not. */
    boolean isThere() throws IOException {
        return find(pid).filter(this::equals).isPresent();
    }

    private static Optional<String[]> stat(long pid) throws IOException {
        try {
            String line = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            return Optional.of(
                    line.substring(line.lastIndexOf(')') + 2).stripTrailing().split(" ", -1));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            if ("No such process".equals(e.getMessage())) { // it ended between open and read
                return Optional.empty();
            }
            throw e;
        }
    }

    /** This boot of the host. */
    static final class Boot {
        private static final String ID = read();

        private Boot() {}

        static String id() {
            return ID;
        }

        private static String read() {
            try {
                return Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                        .strip();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException("cannot read the boot ID", e);
            }
        }
    }
}
