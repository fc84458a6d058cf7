package io.aestus.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Processes whose makers, programs that this process ran, have ended: they become its children instead of the first process's
 * of the host, while that is wanted. Whoever has a handle of one reaps it as if this process had made it. Strays are those of whom nobody has:
 * what a program left that failed. They must not stay, since a PID namespace does not end before all in it are reaped.
 * Thread-safe.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html">PR_SET_CHILD_SUBREAPER(2const)</a>
 */
public final class Orphans {
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final int STATE = 0; // fields after the command's last parenthesis
    private static final int START_TICKS = 19;
    private static final int LOOKS = 8;

    /** In how many looks a stray is seen before it is reaped; in another PID namespace than ours it is waited for. */
    private static final int PATIENCE = 6;

    private static final int PATIENCE_ELSEWHERE = 2;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

    /** In how many looks which that have ended. */
    private Map<String, Integer> seen = Map.of();

    private int looksToCome;

    private int adoptions;

    /** A while in which orphans are adopted. */
    public final class Adoption implements AutoCloseable {
        private Adoption() {}

        @Override
        public void close() throws SyscallException {
            end();
        }
    }

    /** Has orphans be adopted by this process until that is closed, and until all others of its kind are. */
    public synchronized Adoption adopt() throws SyscallException {
        if (adoptions == 0) {
            set(1);
        }
        adoptions++;
        return new Adoption();
    }

    private synchronized void end() throws SyscallException {
        adoptions--;
        if (adoptions == 0) {
            set(0);
        }
    }

    private static void set(int value) throws SyscallException {
        Libc.call(Syscall.PRCTL, PR_SET_CHILD_SUBREAPER, value).orThrow("adopt orphans");
    }

    /** Has strays be reaped soon, on a thread of its own: some program has just ended. */
    public synchronized void lookSoon() {
        boolean isAsleep = looksToCome == 0;
        looksToCome = LOOKS;
        if (isAsleep) {
            Thread.ofPlatform().daemon().name("aestus-orphans").start(this::look);
        }
    }

    private void look() {
        do {
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            try {
                reapStrays();
            } catch (IOException e) {
                System.getLogger("io.aestus.linux")
                        .log(System.Logger.Level.WARNING, "cannot reap what a program left", e);
            }
        } while (isLookToCome());
    }

    private synchronized boolean isLookToCome() {
        return --looksToCome > 0;
    }

    /** Reaps those that nobody has reaped for a while, as owners do at once. */
    private synchronized void reapStrays() throws IOException {
        var ended = new HashMap<String, Integer>();
        for (ProcessHandle child : ProcessHandle.current().children().toList()) {
            Path process = Path.of("/proc/" + child.pid());
            try {
                Optional<String> identity = identityIfEnded(process);
                if (identity.isPresent()) {
                    int looks = seen.getOrDefault(identity.get(), 0) + 1;
                    ended.put(identity.get(), looks);
                    if (looks >= (isElsewhere(process) ? PATIENCE_ELSEWHERE : PATIENCE)) {
                        reap(child.pid());
                    }
                }
            } catch (NoSuchFileException _) {
                // somebody has reaped it
            }
        }
        seen = Map.copyOf(ended);
    }

    private static void reap(long pid) throws IOException {
        var process = PidFd.open(pid);
        if (process.isPresent()) {
            try (PidFd stray = process.get()) {
                stray.tryReap();
            } catch (SyscallException e) {
                if (e.errno() != Errno.ECHILD) { // its owner has come
                    throw e;
                }
            }
        }
    }

    private static Optional<String> identityIfEnded(Path process) throws IOException {
        String line = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        return fields[STATE].equals("Z") ? Optional.of(process + " " + fields[START_TICKS]) : Optional.empty();
    }

    private static boolean isElsewhere(Path process) throws IOException {
        try (var lines = Files.lines(process.resolve("status"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith("NSpid:"))
                    .anyMatch(line -> line.strip().split("\\s+").length > 2);
        }
    }
}
