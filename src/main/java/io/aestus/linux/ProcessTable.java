package io.aestus.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Predicate;

/** The processes of the host, as far as this one may look into them. They come and go meanwhile: one that is gone is none. */
final class ProcessTable {
    private static final Path ALL = Path.of("/proc");
    private static final int SOURCE_AFTER_SEPARATOR = 2;
    private static final int SESSION = 3; // fields of /proc/PID/stat after the command's last parenthesis

    private ProcessTable() {}

    /** Says of a process, a directory of {@code /proc}, whether it is meant. */
    interface Selection {
        boolean holds(Path process) throws IOException;
    }

    /** Those whose root is a mount of such a source. */
    static Selection withRoot(Predicate<String> source) {
        return process -> source.test(rootSource(process));
    }

    /** Those of the session that a process leads, or led. */
    static Selection inSession(long leader) {
        return process -> {
            String line = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            return Long.parseLong(line.substring(line.lastIndexOf(')') + 2).split(" ", -1)[SESSION]) == leader;
        };
    }

    /** Whether a process is selected. */
    static boolean holds(Selection which, long pid) {
        return holds(which, ALL.resolve(Long.toString(pid)));
    }

    private static boolean holds(Selection which, Path process) {
        try {
            return which.holds(process);
        } catch (IOException _) {
            return false; // it is gone, or somebody else's
        }
    }

    /** All that are selected. */
    static List<Long> all(Selection which) {
        var found = new ArrayList<Long>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(ALL, "[1-9]*")) {
            for (Path process : processes) {
                if (holds(which, process)) {
                    found.add(Long.parseLong(process.getFileName().toString()));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new IllegalStateException("cannot list the processes of this host", e);
        }
        return found;
    }

    /** Of the mounts at its root the last covers the others. A process that has ended sees none. */
    private static String rootSource(Path process) throws IOException {
        String found = "";
        for (String line : Files.readAllLines(process.resolve("mountinfo"), StandardCharsets.ISO_8859_1)) {
            String[] fields = line.split(" ", -1);
            if (fields.length > 4 && fields[4].equals("/")) {
                int separator = List.of(fields).indexOf("-");
                found = fields[separator + SOURCE_AFTER_SEPARATOR];
            }
        }
        return found;
    }

    /**
     * Ends processes by SIGKILL, those too that they fork meanwhile: all stand still before the first is ended.
     *
     * @return false if some are still there after {@code limit}
     */
    static boolean end(Selection which, Duration limit) throws IOException {
        return CgroupDirectory.await(limit, () -> {
            var stopped = new HashSet<Long>();
            List<Long> now = all(which);
            while (stopped.addAll(now)) {
                signal(now, which, Signal.SIGSTOP);
                now = all(which);
            }
            signal(now, which, Signal.SIGKILL);
            return now.isEmpty();
        });
    }

    /** A number may have come to mean another process: only one that still belongs to them gets the signal. */
    private static void signal(List<Long> numbers, Selection which, int signal) throws SyscallException {
        for (long number : numbers) {
            try (PidFd process = PidFd.open(number).orElse(null)) {
                if (process != null && holds(which, ALL.resolve(Long.toString(number)))) {
                    process.signal(signal);
                }
            }
        }
    }
}
