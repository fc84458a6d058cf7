package io.aestus.cri.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;

/** SPDY inside a WebSocket: the payload of its messages, one behind the other, is the connection. */
final class SpdyTunnel extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
    @Override
    protected void decode(ChannelHandlerContext context, WebSocketFrame frame, List<Object> out) {
        switch (frame) {
            case PingWebSocketFrame ping -> {
                var unused = context.writeAndFlush(
                        new PongWebSocketFrame(ping.content().retain()));
            }
            case PongWebSocketFrame _ -> {}
            case CloseWebSocketFrame _ -> {
                var unused = context.close();
            }
            default -> out.add(frame.content().retain());
        }
    }

    @Override
    protected void encode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) {
        out.add(new BinaryWebSocketFrame(bytes.retain()));
    }
}
