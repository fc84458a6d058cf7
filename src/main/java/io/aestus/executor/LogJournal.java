package io.aestus.executor;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.aestus.executor.LogLine.Stream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * What a log's writer was about, in a mapped file: it is on disk with the next instruction, so a killed process leaves it
 * behind, and costs no system call.
 *
 * <p>A chunk is {@linkplain #begin begun} with the log's length, then written, then {@linkplain #done done}, and only then taken
 * out of the pipe. Whoever finds a chunk begun cuts the log to that length: its bytes are all still in the pipe. Whoever finds
 * it done cannot tell whether it is still in the pipe; it may come once more then, and is never lost.
 *
 * <p>Confined to one thread. One word has the step and which streams are in the middle of a line, so that both change at once.
 */
final class LogJournal implements AutoCloseable {
    private static final long BYTES = 64;
    private static final long WORD = 0;
    private static final long LENGTH = 8;
    private static final long INODE = 16;
    private static final int WRITING = 1;

    private final Arena arena;
    private final MemorySegment memory;

    private LogJournal(Arena arena, MemorySegment memory) {
        this.arena = arena;
        this.memory = memory;
    }

    static LogJournal open(Path path) throws IOException {
        Arena arena = Arena.ofConfined(); // a shared one stops all threads of this process when it is closed
        try (var file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (file.size() < BYTES) { // a hole would be filled by a fault that nobody can catch when the disk is full
                file.write(ByteBuffer.allocate((int) BYTES), 0);
            }
            return new LogJournal(arena, file.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena));
        } catch (IOException e) {
            arena.close();
            throw e;
        }
    }

    /** A chunk is about to be written at this length of this file. */
    void begin(long inode, long length) {
        memory.set(JAVA_LONG, INODE, inode);
        memory.set(JAVA_LONG, LENGTH, length);
        VarHandle.fullFence();
        memory.set(JAVA_INT, WORD, memory.get(JAVA_INT, WORD) | WRITING);
        VarHandle.fullFence();
    }

    /**
     * It is written, or what was written of it is cut off again.
     *
     * @param openLines streams whose last entry is partial
     */
    void done(Set<Stream> openLines) {
        VarHandle.fullFence();
        memory.set(JAVA_INT, WORD, openLines.stream().mapToInt(LogJournal::bit).sum());
        VarHandle.fullFence();
    }

    /** Whether a chunk was begun in that file and not done; {@link #length} then says where it begins. */
    boolean isTornIn(long inode) {
        return (memory.get(JAVA_INT, WORD) & WRITING) != 0 && memory.get(JAVA_LONG, INODE) == inode;
    }

    long length() {
        return memory.get(JAVA_LONG, LENGTH);
    }

    /** Whether the last entry of a stream is partial. */
    boolean isLineOpen(Stream stream) {
        return (memory.get(JAVA_INT, WORD) & bit(stream)) != 0;
    }

    private static int bit(Stream stream) {
        return switch (stream) {
            case STDOUT -> 2;
            case STDERR -> 4;
        };
    }

    @Override
    public void close() {
        arena.close();
    }
}
