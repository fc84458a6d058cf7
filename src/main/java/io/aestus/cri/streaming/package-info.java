/**
 * Streaming: what {@code kubectl exec}, {@code attach} and {@code port-forward} end in. A call of the interface answers with a URL; who
 * opens it gets the streams, as WebSocket or SPDY/3.1.
 *
 * <p>Start at {@link io.aestus.cri.streaming.StreamingServer}. {@link io.aestus.cri.streaming.Tickets} keeps what the URLs stand for;
 * {@link io.aestus.cri.streaming.Entrance} checks a ticket and agrees on a protocol. From there {@link
 * io.aestus.cri.streaming.WebSocketChannels} or {@link io.aestus.cri.streaming.SpdyConnection} turn frames into plain streams, and {@link io.aestus.cri.streaming.CommandSession} and {@link
 * io.aestus.cri.streaming.ForwardSession} join those to the process or socket. Framing, compression and handshakes are Netty's.
 *
 * <p>Threads: one event loop moves frames and never waits. A session has virtual threads, one for each direction of each stream, that
 * read and write with ordinary blocking streams. {@link io.aestus.cri.streaming.Flow} bounds what lies between the two: a client that
 * does not read stops the reader of the pipe, a process that does not read stops the reader of the connection.
 */
@NullMarked
package io.aestus.cri.streaming;

import org.jspecify.annotations.NullMarked;
