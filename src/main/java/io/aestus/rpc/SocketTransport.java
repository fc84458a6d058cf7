package io.aestus.rpc;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** How sockets are served: by epoll where its native code loads, else by the JDK. */
public enum SocketTransport {
    EPOLL {
        @Override
        EventLoopGroup newLoops() {
            return new EpollEventLoopGroup(LOOPS);
        }

        @Override
        Class<? extends ServerChannel> channel() {
            return EpollServerDomainSocketChannel.class;
        }

        @Override
        SocketAddress address(Path socket) {
            return new DomainSocketAddress(socket.toFile());
        }
    },
    NIO {
        @Override
        EventLoopGroup newLoops() {
            return new NioEventLoopGroup(LOOPS);
        }

        @Override
        Class<? extends ServerChannel> channel() {
            return NioServerDomainSocketChannel.class;
        }

        @Override
        SocketAddress address(Path socket) {
            return UnixDomainSocketAddress.of(socket);
        }
    };

    /** Few talk to one node: the calls themselves run elsewhere. */
    private static final int LOOPS = 1;

    /** The first that works here. */
    public static SocketTransport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    abstract EventLoopGroup newLoops();

    abstract Class<? extends ServerChannel> channel();

    abstract SocketAddress address(Path socket);
}
