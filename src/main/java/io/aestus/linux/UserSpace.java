package io.aestus.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * The user namespace in which a user who is not the host's root is root. There is one for all their processes, since those of
 * one have no power over those of another; it lives as long as a process is in it, a command or a pod, and nothing is resident
 * for its sake. A file says which it is, and some process that is in it gives it.
 *
 * <p>No thread of a JVM can enter it. So this process executes, in its own place, a program in memory that does ({@link
 * Loader}), and then executes what it is told; the lock under which the namespace was found or made is let go by that program
 * once it is inside, where others find it. Not thread-safe.
 */
public final class UserSpace implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Fd namespace;
    private final FileLock lock;
    private final boolean isNew;

    private UserSpace(Fd namespace, FileLock lock, boolean isNew) {
        this.namespace = namespace;
        this.lock = lock;
        this.isNew = isNew;
    }

    /**
     * Finds the one that this user has, or makes one.
     *
     * @param directory of the user alone, where it is written down; made if it is not there
     * @throws IOException where the host lets this user have none
     */
    public static UserSpace open(Path directory, SubordinateIds ids) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        FileLock lock = FileLock.acquire(directory.resolve("users.lock"), FileLock.Kind.EXCLUSIVE, PATIENCE)
                .orElseThrow(
                        () -> new IOException("another process is about to make a user namespace since " + PATIENCE));
        try {
            Path file = directory.resolve("users");
            Optional<Fd> found = find(file);
            if (found.isPresent()) {
                return new UserSpace(found.get(), lock, false);
            }
            Fd made = make(ids, file);
            return new UserSpace(made, lock, true);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Whether nobody is in it yet. */
    public boolean isNew() {
        return isNew;
    }

    // --- which it is

    private static Optional<Fd> find(Path file) throws IOException {
        String written;
        try {
            written = Files.readString(file, StandardCharsets.US_ASCII);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
        ProcessTable.Selection inside = process -> describe(process).equals(written);
        for (long pid : ProcessTable.all(inside)) {
            try {
                Fd namespace = Namespaces.of(pid, Namespace.USER);
                if (ProcessTable.holds(inside, pid)) {
                    return Optional.of(namespace);
                }
                namespace.close();
            } catch (SyscallException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.ESRCH) {
                    throw e;
                }
            }
        }
        return Optional.empty();
    }

    /** Which namespace a process is in. The kernel gives the number of one that is gone to others: the map is part of it. */
    private static String describe(Path process) throws IOException {
        return Files.readSymbolicLink(process.resolve("ns").resolve(Namespace.USER.file()))
                + "\n"
                + Files.readString(process.resolve("uid_map"), StandardCharsets.US_ASCII);
    }

    /** A child makes it, and tries what will be done there, so that what the host forbids is told while there is somebody to tell. */
    private static Fd make(SubordinateIds ids, Path file) throws IOException {
        try (Fd holder = FirstProcess.image();
                var child = new ChildProgram()) {
            becomeRoot(child);
            child.unshare(EnumSet.of(Namespace.MOUNT));
            child.mounts().makeMountsFollow();
            child.unblockSignals();
            child.closeOnExecFrom(0);
            child.execute(child.owns(holder.duplicate()), List.of("aestus-users"), List.of());
            var made = new Fd[1];
            LaunchOptions how = LaunchOptions.PLAIN
                    .withNamespaces(EnumSet.of(Namespace.USER))
                    .within(PATIENCE)
                    .preparedBy(pid -> {
                        ids.write(pid);
                        made[0] = Namespaces.of(pid, Namespace.USER);
                        Files.writeString(file, describe(Path.of("/proc/" + pid)), StandardCharsets.US_ASCII);
                    });
            try (var launch = new Launch(child, how);
                    ChildProcess process = launch.run()) {
                process.pidfd().signal(Signal.SIGKILL);
                process.pidfd().reap();
                return made[0];
            } catch (IOException e) {
                if (made[0] != null) {
                    made[0].close();
                }
                throw e;
            }
        }
    }

    // --- being in it

    /** Who has but one ID keeps the groups that he was started with. */
    private static void becomeRoot(ChildProgram program) {
        program.rights().leaveGroups();
        program.rights().setIds(0, 0);
    }

    /**
     * Goes on as another program, as root in it, with the mounts of the host as its own copy. The process stays the same, and
     * so do its descriptors, streams and directory.
     *
     * @param program the file to execute
     * @throws IOException if that cannot be; otherwise this does not return
     */
    public void execute(String program, List<String> arguments, List<String> environment) throws IOException {
        try (ChildProgram steps = ChildProgram.apart()) {
            Loader loader = steps.loader().orElseThrow();
            steps.enter(namespace, Namespace.USER);
            becomeRoot(steps);
            steps.unshare(EnumSet.of(Namespace.MOUNT));
            steps.mounts().makeMountsFollow();
            steps.unblock();
            steps.close(namespace);
            steps.close(lock.file());
            steps.execute(List.of(program), arguments, environment);
            loader.become(steps.program());
        }
    }

    @Override
    public void close() {
        namespace.close();
        lock.close();
    }
}
