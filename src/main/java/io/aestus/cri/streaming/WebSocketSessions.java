package io.aestus.cri.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Which channel of a WebSocket is which stream. */
final class WebSocketSessions {
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int STATUS = 3;
    private static final int RESIZE = 4;

    private WebSocketSessions() {}

    /** The streams of a command. An empty message tells the client that they are there. */
    static CommandStreams command(Protocol version, StreamSet wanted, WebSocketChannels channels, Flow flow) {
        var streams = new CommandStreams(
                version,
                wanted.stdin() ? channels.inbox(STDIN) : InputStream.nullInputStream(),
                wanted.tty() ? channels.inbox(RESIZE) : InputStream.nullInputStream(),
                wanted.stdout() ? channels.outlet(STDOUT) : OutputStream.nullOutputStream(),
                wanted.stderr() ? channels.outlet(STDERR) : OutputStream.nullOutputStream(),
                channels.lastOutlet(STATUS));
        int lowest = STATUS;
        if (wanted.stdout()) {
            lowest = STDOUT;
        } else if (wanted.stderr()) {
            lowest = STDERR;
        }
        flow.sendNow(channels.empty(lowest));
        return streams;
    }

    /** Two channels for each port, data and error; the first message of each is the port. */
    static List<ForwardStreams> forward(List<Integer> ports, WebSocketChannels channels, Flow flow) {
        List<ForwardStreams> forwarded = new ArrayList<>();
        for (int port : ports) {
            int data = 2 * forwarded.size();
            int error = data + 1;
            flow.sendNow(channels.frame(data, littleEndian(port)));
            flow.sendNow(channels.frame(error, littleEndian(port)));
            forwarded.add(new ForwardStreams(
                    port, channels.inbox(data), channels.outlet(data), channels.outlet(error), () -> {}, flow.gone()));
        }
        return forwarded;
    }

    private static ByteBuf littleEndian(int port) {
        return Unpooled.buffer(Short.BYTES).writeShortLE(port);
    }
}
