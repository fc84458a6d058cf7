package io.aestus.cri.streaming;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Joins the streams that a client opens into pairs: for each forwarded connection one for its data and one for an error. */
final class SpdyForward implements SpdyConnection.Listener {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");
    private static final int HIGHEST_PORT = 65535;
    private static final String DATA = "data";
    private static final String ERROR = "error";

    private final EventExecutor loop;
    private final Consumer<ForwardStreams> begin;
    private final Map<String, SpdyStream> single = new HashMap<>();

    /**
     * A listener.
     *
     * @param loop the connection's own
     * @param begin is told of each pair
     */
    SpdyForward(EventExecutor loop, Consumer<ForwardStreams> begin) {
        this.loop = loop;
        this.begin = begin;
    }

    @Override
    public boolean opened(SpdyStream stream) {
        String type = stream.header("streamtype");
        String port = stream.header("port");
        boolean isKnown = type.equals(DATA) || type.equals(ERROR);
        if (!isKnown || !PORT.matcher(port).matches() || Integer.parseInt(port) > HIGHEST_PORT) {
            return false;
        }
        String request = request(stream, type);
        SpdyStream other = single.remove(request + (type.equals(DATA) ? ERROR : DATA));
        if (other == null) {
            return await(request + type, stream);
        }
        SpdyStream data = type.equals(DATA) ? stream : other;
        SpdyStream error = type.equals(DATA) ? other : stream;
        error.in().close();
        begin.accept(new ForwardStreams(
                Integer.parseInt(port), data.in(), data.out(), error.out(), data::reset, data.broken()));
        return true;
    }

    /** Old clients do not number their requests; they open a pair's error stream right before its data stream. */
    private static String request(SpdyStream stream, String type) {
        String request = stream.header("requestid");
        if (!request.isEmpty()) {
            return request + " ";
        }
        return "of " + (type.equals(DATA) ? stream.id() - 2 : stream.id()) + " ";
    }

    private boolean await(String key, SpdyStream stream) {
        if (single.putIfAbsent(key, stream) != null) {
            return false;
        }
        var unused = loop.schedule(
                () -> {
                    if (single.remove(key, stream)) {
                        stream.reset();
                    }
                },
                PATIENCE.toMillis(),
                TimeUnit.MILLISECONDS);
        return true;
    }
}
