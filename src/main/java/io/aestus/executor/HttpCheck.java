package io.aestus.executor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;

/** Asks an HTTP server for one page over a connection that is there, and looks at nothing but the status. */
final class HttpCheck {
    private static final int LONGEST_LINE = 1024;
    private static final Pattern SUCCESS = Pattern.compile("HTTP/1\\.[01] [23][0-9][0-9]( .*)?");

    private HttpCheck() {}

    /**
     * Whether the answer begins with a status from 200 to 399.
     *
     * @param limit for the whole
     * @throws IOException when nothing comes, or takes too long
     */
    static boolean succeeds(SocketChannel connection, String path, Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: aestus-probe\r\nAccept: */*\r\n"
                + "Connection: close\r\n\r\n";
        connection.socket().getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return SUCCESS.matcher(firstLine(connection, deadline)).matches();
    }

    private static String firstLine(SocketChannel connection, long deadline) throws IOException {
        var line = new StringBuilder();
        InputStream in = connection.socket().getInputStream();
        while (line.length() < LONGEST_LINE) {
            long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            if (left <= 0) {
                throw new IOException("no status in time");
            }
            connection.socket().setSoTimeout((int) left);
            int next = in.read();
            if (next < 0 || next == '\n') {
                return line.toString().stripTrailing();
            }
            line.append((char) next);
        }
        throw new IOException("a first line of more than " + LONGEST_LINE + " bytes");
    }
}
