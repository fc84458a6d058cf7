package io.aestus.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server said, and the body it is about to send. Closing an answer that was not read to its end closes the
 * connection as well; otherwise the connection is kept for the next request.
 */
final class HttpAnswer implements AutoCloseable {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
    private static final Pattern MAX_AGE = Pattern.compile("(?:^|[,\\s])max-age=\"?(\\d{1,9})");
    private static final Pattern UNCACHED = Pattern.compile("(?:^|[,\\s])no-(?:store|cache)(?:$|[,;\\s])");

    private final URI location;
    private final HttpURLConnection connection;
    private final int status;
    private boolean isRead;

    HttpAnswer(URI location, HttpURLConnection connection, int status) {
        this.location = location;
        this.connection = connection;
        this.status = status;
    }

    /** Of the last redirect's target. */
    URI location() {
        return location;
    }

    int status() {
        return status;
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(connection.getHeaderField(name));
    }

    /** All fields of that name, however it is spelt. */
    List<String> headers(String name) {
        var values = new ArrayList<String>();
        connection.getHeaderFields().forEach((key, all) -> {
            if (name.equalsIgnoreCase(key)) {
                values.addAll(all);
            }
        });
        return values;
    }

    /** Of this body, not of the whole that it may be a part of. */
    OptionalLong length() {
        long length = connection.getContentLengthLong();
        return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
    }

    /** What a 206 answer brings. */
    Optional<ContentRange> range() {
        Matcher range = CONTENT_RANGE.matcher(header("Content-Range").orElse(""));
        if (!range.matches()) {
            return Optional.empty();
        }
        OptionalLong whole =
                range.group(3).equals("*") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(range.group(3)));
        return Optional.of(new ContentRange(Long.parseLong(range.group(1)), whole));
    }

    Validators validators() {
        return new Validators(header("ETag"), header("Last-Modified"));
    }

    /** For how long the server says that nothing changes; zero if it does not. */
    Duration maxAge() {
        String control = header("Cache-Control").orElse("").toLowerCase(Locale.ROOT);
        Matcher age = MAX_AGE.matcher(control);
        return UNCACHED.matcher(control).find() || !age.find()
                ? Duration.ZERO
                : Duration.ofSeconds(Long.parseLong(age.group(1)));
    }

    /** The body as delivered, whatever {@code Content-Encoding} says: signatures are over these bytes. Lent. */
    InputStream body() throws IOException {
        return connection.getInputStream();
    }

    /** The body was read to its end, so that the connection can serve again. */
    void readToEnd() {
        isRead = true;
    }

    @Override
    public void close() {
        if (!isRead) {
            connection.disconnect();
        }
    }

    /**
     * @param first offset of the first byte
     * @param whole length of the whole, if the server knows it
     */
    record ContentRange(long first, OptionalLong whole) {}

    /** What tells one version of a resource from the next. */
    record Validators(Optional<String> etag, Optional<String> lastModified) {
        static final Validators NONE = new Validators(Optional.empty(), Optional.empty());

        /** What {@code If-Range} may carry: a strong ETag, or the time of the last change. */
        Optional<String> forRange() {
            return etag.filter(tag -> !tag.startsWith("W/")).or(() -> lastModified);
        }
    }
}
