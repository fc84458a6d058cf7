package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The door to the kernel and the only class that touches {@link Linker}. Nearly everything goes through the one
 * seven-long {@code syscall} handle: each further function shape would cost start-up time, while errno is
 * free beside the kernel entry.
 */
@SuppressWarnings("restricted") // the one place; needs --enable-native-access
final class Libc {
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = offset(STATE, "errno");

    private static final MethodHandle SYSCALL = Linker.nativeLinker()
            .downcallHandle(
                    symbol("syscall"),
                    FunctionDescriptor.of(
                            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(1));

    /** Where a thread's calls leave their errno: memory for each call anew would cost as much as a small call. */
    private static final ThreadLocal<MemorySegment> CAPTURED =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

    private Libc() {}

    /** What a path of layouts would say, which loads a tenth as much again as a first call does. */
    private static long offset(StructLayout struct, String name) {
        long offset = 0;
        for (MemoryLayout member : struct.memberLayouts()) {
            if (member.name().filter(name::equals).isPresent()) {
                return offset;
            }
            offset += member.byteSize();
        }
        throw new IllegalStateException("no " + name + " is captured");
    }

    /** Makes one system call; arguments that point somewhere are addresses of segments that the caller keeps alive. */
    static Result call(Syscall call, long a0, long a1, long a2, long a3, long a4, long a5) {
        try {
            MemorySegment state = CAPTURED.get();
            long value = (long) SYSCALL.invokeExact(state, (long) call.number(), a0, a1, a2, a3, a4, a5);
            return value == -1 ? new Result.Failed(state.get(JAVA_INT, ERRNO_OFFSET)) : new Result.Done(value);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new LinkageError("calling " + call.kernelName(), e); // a downcall declares Throwable and throws none
        }
    }

    static Result call(Syscall call) {
        return call(call, 0, 0, 0, 0, 0, 0);
    }

    static Result call(Syscall call, long a0) {
        return call(call, a0, 0, 0, 0, 0, 0);
    }

    static Result call(Syscall call, long a0, long a1) {
        return call(call, a0, a1, 0, 0, 0, 0);
    }

    static Result call(Syscall call, long a0, long a1, long a2) {
        return call(call, a0, a1, a2, 0, 0, 0);
    }

    static Result call(Syscall call, long a0, long a1, long a2, long a3) {
        return call(call, a0, a1, a2, a3, 0, 0);
    }

    static Result call(Syscall call, long a0, long a1, long a2, long a3, long a4) {
        return call(call, a0, a1, a2, a3, a4, 0);
    }

    /** The same, again as long as a signal interrupts it. Never for {@code close}. */
    static Result retrying(Syscall call, long a0, long a1, long a2, long a3) {
        while (true) {
            Result result = call(call, a0, a1, a2, a3, 0, 0);
            if (!result.failedWith(Errno.EINTR)) {
                return result;
            }
        }
    }

    /** A function of our own, at an executable address. */
    static MethodHandle function(MemorySegment code, FunctionDescriptor shape) {
        return Linker.nativeLinker().downcallHandle(code, shape);
    }

    /** A library of the host, if it has it. */
    static Optional<SymbolLookup> library(String name) {
        try {
            return Optional.of(SymbolLookup.libraryLookup(name, Arena.global()));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** A function that ends soon and whose arguments may be arrays: no collection begins while it runs. */
    static MethodHandle onHeap(MemorySegment code, FunctionDescriptor shape) {
        return Linker.nativeLinker().downcallHandle(code, shape, Linker.Option.critical(true));
    }

    /** {@code size} bytes at an address that the kernel gave. */
    static MemorySegment memory(long address, long size) {
        return MemorySegment.ofAddress(address).reinterpret(size);
    }

    /** A function of the C library. */
    static MemorySegment symbol(String name) {
        SymbolLookup lookup = Linker.nativeLinker().defaultLookup();
        return lookup.find(name).orElseThrow(() -> new UnsatisfiedLinkError("no function " + name + " in libc"));
    }
}
