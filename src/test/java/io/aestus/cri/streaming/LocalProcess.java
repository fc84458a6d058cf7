package io.aestus.cri.streaming;

import io.aestus.executor.AppProcess;
import io.aestus.executor.ExitStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A process of this host in place of one in a container: its pipes are real, and fill. */
public final class LocalProcess implements AppProcess {
    private final BlockingQueue<String> sizes = new LinkedBlockingQueue<>();
    private final Process process;

    private LocalProcess(Process process) {
        this.process = process;
    }

    public static LocalProcess shell(String script) {
        try {
            return new LocalProcess(new ProcessBuilder("/bin/sh", "-c", script).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next size that its terminal was given. */
    String awaitSize() throws InterruptedException {
        return String.valueOf(sizes.poll(10, TimeUnit.SECONDS));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    boolean awaitEnd(Duration limit) throws InterruptedException {
        return process.waitFor(limit);
    }

    @Override
    public OutputStream stdin() {
        return process.getOutputStream();
    }

    @Override
    public InputStream stdout() {
        return process.getInputStream();
    }

    @Override
    public InputStream stderr() {
        return process.getErrorStream();
    }

    @Override
    public void resize(int columns, int rows) {
        sizes.add(columns + "x" + rows);
    }

    @Override
    public void signal(int number) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<ExitStatus> waitFor(Duration limit) throws InterruptedException {
        return process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)
                ? Optional.of(ExitStatus.ofCode(process.exitValue()))
                : Optional.empty();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.getInputStream().close();
            process.getErrorStream().close();
            process.getOutputStream().close();
        } catch (IOException e) {
            System.getLogger("test").log(System.Logger.Level.DEBUG, "closed before", e);
        }
    }
}
