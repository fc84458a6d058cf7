package io.aestus.fetch;

import io.aestus.fetch.HttpAnswer.ContentRange;
import io.aestus.fetch.HttpAnswer.Validators;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one version of a resource, whatever happens to the connections that bring them. When one breaks, ends early or
 * stalls, the next asks for the rest only ({@code Range}), and only if nothing changed ({@code If-Range}); when something
 * did, reading ends with a {@link ChangedException} and the caller begins anew. A server without ranges is read again
 * from its beginning, the known part passed over. For one thread.
 */
final class Download extends InputStream {
    private static final int PARTIAL_CONTENT = HttpURLConnection.HTTP_PARTIAL;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final HttpTransport transport;
    private final FetchLimits limits;
    private final URI url;
    private final boolean allowsHttp;
    /** Of each request. */
    private final Map<String, String> headers;

    private final long deadline;

    private @Nullable HttpAnswer answer;
    private boolean isClosed;
    private boolean isAtEnd;
    private int status;
    private Duration maxAge = Duration.ZERO;
    private Validators validators = Validators.NONE;
    private OptionalLong total = OptionalLong.empty();
    private long start;
    private long offset;
    private int failures;
    private long windowStart = System.nanoTime();
    private long windowBytes;

    private Download(
            HttpTransport transport, FetchLimits limits, URI url, boolean allowsHttp, Map<String, String> headers) {
        this.headers = Map.copyOf(headers);
        this.transport = transport;
        this.limits = limits;
        this.url = url;
        this.allowsHttp = allowsHttp;
        this.deadline = System.nanoTime() + limits.whole().toNanos();
    }

    /**
     * Asks for {@code url}.
     *
     * @param known bytes of it that are here already, and what they are a version of
     * @param own headers of each request, of those too that ask for the rest
     * @param conditions further headers of the first, such as {@code If-None-Match}
     * @return a download that stands at {@link #start}; its {@link #status} may be other than success, and there is no body then
     */
    static Download open(
            HttpTransport transport,
            FetchLimits limits,
            URI url,
            boolean allowsHttp,
            Known known,
            Map<String, String> own,
            Map<String, String> conditions)
            throws IOException {
        var download = new Download(transport, limits, url, allowsHttp, own);
        var plain = new HashMap<>(own);
        plain.putAll(conditions);
        var headers = new HashMap<>(plain);
        Optional<String> version = known.validators().forRange();
        if (known.bytes() > 0 && version.isPresent()) {
            headers.put("Range", "bytes=" + known.bytes() + "-");
            headers.put("If-Range", version.get());
        }
        HttpAnswer answer = transport.get(url, headers, allowsHttp);
        boolean isOtherPart =
                answer.status() == PARTIAL_CONTENT && !download.continues(answer, known.bytes(), known.total());
        if (isOtherPart || answer.status() == RANGE_NOT_SATISFIABLE) {
            answer.close();
            answer = transport.get(url, plain, allowsHttp);
        }
        try {
            download.begin(answer, known);
            return download;
        } catch (IOException e) {
            answer.close();
            throw e;
        }
    }

    private void begin(HttpAnswer first, Known known) throws IOException {
        answer = first;
        status = first.status() == PARTIAL_CONTENT ? HttpURLConnection.HTTP_OK : first.status();
        maxAge = first.maxAge();
        validators = first.validators();
        if (first.status() == PARTIAL_CONTENT) {
            start = known.bytes();
            total = first.range().map(ContentRange::whole).orElse(OptionalLong.empty());
            if (validators.forRange().isEmpty()) {
                validators = known.validators();
            }
        } else if (first.status() == HttpURLConnection.HTTP_OK) {
            total = first.length();
        }
        offset = start;
        if (total.isPresent() && total.getAsLong() > limits.imageBytes()) {
            throw new TooLargeException(total.getAsLong(), limits.imageBytes());
        }
    }

    private boolean continues(HttpAnswer part, long from, OptionalLong whole) {
        return part.range()
                .filter(range -> range.first() == from)
                .filter(range -> whole.isEmpty()
                        || range.whole().isEmpty()
                        || range.whole().equals(whole))
                .isPresent();
    }

    /** The answer that came last. */
    HttpAnswer answer() {
        return Objects.requireNonNull(answer);
    }

    /** Of the first answer; 206 counts as 200. */
    int status() {
        return status;
    }

    Validators validators() {
        return validators;
    }

    Duration maxAge() {
        return maxAge;
    }

    /** Where this download begins: 0, or the number of known bytes if they are still good. */
    long start() {
        return start;
    }

    /** Length of the whole, known bytes included. */
    OptionalLong total() {
        return total;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
        while (true) {
            try {
                int count = readOnce(buffer, from, length);
                if (count > 0) {
                    offset += count;
                    failures = 0;
                    if (offset > limits.imageBytes()) {
                        throw new TooLargeException(offset, limits.imageBytes());
                    }
                }
                return count;
            } catch (IOException e) {
                takeUpAgain(e);
            }
        }
    }

    private int readOnce(byte[] buffer, int from, int length) throws IOException {
        HttpAnswer current = answer;
        if (isAtEnd) {
            return -1;
        }
        if (isClosed || current == null) {
            throw new EOFException("no connection");
        }
        int count = current.body().read(buffer, from, length);
        if (count < 0) {
            if (total.isPresent() && offset < total.getAsLong()) {
                throw new EOFException("connection ended after " + offset + " of " + total.getAsLong() + " bytes");
            }
            current.readToEnd();
            isAtEnd = true;
            return -1;
        }
        if (total.isPresent() && offset + count > total.getAsLong()) {
            throw new ChangedException("server sends more bytes than it announced");
        }
        checkPace(count);
        return count;
    }

    /** A trickle that keeps the socket's own timeout from striking is as good as silence. */
    private void checkPace(int count) throws SocketTimeoutException {
        windowBytes += count;
        long now = System.nanoTime();
        if (now - windowStart > limits.stall().toNanos()) {
            boolean trickles = windowBytes < FetchLimits.STALL_BYTES;
            windowStart = now;
            windowBytes = 0;
            if (trickles) {
                throw new SocketTimeoutException("transfer stalls");
            }
        }
    }

    private void takeUpAgain(IOException failure) throws IOException {
        drop();
        if (isClosed
                || failure instanceof ChangedException
                || failure instanceof TooLargeException
                || HttpTransport.isFinal(failure)) {
            throw failure;
        }
        if (++failures >= limits.attempts() || System.nanoTime() - deadline > 0) {
            throw failure;
        }
        HttpTransport.pause(limits.delayAfter(failures));
        Optional<String> version = validators.forRange();
        if (version.isEmpty()) {
            throw new ChangedException("connection broke, and the server does not name the version that it sent");
        }
        var rest = new HashMap<>(headers);
        rest.put("Range", "bytes=" + offset + "-");
        rest.put("If-Range", version.get());
        HttpAnswer next = transport.get(url, rest, allowsHttp);
        answer = next;
        switch (next.status()) {
            case PARTIAL_CONTENT -> {
                if (!continues(next, offset, total)) {
                    throw new ChangedException("server sends another range than the one asked for");
                }
            }
            case HttpURLConnection.HTTP_OK -> {
                if (!next.validators().forRange().equals(version)) {
                    throw new ChangedException("it changed on the server while it was fetched");
                }
                passOver(next);
            }
            default -> throw new ChangedException("server answers " + next.status() + " when asked for the rest");
        }
        windowStart = System.nanoTime();
        windowBytes = 0;
    }

    /** Reads again what is here already, from a server that knows no ranges. */
    private void passOver(HttpAnswer whole) throws IOException {
        try {
            whole.body().skipNBytes(offset);
        } catch (IOException _) {
            drop(); // the read that follows fails, and counts as the next failure
        }
    }

    private void drop() {
        HttpAnswer current = answer;
        answer = null;
        if (current != null) {
            current.close();
        }
    }

    /** Breaks the connection off; under a reader that waits, close the transport. */
    @Override
    public void close() {
        isClosed = true;
        drop();
    }

    /**
     * Bytes that an earlier download left here.
     *
     * @param total length of the whole, if that was known
     */
    record Known(long bytes, OptionalLong total, Validators validators) {
        static final Known NOTHING = new Known(0, OptionalLong.empty(), Validators.NONE);
    }

    /** What was read so far and what is there now do not belong together: begin anew. */
    static final class ChangedException extends IOException {
        private static final long serialVersionUID = 1L;

        ChangedException(String message) {
            super(message);
        }
    }

    /** The server wants to send more than is allowed. */
    static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLargeException(long bytes, long limit) {
            super("it has " + bytes + " bytes or more, " + limit + " are allowed");
        }
    }
}
