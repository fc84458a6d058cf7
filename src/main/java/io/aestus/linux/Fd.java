package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The owner of one file descriptor, close-on-exec from birth. Closed once, whoever tries how often; using it afterwards is
 * a bug and says so. Reads and writes may block: platform threads only, unless the file is a regular one.
 */
public final class Fd implements AutoCloseable {
    private static final int CLOSED = -1;
    private static final int CHUNK = 64 * 1024;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_FDCWD = -100;
    private static final int STATFS_BYTES = 120;

    private final AtomicInteger number;

    private Fd(int number) {
        this.number = new AtomicInteger(number);
    }

    /** Takes a descriptor that the kernel just gave. */
    static Fd owning(long number) {
        if (number < 0) {
            throw new IllegalArgumentException("not a descriptor: " + number);
        }
        return new Fd((int) number);
    }

    /** Opens an existing file that the administrator or we named, for reading; links in this path are followed. */
    public static Fd openForReading(Path path) throws SyscallException {
        return open(path, 0, 0);
    }

    /** The same, for writing. */
    public static Fd openForWriting(Path path) throws SyscallException {
        return open(path, Open.O_WRONLY, 0);
    }

    /** The same, for reading and writing. */
    public static Fd openForUpdating(Path path) throws SyscallException {
        return open(path, Open.O_RDWR, 0);
    }

    /** Makes a file, or empties the one that is there, for writing; the umask takes its part of the permissions. */
    public static Fd create(Path path, int permissions) throws SyscallException {
        return open(path, Open.O_WRONLY | Open.O_CREAT | Open.O_TRUNC, permissions);
    }

    private static Fd open(Path path, int flags, int permissions) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            long name = FileName.cString(arena, path.toString()).address();
            int all = flags | Open.O_CLOEXEC | Open.O_NOCTTY;
            return owning(Libc.retrying(Syscall.OPENAT, AT_FDCWD, name, all, permissions)
                    .orThrow("open " + path));
        }
    }

    /** The number, for system calls made while this is open. */
    int number() {
        int current = number.get();
        if (current == CLOSED) {
            throw new IllegalStateException("descriptor is closed");
        }
        return current;
    }

    public boolean isOpen() {
        return number.get() != CLOSED;
    }

    /** Gives the number away: from now on this owns nothing. */
    int release() {
        int current = number.getAndSet(CLOSED);
        if (current == CLOSED) {
            throw new IllegalStateException("descriptor is closed");
        }
        return current;
    }

    /** A second descriptor of the same open file, numbered 10 or higher, clear of the standard streams. */
    public Fd duplicate() throws SyscallException {
        return duplicate(10);
    }

    /** The same, numbered {@code least} or higher. */
    Fd duplicate(int least) throws SyscallException {
        return owning(Libc.call(Syscall.FCNTL, number(), F_DUPFD_CLOEXEC, least).orThrow("duplicate descriptor"));
    }

    /**
     * Opens for reading what this handle (O_PATH) stands for, whatever has its name by now. A pipe without a writer does not
     * block.
     */
    public Fd reopenForReading() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment magic = FileName.cString(arena, path().toString());
            int flags = Open.O_NONBLOCK | Open.O_NOCTTY | Open.O_CLOEXEC;
            return owning(Libc.retrying(Syscall.OPENAT, AT_FDCWD, magic.address(), flags, 0)
                    .orThrow("open " + path()));
        }
    }

    /** A path by which this process reaches the same file, for interfaces that take only paths. */
    public Path path() {
        return Path.of("/proc/self/fd/" + number());
    }

    /** Reads once. @return bytes read, or -1 at the end */
    public int read(byte[] into, int offset, int length) throws SyscallException {
        if (length == 0) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.min(length, CHUNK));
            int count = read(buffer);
            if (count > 0) {
                MemorySegment.copy(buffer, JAVA_BYTE, 0, into, offset, count);
            }
            return count;
        }
    }

    /** Reads once. @return bytes read, or -1 at the end */
    public int read(MemorySegment into) throws SyscallException {
        long count = Libc.retrying(Syscall.READ, number(), into.address(), into.byteSize(), 0)
                .orThrow("read");
        return count == 0 ? -1 : (int) count;
    }

    /** Reads at a position, which is left where it was. @return bytes read, or -1 at the end */
    public int read(MemorySegment into, long position) throws SyscallException {
        long count = Libc.retrying(Syscall.PREAD64, number(), into.address(), into.byteSize(), position)
                .orThrow("read");
        return count == 0 ? -1 : (int) count;
    }

    /**
     * All that is left to read.
     *
     * @throws IOException if that is more than {@code limit} bytes
     */
    public byte[] readAll(int limit) throws IOException {
        byte[] result = new byte[Math.min(limit + 1, 4096)];
        int length = 0;
        while (true) {
            int count = read(result, length, result.length - length);
            if (count < 0) {
                return Arrays.copyOf(result, length);
            }
            length += count;
            if (length > limit) {
                throw new IOException("file is larger than " + limit + " bytes");
            }
            if (length == result.length) {
                result = Arrays.copyOf(result, (int) Math.min(limit + 1L, result.length * 2L));
            }
        }
    }

    /** Writes once; may take fewer bytes than offered. */
    public int write(MemorySegment from) throws SyscallException {
        return (int) Libc.retrying(Syscall.WRITE, number(), from.address(), from.byteSize(), 0)
                .orThrow("write");
    }

    /** Writes once at a position. */
    public int write(MemorySegment from, long position) throws SyscallException {
        return (int) Libc.retrying(Syscall.PWRITE64, number(), from.address(), from.byteSize(), position)
                .orThrow("write");
    }

    public void writeFully(byte[] bytes) throws SyscallException {
        writeFully(bytes, 0, bytes.length);
    }

    public void writeFully(byte[] bytes, int offset, int length) throws SyscallException {
        for (int done = 0; done < length; ) {
            done += write(bytes, offset + done, length - done);
        }
    }

    /** Writes once; may take fewer bytes than offered. */
    public int write(byte[] bytes, int offset, int length) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) { // what is copied from elsewhere is not cleared first
            return write(arena.allocateFrom(
                    JAVA_BYTE, MemorySegment.ofArray(bytes), JAVA_BYTE, offset, Math.min(length, CHUNK)));
        }
    }

    /** A stream over this descriptor, which it does not close. */
    public InputStream inputStream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return Fd.this.read(into, offset, length);
            }
        };
    }

    /** An unbuffered stream over this descriptor, which it does not close. */
    public OutputStream outputStream() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                writeFully(new byte[] {(byte) b});
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                writeFully(bytes, offset, length);
            }
        };
    }

    public FileStatus status() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = FileStatus.buffer(arena);
            FileStatus.query(number(), "", AT_EMPTY_PATH, arena, statx).orThrow("stat descriptor");
            return FileStatus.of(statx);
        }
    }

    /** Which kind of file system it lies in: the kernel's magic number, such as 0x1cd1 for devpts. */
    public long fileSystemMagic() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statfs = arena.allocate(STATFS_BYTES, 8);
            Libc.call(Syscall.FSTATFS, number(), statfs.address()).orThrow("stat file system");
            return statfs.get(JAVA_LONG, 0);
        }
    }

    /** Changes the owner; also of a handle (O_PATH) or a mount. */
    public void chown(int uid, int gid) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            long empty = arena.allocate(1).address();
            Libc.call(Syscall.FCHOWNAT, number(), empty, uid, gid, AT_EMPTY_PATH)
                    .orThrow("chown to " + uid + ":" + gid);
        }
    }

    public void chmod(int permissions) throws SyscallException {
        Libc.call(Syscall.FCHMOD, number(), permissions).orThrow("chmod to " + Integer.toOctalString(permissions));
    }

    /** Sets access and modification time. */
    public void setTimes(Instant accessed, Instant modified) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            Libc.call(
                            Syscall.UTIMENSAT,
                            number(),
                            0,
                            Times.of(arena, accessed, modified).address(),
                            0)
                    .orThrow("set times");
        }
    }

    /** Sets an extended attribute such as {@code user.comment}, replacing any other value. */
    public void setXattr(String name, byte[] value) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = FileName.cString(arena, name);
            MemorySegment bytes = arena.allocate(Math.max(1, value.length));
            MemorySegment.copy(value, 0, bytes, JAVA_BYTE, 0, value.length);
            Libc.call(Syscall.FSETXATTR, number(), key.address(), bytes.address(), value.length, 0)
                    .orThrow("set attribute " + name);
        }
    }

    /** Cuts or extends the file to this size. */
    public void truncate(long size) throws SyscallException {
        Libc.call(Syscall.FTRUNCATE, number(), size).orThrow("truncate to " + size);
    }

    /** Forces contents and attributes to the disk; may take seconds. */
    public void sync() throws SyscallException {
        Libc.call(Syscall.FSYNC, number()).orThrow("fsync");
    }

    /** Forces contents to the disk; may take seconds. */
    public void syncData() throws SyscallException {
        Libc.call(Syscall.FDATASYNC, number()).orThrow("fdatasync");
    }

    /** Closes it, once. Errors are not reported: the number is gone in any case, and {@link #sync} is the place to see them. */
    @Override
    public void close() {
        int current = number.getAndSet(CLOSED);
        if (current != CLOSED) {
            Libc.call(Syscall.CLOSE, current);
        }
    }

    @Override
    public String toString() {
        int current = number.get();
        return current == CLOSED ? "closed descriptor" : "descriptor " + current;
    }
}
