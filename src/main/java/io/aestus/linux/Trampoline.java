package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The one piece of machine code in this process. A JVM cannot fork, since only the calling thread would survive; but it can
 * clone a child that shares its memory while the calling thread waits, and let that child make system calls, and nothing
 * else, until it executes another program. The code touches no stack and calls no function: libc's state, reached through
 * the shared thread register, is the parent's, and a signal handler or a lock of the JVM must never run in the child.
 *
 * <p>The sources, with what each line does and the layout of the block, are in {@code src/main/asm/}; a test assembles them
 * and compares. Here the bytes are copied once into a page that is then made executable and never writable again.
 */
final class Trampoline {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int PAGE_BYTES = 64 * 1024; // the largest page of either architecture

    private static final String X86_64 =
            "534889fbb8b3010000be580000000f054885c074025bc34c8b63584c896360498b0424498b7c2408498b742410498b54"
                    + "24184d8b5424204d8b4424284d8b4c24304d8b6c244841f6c5017403488b3f41f6c5047403488b120f054d8b6c24384d"
                    + "85ed740449894500483d01f0ffff73064983c450eba548f7d84d8b6c244041f6c50175ec4883f83f7706490fa3c572e0"
                    + "48894368b801000000488b7b70488d7360ba100000000f05b8e7000000bf7f0000000f05f4";

    private static final String AARCH64 =
            "f353bfa9f30300aa683680d2010b80d2010000d4600000b4f353c1a8c0035fd6742e40f9743200f9880240a9810a41a9"
                    + "831242a9851a40f9862640f946000036000040f946001036420040f9010000d4861e40f9460000b4c00000f91ffc3fb1"
                    + "6200005494420191efffff17e00300cb862240f986ff07371ffc00f168000054c624c09a06ff0737603600f9080880d2"
                    + "603a40f961820191020280d2010000d4c80b80d2e00f80d2010000d400000000";

    private static final MethodHandle LAUNCH =
            Libc.function(executable(code(Architecture.current())), FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));

    private Trampoline() {}

    /** The machine code for an architecture; it may stand at any address. */
    static byte[] code(Architecture architecture) {
        return HexFormat.of()
                .parseHex(
                        switch (architecture) {
                            case X86_64 -> X86_64;
                            case AARCH64 -> AARCH64;
                        });
    }

    /** The part of it that walks a program, which the child of a clone begins with: it takes the block's address as it is. */
    static byte[] walk(Architecture architecture) {
        byte[] code = code(architecture);
        int child =
                switch (architecture) {
                    case X86_64 -> 23;
                    case AARCH64 -> 32;
                };
        return Arrays.copyOfRange(code, child, code.length);
    }

    /**
     * Clones a child and runs it through a program, both laid out at {@code block} as {@link LaunchBlock} says. Returns when
     * the child has executed something or ended, after however long.
     *
     * @return the child's pid, or -errno if there is none
     */
    static long launch(long block) {
        try {
            return (long) LAUNCH.invokeExact(block);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new LinkageError("calling the trampoline", e); // a downcall declares Throwable and throws none
        }
    }

    private static MemorySegment executable(byte[] code) {
        try {
            long address = Libc.call(
                            Syscall.MMAP, 0, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                    .orThrow("map a page for machine code");
            MemorySegment page = Libc.memory(address, PAGE_BYTES);
            MemorySegment.copy(code, 0, page, JAVA_BYTE, 0, code.length);
            Libc.call(Syscall.MPROTECT, address, PAGE_BYTES, PROT_READ | PROT_EXEC)
                    .orThrow("make a page executable");
            return page;
        } catch (SyscallException e) {
            throw new LinkageError("this host lets no process make machine code: " + e.getMessage(), e);
        }
    }
}
