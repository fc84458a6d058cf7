package io.aestus.executor;

import io.aestus.linux.CapabilitySet;
import io.aestus.linux.Cgroup;
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
import java.util.UUID;

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
    /** The keeper's own, so that nobody who ends a service ends it too. */
    private final String cgroup;

    private volatile boolean isImpossible;

    /** @param dataDirectory the data directory */
    ExitKeeper(Path dataDirectory) {
        this.directory = dataDirectory.resolve("exits");
        this.record = directory.resolve("keeper");
        byte[] name = dataDirectory.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
        this.cgroup = Groundwork.CGROUP_ROOT + "/_keeper-" + UUID.nameUUIDFromBytes(name);
    }

    /** The keeper, as it runs. */
    private record Holder(PidFd process, ExitEvents events) implements AutoCloseable {
        @Override
        public void close() {
            events.close();
            process.close();
        }
    }

    /** Remembers from now on how a process ends, which may have done so already if it is a child that was not reaped. */
    void watch(long pid, PidFd process) {
        if (isImpossible) {
            return;
        }
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try (var _ = lock();
                    var holder = findOrStart()) {
                watch(pid, process, holder.events);
            }
        } catch (IOException e) {
            isImpossible = true;
            boolean isNews = !(e instanceof SyscallException denied && denied.errno() == Errno.EPERM); // without root
            LOG.log(
                    isNews ? Level.WARNING : Level.DEBUG,
                    "the exit codes of apps that end while nobody looks after them will be unknown: {0}",
                    e.getMessage());
        }
    }

    private void watch(long pid, PidFd process, ExitEvents events) throws IOException {
        takeOut(events);
        var watched = events.watched();
        if (watched.add((int) pid)) {
            Files.deleteIfExists(file(pid)); // of one that had its number
            events.watch(watched);
            var before = endedBefore(process);
            if (before.isPresent()) {
                write(pid, before.get().status());
            }
        }
    }

    private static Optional<ProcessExit> endedBefore(PidFd process) throws SyscallException {
        try {
            return process.ended();
        } catch (SyscallException e) {
            if (e.errno() == Errno.ECHILD) { // another process's child: nobody can know
                return Optional.empty();
            }
            throw e;
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

    /** Remembers no longer how a process ended. If that fails, {@link #retain} does it. */
    void forget(long pid) {
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
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot forget how process {0} ended: {1}", pid, e.getMessage());
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
                removeTraces();
                return;
            }
            try (Holder open = holder.get()) {
                takeOut(open.events);
                var watched = open.events.watched();
                var kept = needed.pids();
                for (int pid : List.copyOf(watched)) {
                    if (!kept.contains((long) pid) && !runs(pid)) {
                        watched.remove(pid);
                        Files.deleteIfExists(file(pid));
                    }
                }
                watchOnly(watched, open);
            }
        }
    }

    /** Zombies do not. */
    private static boolean runs(long pid) throws IOException {
        var process = ProcessIdentity.find(pid);
        return process.isPresent() && process.get().isAlive();
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
                write(pid, ended.get().status());
            }
            events.take();
        }
    }

    private void write(long pid, int status) throws IOException {
        Files.writeString(file(pid), status + "\n");
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
        if (words.length != 3) {
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
            return Optional.of(new Holder(open, events));
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
            Cgroup place = Cgroups.ofHost(Groundwork.CGROUP_ROOT).create(cgroup);
            undo.add(() -> place.remove(END_LIMIT));
            try (var entry = CgroupEntry.openUnlimited(place);
                    var child = new ChildProgram();
                    Fd image = FirstProcess.image("aestus-keeper");
                    Fd program = image.duplicate();
                    Fd nowhere = Fd.openForWriting(Path.of("/dev/null"));
                    Fd nothing = nowhere.duplicate();
                    Fd socket = events.fd().duplicate()) {
                entry.addTo(child);
                child.startSession();
                child.changeDirectory("/"); // ours may be on a disk that somebody wants to take away
                child.rights().setCapabilities(CapabilitySet.NONE, CapabilitySet.NONE);
                child.rights().setNoNewPrivileges();
                child.unblockSignals();
                child.assign(List.of(nothing, nothing, nothing, socket), 0);
                child.closeOnExecFrom(SOCKET + 1);
                child.execute(program, List.of("aestus-keeper"), List.of());
                var process = ProcessLauncher.open().launch(child, entry.addTo(LaunchOptions.PLAIN));
                undo.add(() -> process.pidfd().signal(Signal.SIGKILL));
                var identity = ProcessIdentity.of(process.pid());
                Files.writeString(
                        record,
                        identity.pid() + " " + identity.startTicks() + " " + identity.boot() + "\n",
                        StandardCharsets.US_ASCII);
                undo.handOver();
                return new Holder(process.pidfd(), events);
            }
        }
    }

    /** What another boot of the host has left, and a keeper whose maker was killed before it was on record. */
    private void clear() throws IOException {
        if (!Files.exists(record) || !Files.readString(record).contains(ProcessIdentity.Boot.id())) {
            try (var files = Files.newDirectoryStream(directory, "[0-9]*")) {
                for (Path file : files) {
                    Files.delete(file);
                }
            }
        }
        removePlace();
    }

    private void removePlace() throws IOException {
        Cgroup place = Cgroups.ofHost(Groundwork.CGROUP_ROOT).open(cgroup);
        if (place.exists()) {
            place.kill(END_LIMIT);
            place.remove(END_LIMIT);
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
        removeTraces();
    }

    /** Of a keeper that has ended. */
    private void removeTraces() throws IOException {
        Files.deleteIfExists(record);
        removePlace();
    }
}
