package io.aestus.fetch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;

/** A file on a server that can do what good and bad servers do: ranges, ETags, and connections that break. */
final class TestContent implements HttpHandler {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

    private volatile byte[] bytes;
    private volatile String etag;
    private volatile boolean knowsRanges = true;
    private volatile String cacheControl = "";
    private volatile IntUnaryOperator cutAfter = _ -> Integer.MAX_VALUE;
    private final AtomicInteger bodies = new AtomicInteger();

    TestContent(byte[] bytes, String etag) {
        this.bytes = bytes;
        this.etag = etag;
    }

    TestContent becomes(byte[] newBytes, String newEtag) {
        bytes = newBytes;
        etag = newEtag;
        return this;
    }

    TestContent withoutRanges() {
        knowsRanges = false;
        return this;
    }

    TestContent cached(String control) {
        cacheControl = control;
        return this;
    }

    /** Breaks the connection of the n-th body (from 0) after as many bytes of it as {@code limit} says. */
    TestContent cutting(IntUnaryOperator limit) {
        cutAfter = limit;
        return this;
    }

    /** How many bodies were begun. */
    int bodies() {
        return bodies.get();
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        var response = exchange.getResponseHeaders();
        if (!etag.isEmpty()) {
            response.set("ETag", etag);
        }
        if (!cacheControl.isEmpty()) {
            response.set("Cache-Control", cacheControl);
        }
        var request = exchange.getRequestHeaders();
        if (!etag.isEmpty() && etag.equals(request.getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        byte[] whole = bytes;
        var range = RANGE.matcher(request.getFirst("Range") == null ? "" : request.getFirst("Range"));
        String condition = request.getFirst("If-Range");
        boolean isPart = knowsRanges && range.matches() && (condition == null || condition.equals(etag));
        int from = isPart ? Integer.parseInt(range.group(1)) : 0;
        if (isPart && from >= whole.length) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        if (isPart) {
            response.set("Content-Range", "bytes " + from + "-" + (whole.length - 1) + "/" + whole.length);
        }
        byte[] body = Arrays.copyOfRange(whole, from, whole.length);
        int limit = cutAfter.applyAsInt(bodies.getAndIncrement());
        exchange.sendResponseHeaders(isPart ? 206 : 200, body.length);
        OutputStream out = exchange.getResponseBody();
        out.write(body, 0, Math.min(limit, body.length));
        out.flush();
        if (limit >= body.length) {
            out.close();
        } // else closing the exchange breaks the connection: the announced bytes are not all there
    }
}
