package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Instant;

/**
 * What the kernel says about a file.
 *
 * @param mode type and permissions, as {@code st_mode}
 * @param links number of hard links
 * @param blocks allocated, of 512 bytes
 * @param deviceMajor of the file system, with {@code deviceMinor} and {@code inode} the file's identity
 * @param specialMajor of a device node; 0 for others
 */
public record FileStatus(
        int mode,
        int links,
        int uid,
        int gid,
        long inode,
        long size,
        long blocks,
        Instant modified,
        int deviceMajor,
        int deviceMinor,
        int specialMajor,
        int specialMinor) {
    private static final int SIZE = 256; // struct statx
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int AT_FDCWD = -100;
    private static final int TYPE = 0170000;

    public boolean isDirectory() {
        return (mode & TYPE) == 0040000;
    }

    public boolean isRegular() {
        return (mode & TYPE) == 0100000;
    }

    public boolean isSymbolicLink() {
        return (mode & TYPE) == 0120000;
    }

    public boolean isCharacterDevice() {
        return (mode & TYPE) == 0020000;
    }

    public boolean isBlockDevice() {
        return (mode & TYPE) == 0060000;
    }

    public boolean isPipe() {
        return (mode & TYPE) == 0010000;
    }

    public boolean isSocket() {
        return (mode & TYPE) == 0140000;
    }

    /** Permissions with setuid, setgid and sticky: the low twelve bits of the mode. */
    public int permissions() {
        return mode & 07777;
    }

    /** True if both describe one file: two names of it, or the same one later. */
    public boolean isSameFile(FileStatus other) {
        return inode == other.inode && deviceMajor == other.deviceMajor && deviceMinor == other.deviceMinor;
    }

    /** That of what a path leads to. */
    public static FileStatus of(Path path) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = buffer(arena);
            query(AT_FDCWD, path.toString(), 0, arena, statx).orThrow("stat " + path);
            return of(statx);
        }
    }

    /** {@code statx} of {@code name} below {@code directory}, not following a link there. */
    static Result query(int directory, String name, int flags, Arena arena, MemorySegment into) {
        MemorySegment path = FileName.cString(arena, name);
        return Libc.call(Syscall.STATX, directory, path.address(), flags, STATX_BASIC_STATS, into.address());
    }

    static MemorySegment buffer(Arena arena) {
        return arena.allocate(SIZE, 8);
    }

    static FileStatus of(MemorySegment statx) {
        return new FileStatus(
                Short.toUnsignedInt(statx.get(JAVA_SHORT, 28)),
                statx.get(JAVA_INT, 16),
                statx.get(JAVA_INT, 20),
                statx.get(JAVA_INT, 24),
                statx.get(JAVA_LONG, 32),
                statx.get(JAVA_LONG, 40),
                statx.get(JAVA_LONG, 48),
                Instant.ofEpochSecond(statx.get(JAVA_LONG, 112), statx.get(JAVA_INT, 120)),
                statx.get(JAVA_INT, 136),
                statx.get(JAVA_INT, 140),
                statx.get(JAVA_INT, 128),
                statx.get(JAVA_INT, 132));
    }
}
