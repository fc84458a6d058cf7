package io.aestus.cli;

import io.aestus.cli.AttachCommand.Endpoint;
import io.aestus.executor.AppProcess;
import io.aestus.linux.ControllingTerminal;
import io.aestus.linux.Fd;
import io.aestus.linux.TerminalMode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** Our streams connected to those of an app, as far as they are wanted. */
final class TerminalAttachment {
    /** How it came to its end. */
    enum Ending {
        /** The app closed its output. */
        OUTPUT_ENDED,
        /** The user let go. */
        DETACHED
    }

    private static final int CHUNK = 8192;

    private final AppProcess process;
    private final Set<Endpoint> wanted;
    private final DetachKeys keys;
    private final Session session;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean isDetached;

    TerminalAttachment(AppProcess process, Set<Endpoint> wanted, DetachKeys keys, Session session) {
        this.process = process;
        this.wanted = wanted;
        this.keys = keys;
        this.session = session;
    }

    /** Goes on until the app's output ends, or the user lets go. */
    Ending run() throws IOException, InterruptedException {
        boolean isTerminal = UserTerminal.isThere() && wanted.contains(Endpoint.TTY_IN);
        if (!isTerminal) {
            pump(false);
        } else {
            try (Fd terminal = ControllingTerminal.open()) {
                TerminalMode before = TerminalMode.of(terminal);
                before.raw().apply(terminal);
                try {
                    UserTerminal.follow(terminal, process);
                    pump(true);
                } finally {
                    before.apply(terminal);
                }
            }
        }
        session.out().flush();
        return isDetached ? Ending.DETACHED : Ending.OUTPUT_ENDED;
    }

    private void pump(boolean isTerminal) throws InterruptedException {
        boolean hasInput = wanted.stream().anyMatch(Endpoint::isInput);
        boolean hasOutput = wanted.contains(Endpoint.STDOUT) || wanted.contains(Endpoint.TTY_OUT);
        if (hasInput) { // nobody waits for it: it may never end
            Thread.ofPlatform().daemon().name("stdin").start(() -> type(isTerminal));
        }
        Thread errors = Thread.ofPlatform()
                .daemon()
                .name("stderr")
                .start(() -> print(process.stderr(), session.err(), wanted.contains(Endpoint.STDERR)));
        Thread.ofPlatform().daemon().name("stdout").start(() -> {
            print(process.stdout(), session.out(), hasOutput);
            try {
                errors.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            over.countDown();
        });
        over.await();
    }

    private void type(boolean isTerminal) {
        try (OutputStream to = process.stdin()) {
            InputStream from = session.in();
            var chunk = new byte[CHUNK];
            for (int count = from.read(chunk); count >= 0; count = from.read(chunk)) {
                byte[] meant = isTerminal ? keys.pass(chunk, count) : Arrays.copyOf(chunk, count);
                to.write(meant);
                to.flush();
                if (keys.isComplete()) {
                    letGo();
                    return;
                }
            }
        } catch (IOException e) {
            session.err().flush(); // the app no longer reads
        }
    }

    private void letGo() {
        isDetached = true;
        over.countDown();
    }

    private static void print(InputStream from, PrintStream to, boolean isWanted) {
        var chunk = new byte[CHUNK];
        try {
            for (int count = from.read(chunk); count >= 0; count = from.read(chunk)) {
                if (isWanted) {
                    to.write(chunk, 0, count);
                    to.flush();
                }
            }
        } catch (IOException e) {
            to.flush(); // the app is gone, and with it its terminal
        }
    }
}
