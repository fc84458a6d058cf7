package io.aestus.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Finds a byte in an array. The JVM's first compiler, which is all that an agent has, knows no instruction that looks at more than
 * one byte. So what is near is found eight bytes at a time, and what is far by the host's C library. Ranges that are short are gone
 * through one by one, since the rest takes milliseconds to load. For any thread.
 */
public final class ByteSearch {
    private static final int SHORT = 1024;
    private static final int NEAR = 256;

    private ByteSearch() {}

    /** Where it is first in {@code [from, to)}; -1 if it is not there. */
    public static int first(byte[] bytes, byte wanted, int from, int to) {
        if (to - from < SHORT) {
            return one(bytes, wanted, from, to);
        }
        int near = Words.first(bytes, wanted, from, from + NEAR);
        return near >= 0 ? near : Far.first(bytes, wanted, from + NEAR, to);
    }

    /** Where it is last in {@code [from, to)}; -1 if it is not there. */
    public static int last(byte[] bytes, byte wanted, int from, int to) {
        if (to - from >= SHORT) {
            int near = Words.last(bytes, wanted, to - NEAR, to);
            if (near >= 0) {
                return near;
            }
            return Far.first(bytes, wanted, from, to - NEAR) < 0 ? -1 : Words.last(bytes, wanted, from, to - NEAR);
        }
        for (int i = to - 1; i >= from; i--) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static int one(byte[] bytes, byte wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** A byte that is wanted becomes 0, and a word with a 0 in it is known by two subtractions: Hacker's Delight, 6-1. */
    private static final class Words {
        private static final VarHandle WORD =
                MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

        private static final long ONES = 0x0101_0101_0101_0101L;
        private static final long TOPS = 0x8080_8080_8080_8080L;

        static int first(byte[] bytes, byte wanted, int from, int to) {
            long pattern = ONES * (wanted & 0xff);
            int at = from;
            for (; at + Long.BYTES <= to; at += Long.BYTES) {
                long word = (long) WORD.get(bytes, at) ^ pattern;
                long zeroes = (word - ONES) & ~word & TOPS;
                if (zeroes != 0) {
                    return at + Long.numberOfTrailingZeros(zeroes) / Byte.SIZE; // the lowest mark is always true
                }
            }
            return one(bytes, wanted, at, to);
        }

        static int last(byte[] bytes, byte wanted, int from, int to) {
            long pattern = ONES * (wanted & 0xff);
            int end = to;
            for (; end - Long.BYTES >= from; end -= Long.BYTES) {
                long word = (long) WORD.get(bytes, end - Long.BYTES) ^ pattern;
                if (((word - ONES) & ~word & TOPS) != 0) {
                    break; // one of these: higher marks may be false
                }
            }
            for (int i = end - 1; i >= from; i--) {
                if (bytes[i] == wanted) {
                    return i;
                }
            }
            return -1;
        }
    }

    /**
     * By memccpy(3): of an array nobody knows the address, so memchr(3) would say nothing, but this one says how far it copied.
     *
     * @see <a href="https://man7.org/linux/man-pages/man3/memccpy.3.html">memccpy(3)</a>
     */
    private static final class Far {
        private static final MethodHandle MEMCCPY = Libc.onHeap(
                Libc.symbol("memccpy"), FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT, JAVA_LONG));

        private static final int PIECE = 16 * 1024;

        /** Where the copies go. All threads write there and nobody reads. */
        private static final long NOWHERE = Arena.global().allocate(PIECE).address();

        static int first(byte[] bytes, byte wanted, int from, int to) {
            MemorySegment array = MemorySegment.ofArray(bytes);
            for (int at = from; at < to; at += PIECE) {
                long end = copy(array.asSlice(at), wanted, Math.min(PIECE, to - at));
                if (end != 0) {
                    return at + (int) (end - NOWHERE) - 1;
                }
            }
            return -1;
        }

        private static long copy(MemorySegment from, byte until, long most) {
            try {
                return (long) MEMCCPY.invokeExact(NOWHERE, from, (int) until, most);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new LinkageError("calling memccpy", e); // a downcall declares Throwable and throws none
            }
        }
    }
}
