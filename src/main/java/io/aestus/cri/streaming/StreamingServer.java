package io.aestus.cri.streaming;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.executor.AppProcess;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves streams on a port of this host, to whoever has a URL that it gave out. Each URL can be opened once, within a minute. Started
 * once, by one thread; everything else may be called by any.
 */
public final class StreamingServer implements AutoCloseable {
    private static final int LARGEST_BODY = 8192;
    private static final int MOST_CONNECTIONS = 1024;
    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(64 * 1024, 128 * 1024);
    private static final Duration UNTIL_BEGUN = Duration.ofSeconds(30);
    private static final Duration IDLE = Duration.ofHours(4);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final StreamingAddress address;
    private final Tickets tickets;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Sessions sessions = new Sessions();
    private volatile @Nullable Listening listening;

    private record Listening(EventLoopGroup loops, Channel channel, URI base) {}

    public StreamingServer(StreamingAddress address, InstantSource clock) {
        this.address = address;
        this.tickets = new Tickets(clock);
    }

    // --- what is offered

    /** A URL where {@code process} is started as soon as somebody opens it; it is killed when he leaves. */
    public URI exec(StreamSet streams, Supplier<AppProcess> process) {
        return offer(new Offer.Command(Offer.Way.EXEC, streams, process));
    }

    /** A URL where {@code process} is attached to as soon as somebody opens it; it goes on when he leaves. */
    public URI attach(StreamSet streams, Supplier<AppProcess> process) {
        return offer(new Offer.Command(Offer.Way.ATTACH, streams, process));
    }

    /**
     * A URL to connect into a pod from.
     *
     * @param ports for clients that do not name them when they connect
     */
    public URI portForward(List<Integer> ports, Dialer dialer) {
        return offer(new Offer.Forward(ports, dialer));
    }

    private URI offer(Offer offer) {
        Listening here = listening;
        if (here == null) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot stream: the agent is starting or stopping");
        }
        return here.base().resolve("/" + offer.kind() + "/" + tickets.issue(offer));
    }

    // --- life

    /** Listens from here on. */
    public void start() {
        if (listening != null) {
            throw new IllegalStateException("started before");
        }
        EventLoopGroup loops = Epoll.isAvailable() ? new EpollEventLoopGroup(1) : new NioEventLoopGroup(1);
        Class<? extends ServerChannel> type =
                Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        var bound = new ServerBootstrap()
                .group(loops)
                .channel(type)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        welcome(channel);
                    }
                })
                .bind(address.address(), address.port())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            var unused = loops.shutdownGracefully();
            throw new AestusException(
                    Problem.UNAVAILABLE,
                    "cannot serve streams on " + address.host() + " port " + address.port() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        listening = new Listening(
                loops, bound.channel(), base((InetSocketAddress) bound.channel().localAddress()));
    }

    private static URI base(InetSocketAddress at) {
        String host = at.getAddress().getHostAddress();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + at.getPort());
    }

    private void welcome(Channel channel) {
        if (connections.size() >= MOST_CONNECTIONS) {
            var unused = channel.close();
            return;
        }
        connections.add(channel);
        channel.pipeline()
                .addLast(
                        new IdleStateHandler(0, 0, IDLE.toMillis(), TimeUnit.MILLISECONDS),
                        new HttpServerCodec(),
                        new HttpObjectAggregator(LARGEST_BODY),
                        new Entrance(tickets, sessions));
        var unused = channel.eventLoop()
                .schedule(() -> Sessions.cutUnlessBegun(channel), UNTIL_BEGUN.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Cuts off every client, kills what was started for them, and waits until that is done. */
    @Override
    public void close() {
        Listening here = listening;
        listening = null;
        if (here == null) {
            return;
        }
        here.channel().close().awaitUninterruptibly(PATIENCE.toMillis());
        connections.close().awaitUninterruptibly(PATIENCE.toMillis());
        sessions.awaitEnd(PATIENCE);
        here.loops()
                .shutdownGracefully(0, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(PATIENCE.toMillis());
    }
}
