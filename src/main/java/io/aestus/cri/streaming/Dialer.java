package io.aestus.cri.streaming;

import io.aestus.AestusException;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/** Connects to a port of a pod. */
@FunctionalInterface
public interface Dialer {
    /**
     * A connection that blocks. Given away.
     *
     * @throws AestusException if nobody answers there
     */
    SocketChannel dial(int port) throws IOException;
}
