package io.aestus.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A pipe between two threads that copies nothing but references: a few chunks go round, filled by the producer and emptied by
 * the consumer. When one side fails, the other learns why at its next step, so neither waits for the dead.
 */
final class ChunkPipe {
    private static final int CHUNKS = 6;
    private static final int CHUNK_BYTES = 256 << 10;

    private final ArrayDeque<Chunk> empty = new ArrayDeque<>(CHUNKS);
    private final ArrayDeque<Chunk> full = new ArrayDeque<>(CHUNKS);
    private int made;
    private boolean hasEnded;
    private @Nullable Throwable failure;

    private static final class Chunk {
        final byte[] bytes = new byte[CHUNK_BYTES];
        int length;
    }

    /** Producer: pushes all of {@code in}, then the end. */
    void fillFrom(InputStream in) throws IOException {
        boolean more = true;
        while (more) {
            Chunk chunk = takeEmpty();
            chunk.length = in.readNBytes(chunk.bytes, 0, CHUNK_BYTES);
            more = chunk.length == CHUNK_BYTES;
            putFull(chunk, !more);
        }
    }

    /** Either side: {@code cause} ends the pipe for both. The first cause stays. */
    synchronized void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
        notifyAll();
    }

    /** Consumer: the bytes in order. Its end comes only after the producer's orderly end. */
    InputStream output() {
        return new Output();
    }

    private synchronized Chunk takeEmpty() throws IOException {
        try {
            while (failure == null && empty.isEmpty() && made == CHUNKS) {
                wait();
            }
        } catch (InterruptedException _) {
            throw interrupted();
        }
        check();
        if (empty.isEmpty()) {
            made++;
            return new Chunk();
        }
        return empty.remove();
    }

    private synchronized void putFull(Chunk chunk, boolean isLast) throws IOException {
        check();
        full.add(chunk);
        hasEnded = isLast;
        notifyAll();
    }

    /** Gives {@code used} back. @return null at the end */
    private synchronized @Nullable Chunk exchange(@Nullable Chunk used) throws IOException {
        if (used != null) {
            empty.add(used);
            notifyAll();
        }
        try {
            while (failure == null && full.isEmpty() && !hasEnded) {
                wait();
            }
        } catch (InterruptedException _) {
            throw interrupted();
        }
        check();
        return full.poll();
    }

    private void check() throws IOException {
        if (failure != null) {
            throw new BrokenPipeException(failure);
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted");
    }

    /** The other side failed; its failure, the cause, is the one to report. */
    static final class BrokenPipeException extends IOException {
        private static final long serialVersionUID = 1L;

        BrokenPipeException(Throwable cause) {
            super("the other side of the pipe failed", cause);
        }
    }

    private final class Output extends InputStream {
        private @Nullable Chunk current;
        private int position;
        private boolean isAtEnd;

        @Override
        public int read() throws IOException {
            Chunk chunk = ready();
            return chunk == null ? -1 : chunk.bytes[position++] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            Chunk chunk = ready();
            if (chunk == null) {
                return -1;
            }
            int count = Math.min(length, chunk.length - position);
            System.arraycopy(chunk.bytes, position, buffer, from, count);
            position += count;
            return count;
        }

        private @Nullable Chunk ready() throws IOException {
            while (!isAtEnd && (current == null || position == current.length)) {
                current = exchange(current);
                position = 0;
                isAtEnd = current == null;
            }
            return current;
        }
    }
}
