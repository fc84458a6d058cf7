package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoticeSocketTest {
    @TempDir
    Path directory;

    private NoticeSocket socket;

    @BeforeEach
    void open() throws IOException {
        try (Directory place = Directory.open(directory)) {
            socket = NoticeSocket.open(place, "socket");
        }
    }

    @AfterEach
    void close() {
        socket.close();
    }

    private void tell(String text) throws IOException {
        NoticeSocket.tell(directory.resolve("socket").toString(), text);
    }

    @Test
    void messages_come_whole_and_in_their_order_with_their_sender() throws IOException {
        tell("READY=1\nSTATUS=up");
        tell("STOPPING=1");
        try (var first = socket.receive().orElseThrow();
                var second = socket.receive().orElseThrow()) {
            assertEquals("READY=1\nSTATUS=up", first.text());
            assertEquals("STOPPING=1", second.text());
            assertEquals(ProcessHandle.current().pid(), first.pid());
            if (first.sender().isPresent()) { // Linux 6.5
                assertEquals(ProcessHandle.current().pid(), first.sender().get().pid());
            }
        }
        assertEquals(Optional.empty(), socket.receive());
    }

    @Test
    void whoever_sees_it_may_send() throws IOException {
        assertEquals(
                "rw-rw-rw-", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("socket"))));
    }

    @Test
    void a_message_that_is_too_long_says_nothing() throws IOException {
        tell("STATUS=" + "x".repeat(5000));
        tell("READY=1");
        try (var first = socket.receive().orElseThrow();
                var second = socket.receive().orElseThrow()) {
            assertEquals("", first.text());
            assertEquals("READY=1", second.text());
        }
    }

    @Test
    void messages_wait_for_whoever_has_the_socket_next() throws IOException {
        tell("READY=1");
        Fd kept = socket.fd().duplicate();
        socket.close();
        try (var next = NoticeSocket.of(kept);
                var notice = next.receive().orElseThrow()) {
            assertEquals("READY=1", notice.text());
        }
    }

    @Test
    void a_socket_that_was_left_is_replaced() throws IOException {
        socket.close();
        var refused = assertThrows(SyscallException.class, () -> tell("READY=1"));
        assertEquals(Errno.ECONNREFUSED, refused.errno());
        open();
        tell("READY=1");
        try (var notice = socket.receive().orElseThrow()) {
            assertEquals("READY=1", notice.text());
        }
    }

    @Test
    void a_sender_does_not_wait_for_room() throws IOException {
        var full = assertThrows(SyscallException.class, () -> {
            for (int i = 0; i < 100_000; i++) {
                tell("STATUS=" + i);
            }
        });
        assertEquals(Errno.EAGAIN, full.errno());
        try (var notice = socket.receive().orElseThrow()) {
            assertTrue(notice.descriptors().isEmpty());
        }
    }
}
