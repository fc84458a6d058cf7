package io.aestus.aci;

import io.aestus.linux.Fd;
import io.aestus.linux.SyscallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The content of a file, held against the bytes that should be in it. */
final class FileContent implements TarEntry.Sink, AutoCloseable {
    private final Fd file;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(512 * TarInput.BLOCK);
    private boolean isEqual = true;
    private long end;

    /** Reads {@code file}, which is lent. */
    FileContent(Fd file) {
        this.file = file;
    }

    @Override
    public void write(long offset, byte[] expected, int from, int length) throws SyscallException {
        isEqual = isEqual && isZero(offset);
        for (int done = 0; isEqual && done < length; ) {
            int count = file.read(buffer.asSlice(0, length - done), offset + done);
            isEqual = count > 0
                    && MemorySegment.mismatch(
                                    buffer, 0, count, MemorySegment.ofArray(expected), from + done, from + done + count)
                            < 0;
            done += Math.max(count, 0);
        }
        end = offset + length;
    }

    boolean isEqual() {
        return isEqual;
    }

    boolean isZeroToTheEnd(long size) throws SyscallException {
        return isZero(size);
    }

    /** Whether nothing but zeros stands between what was compared and {@code until}: a hole, or what reads like one. */
    private boolean isZero(long until) throws SyscallException {
        while (end < until) {
            int count = file.read(buffer.asSlice(0, Math.min(buffer.byteSize(), until - end)), end);
            for (int i = 0; i < count; i++) {
                if (buffer.get(ValueLayout.JAVA_BYTE, i) != 0) {
                    return false;
                }
            }
            if (count <= 0) {
                return false;
            }
            end += count;
        }
        return true;
    }

    @Override
    public void close() {
        arena.close();
    }
}
