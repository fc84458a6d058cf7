package io.aestus.cri.streaming;

import io.aestus.AestusException;
import io.aestus.executor.AppProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/**
 * Joins a client to a process, until the process has ended or the client has gone. A process that was started for the client is killed
 * when the client goes, since nobody else could ever reach it.
 */
final class CommandSession implements Runnable {
    private static final System.Logger LOG = System.getLogger(CommandSession.class.getName());
    private static final Duration FOREVER = Duration.ofDays(3650);
    /** How long output may stay silent after its process has ended, when something it left behind holds the pipe. */
    private static final Duration SILENCE = Duration.ofSeconds(2);

    private final Offer.Command offer;
    private final CommandStreams streams;
    private final Flow flow;

    CommandSession(Offer.Command offer, CommandStreams streams, Flow flow) {
        this.offer = offer;
        this.streams = streams;
        this.flow = flow;
    }

    @Override
    public void run() {
        Outcome outcome;
        try {
            outcome = outcome();
        } catch (AestusException e) {
            outcome = new Outcome.Failed(
                    e.message() + e.remedy().map(remedy -> " [" + remedy + "]").orElse(""));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            outcome = new Outcome.Failed("the agent is stopping");
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "internal error in a stream", e);
            outcome = new Outcome.Failed("internal error: " + e);
        }
        end(outcome);
    }

    private Outcome outcome() throws InterruptedException {
        try (AppProcess process = offer.process().get()) {
            // Not by the event loop itself: closing a process waits for system calls.
            var closing = flow.gone()
                    .thenRun(() -> Thread.ofVirtual().name("cri-stream-gone").start(process::close));
            var stdout = Pump.start("stdout", process.stdout(), streams.stdout());
            var stderr = Pump.start("stderr", process.stderr(), streams.stderr());
            if (offer.streams().stdin()) {
                Pump.start("stdin", streams.stdin(), process.stdin());
            }
            var resizes = new Resizes(streams.resizes(), process);
            Thread.ofVirtual().name("cri-stream-resize").start(resizes);
            try {
                return switch (offer.way()) {
                    case EXEC -> awaitEnd(process, stdout, stderr);
                    case ATTACH -> awaitOutput(stdout, stderr);
                };
            } finally {
                closing.cancel(false);
            }
        } finally {
            close(streams.stdin());
            close(streams.resizes());
        }
    }

    private static Outcome awaitEnd(AppProcess process, Pump stdout, Pump stderr) throws InterruptedException {
        int code = process.waitFor(FOREVER).orElseThrow().code();
        Pump.awaitSilence(SILENCE, List.of(stdout, stderr));
        return Outcome.ofCode(code);
    }

    /** An attachment has no code: the pod's status tells how its container ended. */
    private static Outcome awaitOutput(Pump stdout, Pump stderr) throws InterruptedException {
        stdout.await();
        stderr.await();
        return new Outcome.Success();
    }

    /** Output first, then the status: a client may hang up as soon as it knows the end. */
    private void end(Outcome outcome) {
        close(streams.stdout());
        close(streams.stderr());
        try (OutputStream status = streams.status()) {
            byte[] text = outcome.in(streams.protocol());
            if (text.length > 0) {
                status.write(text);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a client did not wait for the end", e);
        }
        flow.hangUp();
    }

    private static void close(AutoCloseable stream) {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException("cannot close a stream", e);
        }
    }
}
