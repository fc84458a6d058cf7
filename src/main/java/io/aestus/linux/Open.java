package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** openat2(2) and its flags, where both architectures agree on them. */
final class Open {
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_NOCTTY = 0x100;
    static final int O_TRUNC = 0x200;
    static final int O_APPEND = 0x400;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;
    static final int O_PATH = 0x200000;

    static final int RESOLVE_NO_XDEV = 1;
    static final int RESOLVE_NO_MAGICLINKS = 2;
    static final int RESOLVE_NO_SYMLINKS = 4;
    static final int RESOLVE_BENEATH = 8;
    static final int RESOLVE_IN_ROOT = 0x10;

    /** Stays below the directory and follows no link at all. */
    static final int BENEATH = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    /** Follows links as if the directory were the root, and none of the kernel's magic ones. */
    static final int IN_ROOT = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

    /** Size of {@code struct open_how}. */
    static final int HOW_BYTES = 24;

    private static final int ATTEMPTS = 128;

    private final Result result;

    private Open(Result result) {
        this.result = result;
    }

    /** Opens {@code path} relative to {@code directory}; the flag O_CLOEXEC is added. */
    static Open at(int directory, String path, int flags, int permissions, int resolve) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = FileName.cString(arena, path);
            MemorySegment how = how(arena, flags | O_CLOEXEC, permissions, resolve);
            return new Open(at(directory, name, how));
        }
    }

    /** A {@code struct open_how}. */
    static MemorySegment how(Arena arena, long flags, int permissions, long resolve) {
        return arena.allocateFrom(JAVA_LONG, flags, permissions, resolve);
    }

    /** EAGAIN says that something was renamed meanwhile and {@code ..} could not be judged: ask again, but not for ever. */
    static Result at(int directory, MemorySegment name, MemorySegment how) {
        Result result = Libc.retrying(Syscall.OPENAT2, directory, name.address(), how.address(), how.byteSize());
        for (int i = 1; i < ATTEMPTS && result.failedWith(Errno.EAGAIN); i++) {
            result = Libc.retrying(Syscall.OPENAT2, directory, name.address(), how.address(), how.byteSize());
        }
        return result;
    }

    Fd orOpen(String what) throws SyscallException {
        return Fd.owning(result.orThrow(what));
    }
}
