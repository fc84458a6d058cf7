package io.aestus.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The cgroup file systems of this host. */
final class KernelCgroupFiles implements CgroupFiles {
    private static final int AT_FDCWD = -100;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int F_OK = 0;
    private static final int PERMISSIONS = 0755;
    /** Lists of processes are the longest files. */
    private static final int MOST_BYTES = 64 * 1024 * 1024;

    private static final Path DISKS = Path.of("/sys/block");

    /** {@code .} and the entry in its parent. */
    private static final int LINKS_WITHOUT_CHILDREN = 2;

    @Override
    public boolean create(Path cgroup) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long name = FileName.cString(arena, cgroup.toString()).address();
            return switch (Libc.call(Syscall.MKDIRAT, AT_FDCWD, name, PERMISSIONS)) {
                case Result.Done _ -> true;
                case Result.Failed(int errno) when errno == Errno.EEXIST -> false;
                case Result.Failed(int errno)
                when errno == Errno.ENOENT -> throw new NoSuchFileException(cgroup.toString());
                case Result.Failed(int errno) -> throw new SyscallException("make cgroup " + cgroup, errno);
            };
        }
    }

    @Override
    public void remove(Path cgroup) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long name = FileName.cString(arena, cgroup.toString()).address();
            if (Libc.call(Syscall.UNLINKAT, AT_FDCWD, name, AT_REMOVEDIR) instanceof Result.Failed(int errno)
                    && errno != Errno.ENOENT) {
                throw new SyscallException("remove cgroup " + cgroup, errno);
            }
        }
    }

    @Override
    public void write(Path file, String text) throws IOException {
        writeEach(file, List.of(text));
    }

    @Override
    public void writeEach(Path file, List<String> texts) throws IOException {
        try (Fd open = open(file, Fd::openForWriting)) {
            for (String text : texts) {
                write(open, file, text);
            }
        }
    }

    private interface Opener {
        Fd open(Path file) throws SyscallException;
    }

    private static Fd open(Path file, Opener how) throws IOException {
        try {
            return how.open(file);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                throw new NoSuchFileException(file.toString());
            }
            throw e;
        }
    }

    private static void write(Fd open, Path file, String text) throws IOException {
        try {
            open.writeFully(text.getBytes(StandardCharsets.US_ASCII));
        } catch (SyscallException e) {
            var failure = new SyscallException("write '%s' to %s".formatted(text.strip(), file), e.errno());
            boolean mayBeGone = e.errno() == Errno.ENODEV || e.errno() == Errno.ENOENT;
            throw mayBeGone ? orGone(file, failure) : failure;
        }
    }

    /** A file that is open when its cgroup is removed says ENODEV; some, as {@code cgroup.kill}, say ENOENT. */
    private static IOException orGone(Path file, IOException e) {
        if (Files.exists(file)) {
            return e;
        }
        var gone = new NoSuchFileException(file.toString());
        gone.initCause(e);
        return gone;
    }

    @Override
    public String read(Path file) throws IOException {
        try (Fd open = open(file, Fd::openForReading)) {
            return new String(open.readAll(MOST_BYTES), StandardCharsets.ISO_8859_1);
        } catch (SyscallException e) {
            throw e.errno() == Errno.ENODEV ? orGone(file, e) : e;
        }
    }

    @Override
    public boolean exists(Path file) {
        return exists(file.toString());
    }

    /** Without a path's being made: further processes ask this of every hierarchy. */
    @Override
    public boolean exists(Path above, String below) {
        return exists(above + "/" + below);
    }

    private static boolean exists(String file) {
        try (Arena arena = Arena.ofConfined()) {
            long name = FileName.cString(arena, file).address();
            return Libc.call(Syscall.FACCESSAT, AT_FDCWD, name, F_OK) instanceof Result.Done;
        }
    }

    /** Every cgroup counts its children among the links to it: without any, nobody need look at its dozens of files. */
    @Override
    public List<Path> children(Path cgroup) throws IOException {
        try (Directory directory = Directory.open(cgroup)) {
            if (directory.fd().status().links() == LINKS_WITHOUT_CHILDREN) {
                return List.of();
            }
            return directory.listDirectories().stream().map(cgroup::resolve).toList();
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ENODEV) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public Optional<Instant> madeAt(Path cgroup) throws IOException {
        try {
            return Optional.of(Files.getLastModifiedTime(cgroup).toInstant());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<String> disks() throws IOException {
        var numbers = new ArrayList<String>();
        try (var disks = Files.newDirectoryStream(DISKS)) {
            for (Path disk : disks) {
                numbers.add(Files.readString(disk.resolve("dev")).strip());
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return numbers;
    }

    @Override
    public void end(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
}
