package io.aestus.cri.streaming;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Waits until a client has opened all streams of its command. */
final class SpdyCommand implements SpdyConnection.Listener {
    private static final String ERROR = "error";
    private static final String STDIN = "stdin";
    private static final String STDOUT = "stdout";
    private static final String STDERR = "stderr";
    private static final String RESIZE = "resize";

    private final Protocol protocol;
    private final Set<String> missing;
    private final Consumer<CommandStreams> begin;
    private final Map<String, SpdyStream> opened = new HashMap<>();

    /** @param begin is told once, when all are there */
    SpdyCommand(Protocol protocol, StreamSet wanted, Consumer<CommandStreams> begin) {
        this.protocol = protocol;
        this.missing = expected(protocol, wanted);
        this.begin = begin;
    }

    private static Set<String> expected(Protocol protocol, StreamSet wanted) {
        Set<String> expected = new HashSet<>(Set.of(ERROR));
        if (wanted.stdin()) {
            expected.add(STDIN);
        }
        if (wanted.stdout()) {
            expected.add(STDOUT);
        }
        if (wanted.stderr()) {
            expected.add(STDERR);
        }
        if (wanted.tty() && protocol.hasResizes()) {
            expected.add(RESIZE);
        }
        return expected;
    }

    @Override
    public boolean opened(SpdyStream stream) {
        String type = stream.header("streamtype");
        if (!missing.remove(type)) {
            return false;
        }
        opened.put(type, stream);
        if (missing.isEmpty()) {
            begin.accept(new CommandStreams(protocol, in(STDIN), in(RESIZE), out(STDOUT), out(STDERR), out(ERROR)));
        }
        return true;
    }

    private InputStream in(String type) {
        SpdyStream stream = opened.get(type);
        return stream == null ? InputStream.nullInputStream() : stream.in();
    }

    private OutputStream out(String type) {
        SpdyStream stream = opened.get(type);
        return stream == null ? OutputStream.nullOutputStream() : stream.out();
    }
}
