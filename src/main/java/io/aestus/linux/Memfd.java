package io.aestus.linux;

import java.lang.foreign.Arena;

/** Files that exist in memory only and can be made immutable. */
public final class Memfd {
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int MFD_EXEC = 0x10;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_SEAL_SEAL = 1;
    private static final int F_SEAL_SHRINK = 2;
    private static final int F_SEAL_GROW = 4;
    private static final int F_SEAL_WRITE = 8;

    private Memfd() {}

    /**
     * A file with these bytes that nobody can change any more, and that can be executed.
     *
     * @param name shown in {@code /proc/PID/exe} and maps
     * @see <a href="https://man7.org/linux/man-pages/man2/memfd_create.2.html">memfd_create(2)</a>
     */
    public static Fd sealed(String name, byte[] content) throws SyscallException {
        Fd file = create(name);
        try {
            file.writeFully(content);
            int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
            Libc.call(Syscall.FCNTL, file.number(), F_ADD_SEALS, seals).orThrow("seal memory file " + name);
            return file;
        } catch (SyscallException e) {
            file.close();
            throw e;
        }
    }

    private static Fd create(String name) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            long text = FileName.cString(arena, name).address();
            int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
            Result result = Libc.call(Syscall.MEMFD_CREATE, text, flags | MFD_EXEC);
            if (result.failedWith(Errno.EINVAL)) { // Linux < 6.3 knows no MFD_EXEC and makes all executable
                result = Libc.call(Syscall.MEMFD_CREATE, text, flags);
            }
            return Fd.owning(result.orThrow("make memory file " + name));
        }
    }
}
