package io.aestus.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipeTest {
    private static String read(Fd from, int count) throws SyscallException {
        byte[] bytes = new byte[count];
        return new String(bytes, 0, from.read(bytes, 0, count), US_ASCII);
    }

    @Test
    void a_copy_leaves_the_bytes_until_they_are_moved(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("log");
        try (var source = Pipe.open();
                var scratch = Pipe.open();
                var directory = Directory.open(dir);
                var log = directory.createFile("log", 0600)) {
            source.writer().writeFully("hello".getBytes(US_ASCII));
            assertEquals(5, Pipe.tee(source.reader(), scratch.writer(), 100));
            assertEquals(5, Pipe.available(source.reader()), "still there");
            assertEquals(5, Pipe.splice(scratch.reader(), log, 100));
            assertEquals("hello", Files.readString(file));
            assertEquals("hel", read(source.reader(), 3));
            assertEquals(2, Pipe.available(source.reader()));
        }
    }

    @Test
    void nothing_to_move_is_told_from_the_end() throws IOException {
        try (var source = Pipe.open();
                var target = Pipe.open()) {
            assertEquals(Pipe.WOULD_BLOCK, Pipe.splice(source.reader(), target.writer(), 10));
            assertEquals(Pipe.WOULD_BLOCK, Pipe.tee(source.reader(), target.writer(), 10));
            source.writer().close();
            assertEquals(0, Pipe.splice(source.reader(), target.writer(), 10));
            assertEquals(0, Pipe.tee(source.reader(), target.writer(), 10));
        }
    }

    @Test
    void the_size_can_be_changed_but_not_below_what_is_in_it() throws IOException {
        try (var pipe = Pipe.open()) {
            assertEquals(256 * 1024, Pipe.resize(pipe.writer(), 200_000), "rounded up");
            assertEquals(256 * 1024, Pipe.capacity(pipe.reader()));
            pipe.writer().writeFully(new byte[100_000]);
            var refusal = assertThrows(SyscallException.class, () -> Pipe.resize(pipe.reader(), 4096));
            assertEquals(Errno.EBUSY, refusal.errno());
        }
    }

    @Test
    void a_non_blocking_end_says_that_it_would_wait() throws IOException {
        try (var pipe = Pipe.open()) {
            Pipe.setNonBlocking(pipe.reader());
            var refusal =
                    assertThrows(SyscallException.class, () -> pipe.reader().read(new byte[1], 0, 1));
            assertEquals(Errno.EAGAIN, refusal.errno());
            assertTrue(refusal.getMessage().startsWith("read"), refusal.getMessage());
        }
    }
}
