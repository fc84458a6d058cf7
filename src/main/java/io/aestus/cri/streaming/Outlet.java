package io.aestus.cri.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** One stream to the client: every write becomes frames, and waits while the client does not read. Written by one thread, closed by any. */
final class Outlet extends OutputStream {
    private final Flow flow;
    private final Function<ByteBuf, Object> frame;
    private final Optional<Object> end;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * An outlet.
     *
     * @param frame makes a frame of bytes, which it takes
     * @param end the frame that ends the stream, if there is one
     */
    Outlet(Flow flow, Function<ByteBuf, Object> frame, Optional<Object> end) {
        this.flow = flow;
        this.frame = frame;
        this.end = end;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (closed.get()) {
            throw new IOException("the stream has ended");
        }
        for (int done = 0; done < length; ) {
            int count = Math.min(Flow.CHUNK_BYTES, length - done);
            int from = offset + done;
            flow.send(frame.apply(Unpooled.wrappedBuffer(Arrays.copyOfRange(bytes, from, from + count))));
            done += count;
        }
    }

    /** Ends the stream; the client may be gone already. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            end.ifPresent(flow::sendNow);
        }
    }
}
