package io.aestus.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.StringJoiner;

/**
 * A file system instance in the making: {@code fsopen}, its options one by one, then {@link #mount} gives a detached mount.
 * What the kernel has to say about a refused option goes into the exception. Close it when done; the mount lives on.
 *
 * <pre>{@code
 * try (var tmpfs = NewFileSystem.open("tmpfs").with("size", "64m").with("mode", "0755")) {
 *     Fd dev = tmpfs.mount(Set.of(MountAttribute.NOSUID));
 * }
 * }</pre>
 *
 * <p>May block: platform threads only. Not thread-safe.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/fsconfig.2.html">fsconfig(2)</a>
 */
public final class NewFileSystem implements AutoCloseable {
    private static final int FSOPEN_CLOEXEC = 1;
    private static final int FSMOUNT_CLOEXEC = 1;

    // enum fsconfig_command of <linux/mount.h>
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_SET_FD = 5;
    private static final int FSCONFIG_CMD_CREATE = 6;

    /** The kernel keeps a few lines of up to 256 bytes for each instance. */
    private static final int MESSAGE_BYTES = 4096;

    private final String type;
    private final Fd context;

    private NewFileSystem(String type, Fd context) {
        this.type = type;
        this.context = context;
    }

    /**
     * Begins an instance of file system {@code type}.
     *
     * @throws SyscallException ENODEV if the kernel has no such file system
     */
    public static NewFileSystem open(String type) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(type);
            long context =
                    Libc.call(Syscall.FSOPEN, name.address(), FSOPEN_CLOEXEC).orThrow("open file system " + type);
            return new NewFileSystem(type, Fd.owning(context));
        }
    }

    /** Sets an option without a value, such as {@code ro}. */
    public NewFileSystem with(String flag) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            configure(FSCONFIG_SET_FLAG, arena.allocateFrom(flag).address(), 0, 0, "set " + flag);
            return this;
        }
    }

    /** Sets an option such as {@code size}; {@code source} is what the mount table shows. */
    public NewFileSystem with(String option, String value) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            long key = arena.allocateFrom(option).address();
            long text = FileName.cString(arena, value).address();
            configure(FSCONFIG_SET_STRING, key, text, 0, "set " + option + "=" + value);
            return this;
        }
    }

    /** Sets an option to a file, such as an overlay's {@code lowerdir+}. */
    public NewFileSystem with(String option, Fd file) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            long key = arena.allocateFrom(option).address();
            configure(FSCONFIG_SET_FD, key, 0, file.number(), "set " + option + " to a descriptor");
            return this;
        }
    }

    /** Creates the instance and gives its mount, detached. Once only. */
    public Fd mount(Set<MountAttribute> attributes) throws SyscallException {
        configure(FSCONFIG_CMD_CREATE, 0, 0, 0, "create");
        Result mount = Libc.call(Syscall.FSMOUNT, context.number(), FSMOUNT_CLOEXEC, MountAttribute.bits(attributes));
        return switch (mount) {
            case Result.Done(long number) -> Fd.owning(number);
            case Result.Failed(int errno) -> throw refused("mount", errno);
        };
    }

    private void configure(int command, long key, long value, int extra, String what) throws SyscallException {
        Result result = Libc.call(Syscall.FSCONFIG, context.number(), command, key, value, extra);
        if (result instanceof Result.Failed(int errno)) {
            throw refused(what, errno);
        }
    }

    private SyscallException refused(String what, int errno) {
        String said = kernelMessages();
        String attempt = type + " file system: " + what;
        return new SyscallException(said.isEmpty() ? attempt : attempt + " (" + said + ")", errno);
    }

    /** What the kernel logged about this instance; each read takes one message, {@code e } before errors. */
    private String kernelMessages() {
        var said = new StringJoiner("; ");
        byte[] message = new byte[MESSAGE_BYTES];
        try {
            for (int count = context.read(message, 0, message.length);
                    count > 0;
                    count = context.read(message, 0, message.length)) {
                String line = new String(message, 0, count, StandardCharsets.UTF_8).strip();
                said.add(line.length() > 2 && line.charAt(1) == ' ' ? line.substring(2) : line);
            }
        } catch (SyscallException noMore) { // ENODATA
            return said.toString();
        }
        return said.toString();
    }

    @Override
    public void close() {
        context.close();
    }
}
