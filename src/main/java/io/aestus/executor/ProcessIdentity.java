package io.aestus.executor;

import io.aestus.linux.ProcessStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process among all that ever had its number: which boot of the host, and when in it the process began.
 *
 * @param startTicks clock ticks since the boot, field 22 of {@code /proc/PID/stat}
 * @param boot the kernel's boot ID
 */
record ProcessIdentity(long pid, long startTicks, String boot) {
    /** The process that has this number now. */
    static Optional<ProcessIdentity> find(long pid) throws IOException {
        return ProcessStat.of(pid).map(stat -> new ProcessIdentity(pid, stat.startTicks(), Boot.id()));
    }

    /** The process of this number, of which the caller knows that it is there. */
    static ProcessIdentity of(long pid) throws IOException {
        return find(pid)
                .orElseThrow(() -> new IOException("cannot read the start time of process " + pid + ": it is gone"));
    }

    /** Whether this very process is there and has not ended; a zombie has. */
    boolean isAlive() throws IOException {
        return stat().filter(stat -> !stat.hasEnded()).isPresent();
    }

    /** Whether this very process still has its number, ended or not. */
    boolean isThere() throws IOException {
        return stat().isPresent();
    }

    /** What the kernel tells of this very process; empty if it is gone. */
    Optional<ProcessStat> stat() throws IOException {
        return boot.equals(Boot.id())
                ? ProcessStat.of(pid).filter(stat -> stat.startTicks() == startTicks)
                : Optional.empty();
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
