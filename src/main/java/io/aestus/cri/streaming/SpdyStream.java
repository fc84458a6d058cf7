package io.aestus.cri.streaming;

import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyHeaders;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One of the streams in a SPDY connection. What arrives is put in by the event loop. */
final class SpdyStream {
    private final int id;
    private final SpdyHeaders headers;
    private final Flow flow;
    private final Inbox in;
    private final Outlet out;
    private final CompletableFuture<Boolean> broken = new CompletableFuture<>();

    /** How far it has ended; the event loop's own. */
    private boolean endedHere;

    private boolean endedThere;

    SpdyStream(int id, SpdyHeaders headers, Flow flow) {
        this.id = id;
        this.headers = headers;
        this.flow = flow;
        var last = new DefaultSpdyDataFrame(id);
        last.setLast(true);
        this.in = new Inbox(flow);
        this.out = new Outlet(flow, bytes -> new DefaultSpdyDataFrame(id, bytes), Optional.of(last));
    }

    int id() {
        return id;
    }

    /** A header that the client sent, empty if it did not. */
    String header(String name) {
        CharSequence value = headers.get(name);
        return value == null ? "" : value.toString();
    }

    Inbox in() {
        return in;
    }

    Outlet out() {
        return out;
    }

    /** When the client has given it up, or has gone. */
    CompletableFuture<Boolean> broken() {
        return broken;
    }

    /** Gives it up, both ways. */
    void reset() {
        flow.sendNow(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.CANCEL));
    }

    // --- by the event loop

    void endHere() {
        endedHere = true;
    }

    void endThere() {
        endedThere = true;
        in.end();
    }

    boolean isOver() {
        return endedHere && endedThere;
    }

    void abort() {
        in.abort();
        broken.complete(true);
    }
}
