package io.aestus.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Namespaces as objects: a descriptor holds one, and so does a file on which it is mounted.
 *
 * <p><b>A thread in a foreign namespace starts nothing and wakes nobody.</b> Threads inherit the namespaces of the one that
 * starts them, and a scheduler may start a carrier from whichever thread it likes: completing a future inside a pod's
 * network can leave an unrelated virtual thread there. So whatever enters a namespace here runs on a platform thread of its
 * own, leaves its result in a plain field and ends; the caller, who waits by joining it, never moves.
 *
 * <p>A mount or user namespace cannot be entered by a thread of a JVM at all: its threads share their root directory.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/namespaces.7.html">namespaces(7)</a>
 */
public final class Namespaces {
    private static final int NS_GET_NSTYPE = 0xb703;
    private static final int MS_BIND = 0x1000;
    private static final int O_RDONLY_CLOEXEC = 0x8_0000;
    private static final int AT_FDCWD = -100;

    /** What is done inside a namespace. Must neither start a thread nor wake one. */
    @FunctionalInterface
    public interface Action<T> {
        T run() throws IOException;
    }

    private Namespaces() {}

    /**
     * The namespace in which process {@code pid} is. Whoever must be sure that the process is the one he means asks its pidfd
     * afterwards.
     */
    public static Fd of(long pid, Namespace kind) throws SyscallException {
        return open(Path.of("/proc", Long.toString(pid), "ns", kind.file()));
    }

    /** Whether a process is in the same namespace as this one. */
    public static boolean isOurs(long pid, Namespace kind) {
        try {
            Path link = Path.of("/proc/self/ns", kind.file());
            return Files.readSymbolicLink(link)
                    .equals(Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "ns", kind.file())));
        } catch (IOException _) {
            return false; // it is gone, as who joins it will find
        }
    }

    /**
     * The namespace pinned at {@code file}.
     *
     * @throws SyscallException EINVAL if something else is there
     */
    public static Fd pinned(Path file, Namespace kind) throws SyscallException {
        Fd namespace = open(file);
        Result type = Libc.call(Syscall.IOCTL, namespace.number(), NS_GET_NSTYPE);
        if (!(type instanceof Result.Done(long flag)) || flag != kind.flag()) {
            namespace.close();
            throw new SyscallException("open %s as a %s namespace".formatted(file, kind.file()), Errno.EINVAL);
        }
        return namespace;
    }

    static Fd open(Path file) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = FileName.cString(arena, file.toString());
            return Fd.owning(Libc.call(Syscall.OPENAT, AT_FDCWD, name.address(), O_RDONLY_CLOEXEC)
                    .orThrow("open namespace " + file));
        }
    }

    /** A new network namespace, its loopback interface up. It lives as long as somebody holds or pins it. */
    public static Fd newNetwork() throws IOException {
        return onThrowAwayThread(() -> {
            Libc.call(Syscall.UNSHARE, Namespace.NETWORK.flag()).orThrow("make a network namespace");
            Loopback.bringUp();
            return open(Path.of("/proc/thread-self/ns", Namespace.NETWORK.file()));
        });
    }

    /**
     * Does something inside a network, IPC, UTS or cgroup namespace and gives its result. What it opens stays where it was
     * opened: a socket goes on to speak for the pod.
     */
    public static <T> T inside(Fd namespace, Namespace kind, Action<T> action) throws IOException {
        switch (kind) {
            case NETWORK, IPC, UTS, CGROUP -> {}
            case MOUNT, USER, PID ->
                throw new IllegalArgumentException(
                        "no thread of this process can act in a " + kind.file() + " namespace");
        }
        return onThrowAwayThread(() -> {
            Libc.call(Syscall.SETNS, namespace.number(), kind.flag()).orThrow("enter a " + kind.file() + " namespace");
            return action.run();
        });
    }

    /** Calls those in a UTS namespace by another host name. */
    public static void setHostname(Fd names, String hostname) throws IOException {
        byte[] bytes = FileName.encode(hostname);
        inside(names, Namespace.UTS, () -> {
            try (Arena arena = Arena.ofConfined()) {
                long text = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes).address();
                return Libc.call(Syscall.SETHOSTNAME, text, bytes.length).orThrow("set hostname " + hostname);
            }
        });
    }

    private static <T> T onThrowAwayThread(Action<T> action) throws IOException {
        var visit = new Visit<>(action);
        Thread thread = Thread.ofPlatform()
                .name("namespace")
                .inheritInheritableThreadLocals(false)
                .unstarted(visit);
        NewThread.start(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // the visit cannot be abandoned: what it opens must find its owner
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return visit.result();
    }

    /** What happens on the other thread; plain fields, published by its end. */
    private static final class Visit<T> implements Runnable {
        private final Action<T> action;
        private @Nullable T value;
        private @Nullable Throwable failure;

        Visit(Action<T> action) {
            this.action = action;
        }

        @Override
        public void run() {
            try {
                value = action.run();
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
            }
        }

        T result() throws IOException {
            switch (failure) {
                case null -> {}
                case IOException e -> throw e;
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new IllegalStateException(failure);
            }
            if (value == null) {
                throw new IllegalStateException("an action gave nothing");
            }
            return value;
        }
    }

    /** Holds {@code namespace} at {@code file}, which is made, so that others can find it and it outlives all processes. */
    public static void pin(Fd namespace, Path file) throws IOException {
        Files.createFile(file);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = FileName.cString(arena, namespace.path().toString());
            MemorySegment to = FileName.cString(arena, file.toString());
            // Not by open_tree: before Linux 6.15 it clones only what is mounted in our namespace.
            Libc.call(Syscall.MOUNT, from.address(), to.address(), 0, MS_BIND, 0)
                    .orThrow("pin a namespace at " + file);
        } catch (SyscallException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /** Lets go of what is pinned at {@code file} and deletes it. Nothing there is fine. */
    public static void unpin(Path file) throws IOException {
        Mounts.unmount(file, Mounts.Removal.DETACH);
        Files.deleteIfExists(file);
    }
}
