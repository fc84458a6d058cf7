package io.aestus.executor;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What an app writes to its terminal, byte for byte and the moment it is read there, by the process that writes its log. What
 * was written before can go first: it is in the log, up to the byte.
 */
final class LiveFeed implements Feed, AppOutput.Listener {
    /** How far whoever looks may fall behind: the app does not wait for them. */
    private static final long MOST_WAITING = 8 << 20;

    private static final byte[] END = {};

    private final AppOutput output;
    private final BlockingQueue<byte[]> chunks = new LinkedBlockingQueue<>();
    private final AtomicLong waiting = new AtomicLong();
    private volatile boolean isBehind;
    private long missed;
    private Optional<AppLog.Reader> history = Optional.empty();

    private LiveFeed(AppOutput output) {
        this.output = output;
    }

    /**
     * Begins to listen.
     *
     * @return empty if the output has ended
     */
    static Optional<LiveFeed> of(AppOutput output) {
        var feed = new LiveFeed(output);
        var missed = output.listen(feed).join();
        missed.ifPresent(bytes -> feed.missed = bytes);
        return missed.map(_ -> feed);
    }

    /** The same after what was missed, from a log that is not followed. Taken. */
    LiveFeed after(AppLog.Reader log) {
        history = Optional.of(log);
        return this;
    }

    @Override
    public void wrote(byte[] bytes) {
        if (waiting.addAndGet(bytes.length) > MOST_WAITING) {
            isBehind = true;
            chunks.add(END);
        } else if (!isBehind) {
            chunks.add(bytes);
        }
    }

    @Override
    public void ended() {
        chunks.add(END);
    }

    @Override
    public void copyTo(OutputStream stdout, OutputStream stderr) throws IOException, InterruptedException {
        copyMissed(stdout);
        for (byte[] chunk = chunks.take(); chunk != END; chunk = chunks.take()) {
            stdout.write(chunk);
            stdout.flush();
            waiting.addAndGet(-chunk.length);
        }
        if (isBehind) {
            throw new IOException("more than " + MOST_WAITING + " bytes of the app's output were not taken");
        }
    }

    private void copyMissed(OutputStream stdout) throws IOException, InterruptedException {
        if (history.isEmpty()) {
            return;
        }
        try (AppLog.Reader log = history.get()) {
            for (var line = log.next(Duration.ZERO); line.isPresent() && missed > 0; line = log.next(Duration.ZERO)) {
                byte[] bytes = LogFeed.bytes(line.get());
                stdout.write(bytes, 0, (int) Math.min(bytes.length, missed));
                missed -= bytes.length;
            }
            stdout.flush();
        }
    }

    @Override
    public void close() {
        output.ignore(this);
        chunks.add(END);
    }
}
