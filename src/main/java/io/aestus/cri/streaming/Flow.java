package io.aestus.cri.streaming;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Keeps what lies between a connection and the threads of its session small, both ways. Who sends while the client does not read
 * waits; while too much has arrived that nobody has read, nothing more is taken from the connection.
 */
final class Flow extends ChannelInboundHandlerAdapter {
    private static final System.Logger LOG = System.getLogger(Flow.class.getName());

    /** The most that is sent in one frame. */
    static final int CHUNK_BYTES = 32 * 1024;

    private static final int MOST_UNREAD = 256 * 1024;
    private static final int FEW_UNREAD = 64 * 1024;
    /** How long a client has to hang up after it was told the end. */
    private static final Duration LINGER = Duration.ofSeconds(5);

    private final Channel channel;
    private final CompletableFuture<Boolean> gone = new CompletableFuture<>();
    private int unread;
    private volatile boolean begun;

    Flow(Channel channel) {
        this.channel = channel;
    }

    /** Ends with the connection. Completed by the event loop: what hangs on it must not wait. */
    CompletableFuture<Boolean> gone() {
        return gone;
    }

    /** A session uses the connection. */
    void begin() {
        begun = true;
    }

    boolean hasBegun() {
        return begun;
    }

    // --- out

    /** Sends a frame, as soon as the client has taken enough of what was sent before. Takes the frame. */
    synchronized void send(Object frame) throws IOException {
        try {
            while (channel.isActive() && !channel.isWritable()) {
                wait();
            }
        } catch (InterruptedException e) {
            ReferenceCountUtil.release(frame);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a client did not read");
        }
        if (!channel.isActive()) {
            ReferenceCountUtil.release(frame);
            throw new ClosedChannelException();
        }
        sendNow(frame);
    }

    /** Sends a small frame without waiting. */
    void sendNow(Object frame) {
        channel.writeAndFlush(frame).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    /**
     * Ends the connection behind all that was sent: it is the client that hangs up, when it has understood that all has been said.
     * Kubernetes' own client forgets frames that it has not looked at when the connection ends.
     */
    void hangUp() {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> {
            var unused = channel.eventLoop().schedule(this::cut, LINGER.toMillis(), TimeUnit.MILLISECONDS);
        });
    }

    private void cut() {
        var unused = channel.close();
    }

    // --- in

    /** Something arrived for a session. */
    synchronized void received(int bytes) {
        unread += bytes;
        if (unread > MOST_UNREAD) {
            channel.config().setAutoRead(false);
        }
    }

    /** The session has read it, or never will. */
    synchronized void consumed(int bytes) {
        unread -= bytes;
        if (unread < FEW_UNREAD && !channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        wakeSenders();
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        wakeSenders();
        gone.complete(true);
        context.fireChannelInactive();
    }

    /** Bytes that are no frames, or a connection that broke. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.log(System.Logger.Level.DEBUG, "a stream's connection broke", cause);
        var unused = context.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            var unused = context.close();
        }
    }

    private synchronized void wakeSenders() {
        notifyAll();
    }
}
