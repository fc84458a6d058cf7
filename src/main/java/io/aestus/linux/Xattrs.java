package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The extended attributes of one file; of a link, its own. Close it when done. */
public final class Xattrs implements AutoCloseable {
    private static final int MOST = 64 * 1024; // XATTR_SIZE_MAX, XATTR_LIST_MAX

    private final Fd file;
    private final String shown;

    /** Takes a handle (O_PATH) of the file. */
    Xattrs(Fd file, String shown) {
        this.file = file;
        this.shown = shown;
    }

    /** Sets an attribute such as {@code user.comment}, replacing any other value. */
    public void set(String name, byte[] value) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.max(1, value.length));
            MemorySegment.copy(value, 0, bytes, JAVA_BYTE, 0, value.length);
            Libc.call(
                            Syscall.SETXATTR,
                            path(arena).address(),
                            FileName.cString(arena, name).address(),
                            bytes.address(),
                            value.length,
                            0)
                    .orThrow("set attribute " + name + " of " + shown);
        }
    }

    public Optional<byte[]> get(String name) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(MOST);
            Result result = Libc.call(
                    Syscall.GETXATTR,
                    path(arena).address(),
                    FileName.cString(arena, name).address(),
                    bytes.address(),
                    MOST);
            if (result.failedWith(Errno.ENODATA)) {
                return Optional.empty();
            }
            long length = result.orThrow("get attribute " + name + " of " + shown);
            return Optional.of(bytes.asSlice(0, length).toArray(JAVA_BYTE));
        }
    }

    /** The names of all, in no order. */
    public List<String> list() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(MOST);
            long length = Libc.call(Syscall.LISTXATTR, path(arena).address(), bytes.address(), MOST)
                    .orThrow("list attributes of " + shown);
            String names = new String(bytes.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
            return Arrays.stream(names.split("\0"))
                    .filter(name -> !name.isEmpty())
                    .toList();
        }
    }

    /** Removes one. @return false if it was not there */
    public boolean remove(String name) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            Result result = Libc.call(
                    Syscall.REMOVEXATTR,
                    path(arena).address(),
                    FileName.cString(arena, name).address());
            if (result.failedWith(Errno.ENODATA)) {
                return false;
            }
            result.orThrow("remove attribute " + name + " of " + shown);
            return true;
        }
    }

    /** A handle takes no f*xattr calls; the kernel's own link to it does. */
    private MemorySegment path(Arena arena) {
        return FileName.cString(arena, file.path().toString());
    }

    @Override
    public void close() {
        file.close();
    }
}
