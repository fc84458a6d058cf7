package io.aestus.executor;

import io.aestus.executor.LogLine.Stream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;

/** An app's output as its log has it: for whoever does not write that log, or comes after the app's end. */
final class LogFeed implements Feed {
    private static final Duration TURN = Duration.ofMillis(200);

    private final AppLog.Reader log;
    private volatile boolean closed;

    /** @param log taken */
    LogFeed(AppLog.Reader log) {
        this.log = log;
    }

    @Override
    public void copyTo(OutputStream stdout, OutputStream stderr) throws IOException, InterruptedException {
        try (log) {
            while (!closed && !log.atEnd()) {
                var line = log.next(TURN);
                if (line.isPresent()) {
                    OutputStream to = line.get().stream() == Stream.STDOUT ? stdout : stderr;
                    to.write(bytes(line.get()));
                    to.flush();
                }
            }
        }
    }

    /** What the app wrote to make that line. */
    static byte[] bytes(LogLine line) {
        if (line.isPartial()) {
            return line.text();
        }
        byte[] whole = Arrays.copyOf(line.text(), line.text().length + 1);
        whole[whole.length - 1] = '\n';
        return whole;
    }

    @Override
    public void close() {
        closed = true;
    }
}
