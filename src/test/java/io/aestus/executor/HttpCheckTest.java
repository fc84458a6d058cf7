package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The one line that is read of an answer, whatever a server sends. */
@Timeout(30)
class HttpCheckTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private ServerSocketChannel server;
    private SocketChannel connection;
    private SocketChannel accepted;

    @BeforeEach
    void open() throws IOException {
        server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        connection = SocketChannel.open(server.getLocalAddress());
        accepted = server.accept();
    }

    @AfterEach
    void close() throws IOException {
        accepted.close();
        connection.close();
        server.close();
    }

    private void answer(String text) throws IOException {
        accepted.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1 200 OK, true",
        "HTTP/1.0 204 No Content, true",
        "HTTP/1.1 302 Found, true",
        "HTTP/1.1 399, true",
        "HTTP/1.1 404 Not Found, false",
        "HTTP/1.1 500 Internal Server Error, false",
        "HTTP/1.1 100 Continue, false",
        "HTTP/2 200, false",
        "HTTP/1.1 2000, false",
        "SSH-2.0-x, false",
        "'', false"
    })
    void the_status_decides(String line, boolean expected) throws IOException {
        answer(line + "\r\n");
        assertEquals(expected, HttpCheck.succeeds(connection, "/up?x=1", LIMIT));
        ByteBuffer asked = ByteBuffer.allocate(1000);
        accepted.read(asked);
        String request = new String(asked.array(), 0, asked.position(), StandardCharsets.US_ASCII);
        assertEquals(
                "GET /up?x=1 HTTP/1.1\r\nHost: localhost\r\nUser-Agent: aestus-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n",
                request);
    }

    @Test
    void a_connection_that_is_closed_is_no_success() throws IOException {
        accepted.close();
        assertEquals(false, HttpCheck.succeeds(connection, "/", LIMIT));
    }

    @Test
    void a_server_that_says_nothing_is_given_up() {
        assertThrows(IOException.class, () -> HttpCheck.succeeds(connection, "/", Duration.ofMillis(50)));
    }

    @Test
    void a_server_that_never_ends_its_line_is_given_up() throws IOException {
        answer("x".repeat(5000));
        var e = assertThrows(IOException.class, () -> HttpCheck.succeeds(connection, "/", LIMIT));
        assertEquals("a first line of more than 1024 bytes", e.getMessage());
    }
}
