package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Whose the files are that a thread makes, and nothing else of who it is. Where a mount maps users, a file can only be made by
 * somebody whom the map knows: root of the host is nobody there, whatever it may do.
 *
 * @param uid as this process sees users
 * @see <a href="https://man7.org/linux/man-pages/man2/setfsuid.2.html">setfsuid(2)</a>
 */
public record FileIdentity(int uid, int gid) {
    /** Whatever is done with files. */
    @FunctionalInterface
    public interface Action<T> {
        T run() throws IOException;
    }

    /**
     * Does it as that owner of files, with all the capabilities of the caller, on a platform thread of its own that ends with
     * it.
     *
     * @throws IOException as {@code action} does, or if the kernel does not let this process be somebody else
     * @throws InterruptedException while waiting; the action then goes on
     */
    public <T> T run(Action<T> action) throws IOException, InterruptedException {
        var work = new Work<>(this, action);
        Thread thread = Thread.ofPlatform().daemon().name("as-user-" + uid).start(work);
        thread.join();
        return work.result();
    }

    private void assume() throws SyscallException {
        // Neither call says whether it worked, but the next one says what holds.
        Libc.call(Syscall.SETFSGID, gid);
        Libc.call(Syscall.SETFSUID, uid);
        long group = Libc.call(Syscall.SETFSGID, gid).orThrow("ask for the group of files");
        long user = Libc.call(Syscall.SETFSUID, uid).orThrow("ask for the user of files");
        if (user != uid || group != gid) {
            throw new SyscallException("make files as " + uid + ":" + gid, Errno.EPERM);
        }
        keepCapabilities();
    }

    /** The kernel takes those about files away from whoever stops being root. */
    private static void keepCapabilities() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocateFrom(JAVA_BYTE, CapabilitySet.header());
            MemorySegment data = arena.allocate(24, 4); // effective, permitted, inheritable; twice
            Libc.call(Syscall.CAPGET, header.address(), data.address()).orThrow("ask for capabilities");
            data.setAtIndex(JAVA_INT, 0, data.getAtIndex(JAVA_INT, 1));
            data.setAtIndex(JAVA_INT, 3, data.getAtIndex(JAVA_INT, 4));
            Libc.call(Syscall.CAPSET, header.address(), data.address()).orThrow("keep capabilities");
        }
    }

    private static final class Work<T> implements Runnable {
        private final FileIdentity identity;
        private final Action<T> action;
        private @Nullable T value;
        private @Nullable Exception failure;

        Work(FileIdentity identity, Action<T> action) {
            this.identity = identity;
            this.action = action;
        }

        @Override
        public void run() {
            try {
                identity.assume();
                value = action.run();
            } catch (IOException | RuntimeException e) {
                failure = e;
            }
        }

        T result() throws IOException {
            switch (failure) {
                case null -> {
                    if (value == null) {
                        throw new IllegalStateException("the thread ended without a word");
                    }
                    return value;
                }
                case IOException e -> throw e;
                case RuntimeException e -> throw e;
                default -> throw new IllegalStateException(failure);
            }
        }
    }
}
