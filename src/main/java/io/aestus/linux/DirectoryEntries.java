package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Reads the kernel's listing of a directory: records of struct linux_dirent64. */
final class DirectoryEntries {
    private static final int BUFFER_BYTES = 32 * 1024;
    private static final int LENGTH = 16;
    private static final int TYPE = 18;
    private static final int NAME = 19;

    private DirectoryEntries() {}

    /** The names from {@code cursor} on of what has one of these types (DT_…), without {@code .} and {@code ..}. */
    static List<String> names(Fd cursor, IntPredicate types) throws SyscallException {
        var names = new ArrayList<String>();
        each(cursor, types, names::add);
        return List.copyOf(names);
    }

    /** The same one by one: however many there are, few are in memory. */
    static void each(Fd cursor, IntPredicate types, Directory.Visitor visitor) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);
            while (true) {
                long length = Libc.call(Syscall.GETDENTS64, cursor.number(), buffer.address(), BUFFER_BYTES)
                        .orThrow("list directory");
                if (length == 0) {
                    return;
                }
                for (long entry = 0;
                        entry < length;
                        entry += Short.toUnsignedInt(buffer.get(JAVA_SHORT, entry + LENGTH))) {
                    if (types.test(buffer.get(JAVA_BYTE, entry + TYPE))) {
                        String name = nameAt(buffer, entry + NAME);
                        if (!name.equals(".") && !name.equals("..")) {
                            visitor.visit(name);
                        }
                    }
                }
            }
        }
    }

    private static String nameAt(MemorySegment buffer, long start) {
        long end = start;
        while (buffer.get(JAVA_BYTE, end) != 0) {
            end++;
        }
        return FileName.decode(buffer.asSlice(start, end - start).toArray(JAVA_BYTE));
    }
}
