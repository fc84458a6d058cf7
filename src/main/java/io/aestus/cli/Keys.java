package io.aestus.cli;

import io.aestus.linux.ControllingTerminal;
import io.aestus.linux.Fd;
import io.aestus.linux.TerminalMode;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** The keys that somebody presses at our terminal, one by one and unseen, as long as this is open. */
final class Keys implements AutoCloseable {
    private final Fd terminal;
    private final TerminalMode before;
    private final BlockingQueue<Integer> pressed = new ArrayBlockingQueue<>(64);

    private Keys(Fd terminal, TerminalMode before) {
        this.terminal = terminal;
        this.before = before;
    }

    static Keys open() throws IOException {
        Fd terminal = ControllingTerminal.open();
        var keys = new Keys(terminal, TerminalMode.of(terminal));
        keys.before.raw().apply(terminal);
        Thread.ofPlatform().daemon().name("keys").start(keys::read);
        return keys;
    }

    /** Ends with the terminal; nobody waits for it, since nobody may ever press a key again. */
    private void read() {
        byte[] one = new byte[1];
        try {
            while (terminal.read(one, 0, 1) > 0) {
                pressed.offer((int) one[0]);
            }
        } catch (IOException e) {
            pressed.offer((int) 'q'); // the terminal is gone
        }
    }

    /** The next key. @return 0 if none is pressed within {@code limit} */
    int next(Duration limit) throws InterruptedException {
        Integer key = pressed.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
        return key == null ? 0 : key;
    }

    Window window() throws IOException {
        return Window.of(terminal);
    }

    @Override
    public void close() throws IOException {
        before.apply(terminal);
        terminal.close();
    }
}
