package io.aestus.cri.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.base64.Base64;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The channels of a WebSocket: the first byte of each message names one. In the base64 form it is a digit and the rest is encoded, for
 * clients that can send text alone.
 */
final class WebSocketChannels extends SimpleChannelInboundHandler<WebSocketFrame> {
    /** Followed by a channel: that channel has ended. */
    private static final int END = 0xff;

    private final Flow flow;
    private final Protocol.OverWebSocket form;
    private final Map<Integer, Inbox> inboxes = new HashMap<>();

    WebSocketChannels(Flow flow, Protocol.OverWebSocket form) {
        this.flow = flow;
        this.form = form;
    }

    // --- before the first message

    /** A channel that the client writes. */
    Inbox inbox(int channel) {
        var inbox = new Inbox(flow);
        inboxes.put(channel, inbox);
        return inbox;
    }

    /** A channel that the client reads. */
    Outlet outlet(int channel) {
        return new Outlet(flow, bytes -> frame(channel, bytes), Optional.empty());
    }

    /** The last channel that the client reads: when it ends all has been said. */
    Outlet lastOutlet(int channel) {
        return new Outlet(
                flow,
                bytes -> frame(channel, bytes),
                Optional.of(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE)));
    }

    /** A message of no bytes. */
    WebSocketFrame empty(int channel) {
        return frame(channel, Unpooled.EMPTY_BUFFER);
    }

    /** A message. Takes the bytes. */
    WebSocketFrame frame(int channel, ByteBuf bytes) {
        if (!form.isBase64()) {
            return new BinaryWebSocketFrame(
                    Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(new byte[] {(byte) channel}), bytes));
        }
        ByteBuf encoded = Base64.encode(bytes, false);
        bytes.release();
        return new TextWebSocketFrame(
                Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(new byte[] {(byte) ('0' + channel)}), encoded));
    }

    // --- by the event loop

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
        switch (frame) {
            case PingWebSocketFrame ping -> {
                var unused = context.writeAndFlush(
                        new PongWebSocketFrame(ping.content().retain()));
            }
            case PongWebSocketFrame _ -> {}
            case CloseWebSocketFrame _ -> {
                var unused = context.close();
            }
            default -> take(frame.content());
        }
    }

    private void take(ByteBuf message) {
        if (!message.isReadable()) {
            return;
        }
        int channel = message.readUnsignedByte();
        if (channel == END && form.version() == Protocol.V5) {
            if (message.isReadable()) {
                inbox(message.readUnsignedByte(), Inbox::end);
            }
        } else if (form.isBase64()) {
            ByteBuf decoded = Base64.decode(message);
            inbox(channel - '0', inbox -> inbox.offer(decoded));
            decoded.release();
        } else {
            inbox(channel, inbox -> inbox.offer(message));
        }
    }

    private void inbox(int channel, Consumer<Inbox> what) {
        Optional.ofNullable(inboxes.get(channel)).ifPresent(what);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        inboxes.values().forEach(Inbox::abort);
        context.fireChannelInactive();
    }
}
