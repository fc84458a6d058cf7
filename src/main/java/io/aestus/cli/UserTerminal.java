package io.aestus.cli;

import io.aestus.executor.AppProcess;
import io.aestus.linux.ControllingTerminal;
import io.aestus.linux.Fd;
import io.aestus.linux.Pty;
import io.aestus.linux.TerminalMode;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/** The terminal of whoever called us, if there is one: made transparent while a process of a pod is connected to it. */
final class UserTerminal {
    private static final int CHUNK = 8192;

    private UserTerminal() {}

    /** Whether both our input and our output are a terminal. */
    static boolean isThere() {
        return Caller.isTerminal(0) && Caller.isTerminal(1);
    }

    /** Connects {@code process} to our streams until its output ends. */
    static void connect(AppProcess process, PrintStream out, PrintStream err) throws IOException, InterruptedException {
        if (!isThere()) {
            pump(process, out, err);
            return;
        }
        try (Fd terminal = ControllingTerminal.open()) {
            TerminalMode before = TerminalMode.of(terminal);
            before.raw().apply(terminal);
            try {
                follow(terminal, process);
                pump(process, out, err);
            } finally {
                before.apply(terminal);
            }
        }
    }

    /** The process's terminal has the size of ours, now and whenever that changes. */
    static void follow(Fd terminal, AppProcess process) throws IOException {
        resize(terminal, process);
        UserSignals.onResize(() -> {
            try {
                resize(terminal, process);
            } catch (IOException e) {
                process.resize(80, 24); // ours is gone: any size will do
            }
        });
    }

    private static void resize(Fd terminal, AppProcess process) throws IOException {
        Pty.WindowSize size = Pty.windowSize(terminal);
        process.resize(size.columns(), size.rows());
    }

    private static void pump(AppProcess process, PrintStream out, PrintStream err) throws InterruptedException {
        // Nobody waits for our input: it may never end, and the process need not read it.
        Thread.ofPlatform().daemon().name("stdin").start(() -> {
            try (OutputStream to = process.stdin()) {
                copy(new FileInputStream(FileDescriptor.in), to);
            } catch (IOException e) {
                return; // the process no longer reads
            }
        });
        Thread errors = Thread.ofPlatform().name("stderr").start(() -> print(process.stderr(), err));
        print(process.stdout(), out);
        errors.join();
    }

    private static void print(InputStream from, PrintStream to) {
        try {
            copy(from, to);
        } catch (IOException e) {
            to.flush(); // the process is gone, and with it its terminal
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        var chunk = new byte[CHUNK];
        for (int count = from.read(chunk); count >= 0; count = from.read(chunk)) {
            to.write(chunk, 0, count);
            to.flush();
        }
    }
}
