package io.aestus.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.linux.Pty.WindowSize;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Run as root in a mount namespace of its own. */
@Tag("host")
class PtyTest {
    private static Pty terminal() throws IOException {
        try (var devpts = NewFileSystem.open("devpts").with("newinstance").with("ptmxmode", "0666");
                Fd mount = devpts.mount(Set.of(MountAttribute.NOSUID, MountAttribute.NOEXEC))) {
            return Pty.open(mount);
        }
    }

    private static String read(Fd from) throws IOException {
        byte[] bytes = new byte[100];
        return new String(bytes, 0, from.read(bytes, 0, bytes.length), US_ASCII);
    }

    @Test
    void what_is_typed_arrives_and_what_is_printed_comes_back() throws IOException {
        try (var terminal = terminal()) {
            terminal.master().writeFully("date\n".getBytes(US_ASCII));
            assertEquals("date\n", read(terminal.slave()));
            assertEquals("date\r\n", read(terminal.master()), "the echo");
            terminal.slave().writeFully("Monday\n".getBytes(US_ASCII));
            assertEquals("Monday\r\n", read(terminal.master()));
        }
    }

    @Test
    void raw_means_that_nothing_is_echoed_or_changed_until_restored() throws IOException {
        try (var terminal = terminal()) {
            var before = TerminalMode.of(terminal.slave());
            before.raw().apply(terminal.slave());
            terminal.master().writeFully(new byte[] {3}); // Ctrl-C
            assertEquals("\u0003", read(terminal.slave()));
            terminal.slave().writeFully("a\n".getBytes(US_ASCII));
            assertEquals("a\n", read(terminal.master()), "no carriage return");
            before.apply(terminal.slave());
            terminal.slave().writeFully("b\n".getBytes(US_ASCII));
            assertEquals("b\r\n", read(terminal.master()));
        }
    }

    @Test
    void both_ends_know_the_size() throws IOException {
        try (var terminal = terminal()) {
            assertEquals(new WindowSize(0, 0), Pty.windowSize(terminal.slave()));
            Pty.resize(terminal.master(), new WindowSize(50, 40_000));
            assertEquals(new WindowSize(50, 40_000), Pty.windowSize(terminal.slave()));
        }
    }

    @Test
    void the_end_is_an_error_of_its_own() throws IOException {
        try (var terminal = terminal()) {
            terminal.slave().close();
            var end = assertThrows(SyscallException.class, () -> read(terminal.master()));
            assertEquals(Errno.EIO, end.errno());
        }
    }

    @Test
    void a_pipe_is_no_terminal() throws IOException {
        try (var pipe = Pipe.open()) {
            assertEquals(
                    Errno.ENOTTY,
                    assertThrows(SyscallException.class, () -> TerminalMode.of(pipe.reader()))
                            .errno());
        }
    }
}
