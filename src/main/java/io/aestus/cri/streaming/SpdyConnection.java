package io.aestus.cri.streaming;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The streams of one SPDY/3.1 connection, above Netty's framing. Clients of Kubernetes neither send nor heed window updates, so there are
 * none; what keeps memory small is that the whole connection is not read, or not written, for a while. All of it runs on the event loop.
 */
final class SpdyConnection extends ChannelDuplexHandler {
    private static final int MOST_STREAMS = 1024;

    private final Flow flow;
    private final Listener listener;
    private final Map<Integer, SpdyStream> streams = new HashMap<>();
    private int lastId;

    /** Is given the streams that the client opens. */
    @FunctionalInterface
    interface Listener {
        /** Takes it, or says that nobody wants it: false. */
        boolean opened(SpdyStream stream);
    }

    SpdyConnection(Flow flow, Listener listener) {
        this.flow = flow;
        this.listener = listener;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
        try {
            switch (frame) {
                case SpdySynStreamFrame open -> open(context, open);
                case SpdyDataFrame data -> take(context, data);
                case SpdyRstStreamFrame reset -> drop(reset.streamId());
                case SpdyPingFrame ping -> answer(context, ping);
                default -> {} // settings, windows and farewells change nothing for us
            }
        } finally {
            ReferenceCountUtil.release(frame);
        }
    }

    private void open(ChannelHandlerContext context, SpdySynStreamFrame open) {
        int id = open.streamId();
        if (id <= lastId || id % 2 == 0) { // nobody can tell any more which stream is meant
            var unused = context.close();
            return;
        }
        lastId = id;
        if (open.isInvalid() || open.isTruncated()) {
            refuse(context, id, SpdyStreamStatus.PROTOCOL_ERROR);
            return;
        }
        var stream = new SpdyStream(id, open.headers(), flow);
        if (streams.size() >= MOST_STREAMS) {
            refuse(context, id, SpdyStreamStatus.REFUSED_STREAM);
            return;
        }
        streams.put(id, stream);
        var unused = context.writeAndFlush(reply(stream)); // before any data: a client drops what comes earlier
        if (open.isLast()) {
            stream.endThere();
        }
        if (!listener.opened(stream)) {
            streams.remove(id);
            refuse(context, id, SpdyStreamStatus.REFUSED_STREAM);
        }
    }

    /** With a header, since Netty writes none at all as a block of no bytes, where others expect the number 0. */
    private static SpdySynReplyFrame reply(SpdyStream stream) {
        var reply = new DefaultSpdySynReplyFrame(stream.id());
        reply.headers().set("accepted", "true");
        return reply;
    }

    private static void refuse(ChannelHandlerContext context, int id, SpdyStreamStatus why) {
        var unused = context.writeAndFlush(new DefaultSpdyRstStreamFrame(id, why));
    }

    private void take(ChannelHandlerContext context, SpdyDataFrame data) {
        SpdyStream stream = streams.get(data.streamId());
        if (stream == null) {
            refuse(context, data.streamId(), SpdyStreamStatus.INVALID_STREAM);
            return;
        }
        stream.in().offer(data.content());
        if (data.isLast()) {
            stream.endThere();
            forgetIfOver(stream);
        }
    }

    private void drop(int id) {
        SpdyStream stream = streams.remove(id);
        if (stream != null) {
            stream.abort();
        }
    }

    private static void answer(ChannelHandlerContext context, SpdyPingFrame ping) {
        if (ping.id() % 2 != 0) { // theirs: ours would be even
            var unused = context.writeAndFlush(ReferenceCountUtil.retain(ping));
        }
    }

    /** Sees the ends that sessions send. */
    @Override
    public void write(ChannelHandlerContext context, Object frame, ChannelPromise promise) {
        switch (frame) {
            case SpdyRstStreamFrame reset -> drop(reset.streamId());
            case SpdyDataFrame data
            when data.isLast() -> {
                SpdyStream stream = streams.get(data.streamId());
                if (stream != null) {
                    stream.endHere();
                    forgetIfOver(stream);
                }
            }
            default -> {}
        }
        var unused = context.write(frame, promise);
    }

    private void forgetIfOver(SpdyStream stream) {
        if (stream.isOver()) {
            streams.remove(stream.id());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        List.copyOf(streams.values()).forEach(SpdyStream::abort);
        streams.clear();
        context.fireChannelInactive();
    }
}
