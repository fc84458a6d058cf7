package io.aestus.cri.streaming;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Takes the ticket of whoever comes in, agrees on a protocol, and hands the connection to a session. Speaks to one client only. */
final class Entrance extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Pattern PATH = Pattern.compile("/(exec|attach|portforward)/([A-Za-z0-9_-]{1,64})");
    private static final String SPDY = "SPDY/3.1";
    private static final String WEBSOCKET = "websocket";
    private static final String OFFERED = "X-Stream-Protocol-Version";
    private static final String ACCEPTED = "X-Accepted-Stream-Protocol-Versions";
    private static final int LARGEST_MESSAGE = 256 * 1024;
    private static final int SPDY_CHUNK = 16 * 1024;
    private static final int SPDY_HEADERS = 16 * 1024;
    private static final int ZLIB_LEVEL = 6;
    private static final int ZLIB_WINDOW = 15;
    private static final int ZLIB_MEMORY = 8;

    private final Tickets tickets;
    private final Sessions sessions;

    Entrance(Tickets tickets, Sessions sessions) {
        this.tickets = tickets;
        this.sessions = sessions;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        Matcher path = PATH.matcher(request.uri());
        if (!request.decoderResult().isSuccess()) {
            refuse(context, HttpResponseStatus.BAD_REQUEST, "cannot read the request");
        } else if (!path.matches()) {
            refuse(context, HttpResponseStatus.NOT_FOUND, "there is nothing here");
        } else if (!isGetOrPost(request)) {
            refuse(context, HttpResponseStatus.METHOD_NOT_ALLOWED, "expected GET or POST");
        } else {
            Optional<Offer> offer = tickets.take(path.group(1), path.group(2));
            if (offer.isEmpty()) {
                refuse(context, HttpResponseStatus.NOT_FOUND, "cannot stream: the URL has been used, or is too old");
            } else {
                upgrade(context, request, offer.get());
            }
        }
    }

    private static boolean isGetOrPost(FullHttpRequest request) {
        return request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.POST);
    }

    private void upgrade(ChannelHandlerContext context, FullHttpRequest request, Offer offer) {
        boolean wantsUpgrade =
                request.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
        String to = request.headers().get(HttpHeaderNames.UPGRADE, "");
        if (wantsUpgrade && to.equalsIgnoreCase(SPDY)) {
            upgradeToSpdy(context, request, offer);
        } else if (wantsUpgrade
                && to.equalsIgnoreCase(WEBSOCKET)
                && request.method().equals(HttpMethod.GET)) {
            upgradeToWebSocket(context, request, offer);
        } else {
            refuse(
                    context,
                    HttpResponseStatus.BAD_REQUEST,
                    "cannot stream: expected an upgrade to " + SPDY + " or, by GET, to " + WEBSOCKET);
        }
    }

    private void refuse(ChannelHandlerContext context, HttpResponseStatus status, String why) {
        answerAndClose(context, response(status, why));
    }

    private static FullHttpResponse response(HttpResponseStatus status, String why) {
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(why + "\n", StandardCharsets.UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        return response;
    }

    private static void answerAndClose(ChannelHandlerContext context, FullHttpResponse response) {
        var unused = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    // --- SPDY

    private void upgradeToSpdy(ChannelHandlerContext context, FullHttpRequest request, Offer offer) {
        List<String> offered = words(request, OFFERED);
        List<String> known = Protocol.spdy(offer);
        Optional<String> chosen = offered.stream().filter(known::contains).findFirst();
        if (chosen.isEmpty()) {
            var response = response(
                    HttpResponseStatus.FORBIDDEN, "cannot stream: expected " + OFFERED + " to name one of " + known);
            response.headers().set(ACCEPTED, known);
            answerAndClose(context, response);
            return;
        }
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        response.headers()
                .set(HttpHeaderNames.CONNECTION, "Upgrade")
                .set(HttpHeaderNames.UPGRADE, SPDY)
                .set(OFFERED, chosen.get());
        var unused = context.writeAndFlush(response);
        ChannelPipeline pipeline = context.pipeline();
        pipeline.remove(HttpObjectAggregator.class);
        speakSpdy(context, offer, Protocol.of(chosen.get()).orElse(Protocol.V4));
        // Last: what arrived behind the request goes on to those who were just added.
        pipeline.remove(HttpServerCodec.class);
        pipeline.remove(this);
    }

    private void speakSpdy(ChannelHandlerContext context, Offer offer, Protocol protocol) {
        var flow = new Flow(context.channel());
        SpdyConnection.Listener listener =
                switch (offer) {
                    case Offer.Command command ->
                        new SpdyCommand(
                                protocol,
                                command.streams(),
                                streams -> sessions.begin(flow, new CommandSession(command, streams, flow)));
                    case Offer.Forward forward -> {
                        flow.begin();
                        yield new SpdyForward(
                                context.executor(),
                                streams -> sessions.begin(flow, new ForwardSession(forward.dialer(), streams)));
                    }
                };
        context.pipeline()
                .addLast(
                        new SpdyFrameCodec(
                                SpdyVersion.SPDY_3_1, SPDY_CHUNK, SPDY_HEADERS, ZLIB_LEVEL, ZLIB_WINDOW, ZLIB_MEMORY),
                        new SpdyConnection(flow, listener),
                        flow);
    }

    private static List<String> words(FullHttpRequest request, CharSequence header) {
        return request.headers().getAll(header).stream()
                .flatMap(line -> Stream.of(line.split(",", -1)))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    // --- WebSocket

    private void upgradeToWebSocket(ChannelHandlerContext context, FullHttpRequest request, Offer offer) {
        List<String> offered = words(request, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        List<String> known = Protocol.webSocket(offer);
        if (!offered.isEmpty() && offered.stream().noneMatch(known::contains)) {
            refuse(context, HttpResponseStatus.FORBIDDEN, "cannot stream: expected one of the protocols " + known);
            return;
        }
        var config = WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(LARGEST_MESSAGE)
                .withUTF8Validator(false)
                .build();
        var factory = new WebSocketServerHandshakerFactory(null, String.join(",", known), config);
        WebSocketServerHandshaker handshaker = factory.newHandshaker(request);
        if (handshaker == null) {
            var unused = WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(context.channel());
            return;
        }
        var unused = handshaker.handshake(context.channel(), request);
        String chosen = Optional.ofNullable(handshaker.selectedSubprotocol()).orElse("");
        context.pipeline().addLast(new WebSocketFrameAggregator(LARGEST_MESSAGE));
        speakWebSocket(context, offer, chosen);
        context.pipeline().remove(this);
    }

    private void speakWebSocket(ChannelHandlerContext context, Offer offer, String subprotocol) {
        if (subprotocol.equals(Protocol.TUNNEL)) {
            context.pipeline().addLast(new SpdyTunnel());
            speakSpdy(context, offer, Protocol.V4);
            return;
        }
        var flow = new Flow(context.channel());
        var form = Protocol.OverWebSocket.of(subprotocol);
        var channels = new WebSocketChannels(flow, form);
        context.pipeline().addLast(channels, flow);
        switch (offer) {
            case Offer.Command command -> {
                CommandStreams streams = WebSocketSessions.command(form.version(), command.streams(), channels, flow);
                sessions.begin(flow, new CommandSession(command, streams, flow));
            }
            case Offer.Forward forward -> {
                flow.begin();
                for (ForwardStreams streams : WebSocketSessions.forward(forward.ports(), channels, flow)) {
                    sessions.begin(flow, new ForwardSession(forward.dialer(), streams));
                }
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        var unused = context.close();
    }
}
