package io.aestus.executor;

import io.aestus.linux.Fd;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The streams of an app's own process. What it reads is written into what its pod's first process keeps; what it writes comes
 * by a {@link Feed}.
 */
final class Attachment implements AppProcess {
    private static final int BUFFER = 64 * 1024;

    private final Target app;
    private final Optional<Fd> terminal;
    private final OutputStream stdin;
    private final Feed feed;
    private final PipedInputStream stdout = new PipedInputStream(BUFFER);
    private final PipedInputStream stderr = new PipedInputStream(BUFFER);
    private volatile boolean closed;

    /** The app, as it is told of signals and asked for its end. */
    interface Target {
        void signal(int number);

        Optional<ExitStatus> waitFor(Duration limit) throws InterruptedException;
    }

    /**
     * Attaches.
     *
     * @param terminal the master, if the app has one. Taken
     * @param stdin taken
     * @param feed taken
     */
    Attachment(Target app, Optional<Fd> terminal, OutputStream stdin, Feed feed) throws IOException {
        this.app = app;
        this.terminal = terminal;
        this.stdin = stdin;
        this.feed = feed;
        var toStdout = new PipedOutputStream(stdout);
        var toStderr = new PipedOutputStream(stderr);
        Thread.ofVirtual().name("aestus-attachment").start(() -> follow(toStdout, toStderr));
    }

    private void follow(OutputStream toStdout, OutputStream toStderr) {
        try (feed;
                toStdout;
                toStderr) {
            feed.copyTo(toStdout, toStderr);
        } catch (IOException | UncheckedIOException e) {
            if (!closed) { // a reader that went away closes its end of the pipe, which is no error
                System.getLogger("io.aestus.executor").log(System.Logger.Level.DEBUG, "an attachment ended", e);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            if (!closed) { // else the executor was closed as well, and refuses to look
                throw e;
            }
        }
    }

    @Override
    public OutputStream stdin() {
        return stdin;
    }

    @Override
    public InputStream stdout() {
        return stdout;
    }

    @Override
    public InputStream stderr() {
        return stderr;
    }

    @Override
    public void resize(int columns, int rows) {
        terminal.ifPresent(master -> Session.resize(master, columns, rows));
    }

    @Override
    public void signal(int number) {
        app.signal(number);
    }

    @Override
    public Optional<ExitStatus> waitFor(Duration limit) throws InterruptedException {
        return app.waitFor(limit);
    }

    @Override
    public void close() {
        closed = true;
        feed.close();
        try {
            stdin.close();
            stdout.close();
            stderr.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        terminal.ifPresent(Fd::close);
    }
}
