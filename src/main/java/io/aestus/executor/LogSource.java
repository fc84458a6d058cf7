package io.aestus.executor;

import io.aestus.executor.LogLine.Stream;
import io.aestus.linux.Fd;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** One stream of an app on its way into the app's log. Belongs to the thread of {@link LogPump}, but for {@link #ended}. */
final class LogSource implements AutoCloseable {
    private static final byte[] NOTHING = {};

    private final AppOutput output;
    private final Stream stream;
    private final Fd end;
    private final AppOptions.Terminal terminal;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private byte[] unwritten = NOTHING;
    private long finishBy = Long.MAX_VALUE;
    private long retryAt = Long.MAX_VALUE;
    long token;

    /** @param end taken: the read end of a pipe, or the master of a terminal */
    LogSource(AppOutput output, Stream stream, Fd end, AppOptions.Terminal terminal) {
        this.output = output;
        this.stream = stream;
        this.end = end;
        this.terminal = terminal;
    }

    /** So many bytes of {@code chunk} are in the log now. */
    void wrote(byte[] chunk, int count) {
        output.wrote(chunk, count);
    }

    LogFile log() throws IOException {
        return output.file();
    }

    Stream stream() {
        return stream;
    }

    Fd end() {
        return end;
    }

    boolean isTerminal() {
        return terminal == AppOptions.Terminal.TTY;
    }

    /** Completes when all it wrote is in the log. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** What was read from a terminal and could not be written yet. */
    byte[] unwritten() {
        return unwritten;
    }

    void keep(byte[] text) {
        unwritten = text;
    }

    void finishBy(long nanoTime) {
        finishBy = nanoTime;
    }

    boolean isFinishing() {
        return finishBy != Long.MAX_VALUE;
    }

    void stall(IOException why, long until) {
        retryAt = until;
        output.stalled(why);
    }

    void resume() {
        retryAt = Long.MAX_VALUE;
    }

    boolean isStalled() {
        return retryAt != Long.MAX_VALUE;
    }

    boolean isTimed() {
        return isStalled() || finishBy != Long.MAX_VALUE;
    }

    /** When the pump is to look at it again, in the time of {@link System#nanoTime}. */
    long visitAt() {
        return isStalled() ? retryAt : finishBy;
    }

    boolean isOverdue(long now) {
        return finishBy <= now;
    }

    @Override
    public void close() {
        end.close();
    }
}
