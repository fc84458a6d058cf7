package io.aestus.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Removes a tree by descriptors. One descriptor per level is open, so directories below a depth of {@value #DEPTH} are
 * first moved up to the top of the tree: however deep a hostile tree is, neither descriptors nor stack run out.
 */
final class TreeRemoval {
    private static final int DEPTH = 64;
    private static final int AT_REMOVEDIR = 0x200;

    private final Directory top;
    private long moved;

    private TreeRemoval(Directory top) {
        this.top = top;
    }

    /** Removes {@code name} in the directory {@code parent} and all below it; {@code shown} is for messages. */
    static void remove(int parent, MemorySegment name, String shown) throws SyscallException {
        Result unlinked = Libc.call(Syscall.UNLINKAT, parent, name.address(), 0);
        if (unlinked instanceof Result.Done || unlinked.failedWith(Errno.ENOENT)) {
            return;
        }
        if (!unlinked.failedWith(Errno.EISDIR)) {
            unlinked.orThrow("remove " + shown);
        }
        try (Arena arena = Arena.ofConfined();
                Directory tree =
                        Directory.of(Fd.owning(open(arena, parent, name).orThrow("remove " + shown)))) {
            var removal = new TreeRemoval(tree);
            do {
                removal.empty(tree, 0);
            } while (!tree.list().isEmpty());
        }
        Result gone = Libc.call(Syscall.UNLINKAT, parent, name.address(), AT_REMOVEDIR);
        if (!gone.failedWith(Errno.ENOENT)) {
            gone.orThrow("remove " + shown);
        }
    }

    private static Result open(Arena arena, int parent, MemorySegment name) {
        long flags = Architecture.current().oDirectory | Architecture.current().oNofollow | Open.O_CLOEXEC;
        return Open.at(parent, name, Open.how(arena, flags, 0, Open.BENEATH | Open.RESOLVE_NO_XDEV));
    }

    private void empty(Directory directory, int depth) throws SyscallException {
        for (String name : directory.list()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment entry = FileName.cString(arena, name);
                Result unlinked = Libc.call(Syscall.UNLINKAT, directory.fd().number(), entry.address(), 0);
                if (unlinked.failedWith(Errno.EISDIR)) {
                    emptyDirectory(directory, name, entry, depth);
                } else if (!unlinked.failedWith(Errno.ENOENT)) {
                    unlinked.orThrow("remove " + name);
                }
            }
        }
    }

    private void emptyDirectory(Directory directory, String name, MemorySegment entry, int depth)
            throws SyscallException {
        int parent = directory.fd().number();
        if (depth >= DEPTH) {
            directory.rename(name, top, ".removing-" + moved++);
            return;
        }
        if (Libc.call(Syscall.UNLINKAT, parent, entry.address(), AT_REMOVEDIR) instanceof Result.Done) {
            return;
        }
        try (Arena arena = Arena.ofConfined();
                Directory child =
                        Directory.of(Fd.owning(open(arena, parent, entry).orThrow("remove " + name)))) {
            empty(child, depth + 1);
        }
        Result gone = Libc.call(Syscall.UNLINKAT, parent, entry.address(), AT_REMOVEDIR);
        if (!gone.failedWith(Errno.ENOENT)) {
            gone.orThrow("remove " + name);
        }
    }
}
