package io.aestus.executor;

import io.aestus.linux.Cgroups;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Errno;
import io.aestus.linux.ExitEvents;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import io.aestus.linux.FirstProcess;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.PidFd;
import io.aestus.linux.ProcessExit;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.Signal;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Remembers how the apps of a data directory ended, on kernels that do not ({@link ExitMemory#KEEPER}).
 *
 * <p>The kernel tells of every exit on a socket ({@link ExitEvents}). A process that does nothing, the keeper, holds that
 * socket, whoever looks after pods: what nobody takes out waits there. It is started with the first app and ends with the last;
 * {@code exits/keeper} says which process it is. Whoever needs an exit takes the socket out of the keeper ({@code
 * pidfd_getfd}), and writes what it takes out of the socket to {@code exits/PID} before: it may be another process's app.
 *
 * <p>All processes of the data directory take turns by {@code exits/lock}. Where the kernel tells nothing, as without root,
 * nothing is remembered and nothing fails. Thread-safe.
 */
final class ExitKeeper {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration END_LIMIT = Duration.ofSeconds(5);
    private static final int SOCKET = 3; // in the keeper

    private final Path directory;
    private final Path record;
    private volatile boolean isImpossible;

    /** @param dataDirectory the data directory */
    ExitKeeper(Path dataDirectory) {
        this.directory = dataDirectory.resolve("exits");
        this.record = directory.resolve("keeper");
    }

    /**
     * The keeper, as it runs.
     *
     * @param cgroup its own, so that nobody who ends a service ends it too
     */
    private record Holder(PidFd process, ExitEvents events, String cgroup) implements AutoCloseable {
        @Override
        public void close() {
            events.close();
            process.close();
        }
    }

    /** Remembers from now on how a process ends that has not been reaped. */
    void watch(long pid) {
        if (isImpossible) {
            return;
        }
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try (var _ = lock();
                    var holder = findOrStart()) {
                watch(pid, holder.events);
            }
        } catch (IOException e) {
            isImpossible = true;
            LOG.log(
                    Level.WARNING,
                    "the exit codes of apps that end while nobody looks after them will be unknown: {0}",
                    e.getMessage());
        }
    }

    private void watch(long pid, ExitEvents events) throws IOException {
        takeOut(events);
        var watched = events.watched();
        if (watched.add((int) pid)) {
            Files.deleteIfExists(file(pid)); // of one that had its number
            events.watch(watched);
        }
    }

    /** How a process ended that was watched for. Empty if it goes on, or nobody knows. */
    Optional<ProcessExit> ended(long pid) throws IOException {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (var _ = lock()) {
            var holder = find();
            if (holder.isPresent()) {
                try (Holder open = holder.get()) {
                    takeOut(open.events);
                }
            }
            return read(pid);
        }
    }

    /** Remembers no longer how a process ended. */
    void forget(long pid) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var _ = lock()) {
            var holder = find();
            if (holder.isPresent()) {
                try (Holder open = holder.get()) {
                    forget(pid, open);
                }
            }
            Files.deleteIfExists(file(pid));
        }
    }

    private void forget(long pid, Holder holder) throws IOException {
        takeOut(holder.events);
        var watched = holder.events.watched();
        watched.remove((int) pid);
        watchOnly(watched, holder);
    }

    /** Forgets those that have ended and that nobody needs: whoever should have forgotten them has died. */
    void retain(Exits.Needed needed) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var _ = lock()) {
            var holder = find();
            if (holder.isEmpty()) {
                return;
            }
            try (Holder open = holder.get()) {
                takeOut(open.events);
                var watched = open.events.watched();
                var kept = needed.pids();
                for (int pid : List.copyOf(watched)) {
                    if (!kept.contains((long) pid) && ProcessIdentity.find(pid).isEmpty()) {
                        watched.remove(pid);
                        Files.deleteIfExists(file(pid));
                    }
                }
                watchOnly(watched, open);
            }
        }
    }

    private void watchOnly(SortedSet<Integer> pids, Holder holder) throws IOException {
        holder.events.watch(pids);
        if (pids.isEmpty()) {
            end(holder);
        }
    }

    /** Each is on disk before it is out of the socket: whoever dies in between loses nothing. The first of a number counts. */
    private void takeOut(ExitEvents events) throws IOException {
        for (var ended = events.first(); ended.isPresent(); ended = events.first()) {
            long pid = ended.get().pid();
            if (read(pid).isEmpty()) {
                Files.writeString(file(pid), ended.get().status() + "\n");
            }
            events.take();
        }
    }

    private Optional<ProcessExit> read(long pid) throws IOException {
        Path file = file(pid);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String text = Files.readString(file);
        return text.endsWith("\n")
                ? Optional.of(ProcessExit.ofStatus(Integer.parseInt(text.strip())))
                : Optional.empty(); // half written by one that died: it is in the socket still
    }

    private Path file(long pid) {
        return directory.resolve(Long.toString(pid));
    }

    private FileLock lock() throws IOException {
        Path lock = directory.resolve("lock");
        return FileLock.acquire(lock, FileLock.Kind.EXCLUSIVE, PATIENCE)
                .orElseThrow(() -> new IOException("cannot lock " + lock + ": another process holds it"));
    }

    // --- the keeper

    private Optional<Holder> find() throws IOException {
        if (!Files.exists(record)) {
            return Optional.empty();
        }
        String[] words = Files.readString(record).strip().split(" ", -1);
        if (words.length != 4) {
            return Optional.empty();
        }
        var identity = new ProcessIdentity(Long.parseLong(words[0]), Long.parseLong(words[1]), words[2]);
        var process = PidFd.open(identity.pid());
        if (process.isEmpty()) {
            return Optional.empty();
        }
        try (var undo = new Cleanup()) {
            PidFd open = process.get();
            undo.add(open::close);
            if (!identity.isAlive()) {
                return Optional.empty();
            }
            var events = ExitEvents.of(open.takeDescriptor(SOCKET));
            undo.handOver();
            return Optional.of(new Holder(open, events, words[3]));
        }
    }

    private Holder findOrStart() throws IOException {
        var found = find();
        return found.isPresent() ? found.get() : start();
    }

    private Holder start() throws IOException {
        try (var undo = new Cleanup()) {
            clear();
            var events = ExitEvents.open();
            undo.add(events::close);
            String path = Groundwork.CGROUP_ROOT + "/_keeper-"
                    + Long.toHexString(ThreadLocalRandom.current().nextLong());
            var cgroups = Cgroups.ofHost(Groundwork.CGROUP_ROOT);
            undo.add(() -> cgroups.open(path).remove(END_LIMIT));
            var cgroup = cgroups.create(path);
            try (var entry = CgroupEntry.openUnlimited(cgroup);
                    var child = new ChildProgram();
                    Fd image = FirstProcess.image("aestus-keeper");
                    Fd program = image.duplicate();
                    Fd nowhere = Fd.openForWriting(Path.of("/dev/null"));
                    Fd nothing = nowhere.duplicate();
                    Fd socket = events.fd().duplicate()) {
                entry.addTo(child);
                child.startSession();
                child.unblockSignals();
                child.assign(List.of(nothing, nothing, nothing, socket), 0);
                child.closeOnExecFrom(SOCKET + 1);
                child.execute(program, List.of("aestus-keeper"), List.of());
                var process = ProcessLauncher.open().launch(child, entry.addTo(LaunchOptions.PLAIN));
                undo.add(() -> process.pidfd().signal(Signal.SIGKILL));
                var identity = ProcessIdentity.of(process.pid());
                Files.writeString(
                        record,
                        identity.pid() + " " + identity.startTicks() + " " + identity.boot() + " " + path + "\n",
                        StandardCharsets.US_ASCII);
                undo.handOver();
                return new Holder(process.pidfd(), events, path);
            }
        }
    }

    /** What another boot of the host, or a keeper that was killed, has left. */
    private void clear() throws IOException {
        try (var files = Files.newDirectoryStream(directory, "[0-9]*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    private void end(Holder holder) throws IOException {
        holder.events.end();
        holder.process.signal(Signal.SIGKILL);
        holder.process.awaitEnd(END_LIMIT);
        try {
            holder.process.tryReap();
        } catch (SyscallException e) {
            if (e.errno() != Errno.ECHILD) { // another process's child, which init reaps
                throw e;
            }
        }
        Files.deleteIfExists(record);
        Cgroups.ofHost(Groundwork.CGROUP_ROOT).open(holder.cgroup).remove(END_LIMIT);
    }
}
