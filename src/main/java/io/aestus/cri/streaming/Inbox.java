package io.aestus.cri.streaming;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a client sent on one stream, from the event loop, which never waits, to one thread that reads. */
final class Inbox extends InputStream {
    /** What a chunk costs beside its bytes: a client that sends single bytes must not get more of our memory than another. */
    private static final int CHUNK_COST = 64;

    private final Flow flow;
    private final Deque<byte[]> chunks = new ArrayDeque<>();
    private int taken;
    private boolean ended;
    private boolean broken;
    private boolean closed;

    Inbox(Flow flow) {
        this.flow = flow;
    }

    /** Copies what arrived. After the end it is dropped. */
    void offer(ByteBuf data) {
        if (!data.isReadable()) {
            return;
        }
        synchronized (this) {
            if (ended || closed) {
                return;
            }
            byte[] chunk = new byte[data.readableBytes()];
            data.readBytes(chunk);
            chunks.addLast(chunk);
            flow.received(chunk.length + CHUNK_COST);
            notifyAll();
        }
    }

    /** The client has sent all. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** The client has gone, or has given up this stream: what it sent is worth nothing. */
    synchronized void abort() {
        ended = true;
        broken = true;
        drop();
        notifyAll();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] into, int offset, int length) throws IOException {
        try {
            while (chunks.isEmpty() && !ended && !closed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a client sent nothing");
        }
        if (broken) {
            throw new IOException("the client has gone");
        }
        byte[] chunk = chunks.peekFirst();
        if (chunk == null || closed) {
            return -1;
        }
        int count = Math.min(length, chunk.length - taken);
        System.arraycopy(chunk, taken, into, offset, count);
        taken += count;
        if (taken == chunk.length) {
            chunks.removeFirst();
            taken = 0;
            flow.consumed(chunk.length + CHUNK_COST);
        }
        return count;
    }

    @Override
    public synchronized int available() {
        byte[] chunk = chunks.peekFirst();
        return chunk == null ? 0 : chunk.length - taken;
    }

    /** What has arrived and will arrive is dropped. */
    @Override
    public synchronized void close() {
        closed = true;
        drop();
        notifyAll();
    }

    private void drop() {
        chunks.forEach(chunk -> flow.consumed(chunk.length + CHUNK_COST));
        chunks.clear();
        taken = 0;
    }
}
