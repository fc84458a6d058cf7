package io.aestus.metadata;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads one request of HTTP/1.1, by bounded parts. A body must say its length: none that is sent in chunks is taken.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112">RFC 9112</a>
 */
final class HttpReader {
    private static final int MAX_LINE_BYTES = 8 * 1024;
    private static final int MAX_HEADER_BYTES = 16 * 1024;
    private static final int MAX_HEADERS = 64;
    static final int MAX_BODY_BYTES = 1 << 20;

    private static final Pattern START = Pattern.compile("([A-Z]{1,16}) (\\S+) HTTP/(\\d)\\.(\\d)");
    private static final Pattern HEADER = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*(.*?)[ \\t]*");
    private static final Pattern LENGTH = Pattern.compile("\\d{1,18}");
    private static final Pattern ABSOLUTE = Pattern.compile("(?i)https?://[^/]*(/.*)");
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final InputStream in;
    private final OutputStream out;
    private boolean isAllRead;

    HttpReader(InputStream in, OutputStream out) {
        this.in = new BufferedInputStream(in);
        this.out = out;
    }

    /** The request up to its body. @return empty if the caller has gone without a word */
    Optional<HttpRequest> next() throws IOException, Refusal {
        Optional<String> first = line(MAX_LINE_BYTES, 414, "the request line");
        if (first.isEmpty()) {
            isAllRead = true;
            return Optional.empty();
        }
        var start = START.matcher(first.get());
        if (!start.matches()) {
            throw new Refusal(400, "this is no request of HTTP");
        }
        if (!start.group(3).equals("1")) {
            throw new Refusal(505, "this speaks HTTP/1.1");
        }
        Headers headers = headers();
        if (!start.group(4).equals("0") && headers.hosts != 1) {
            throw new Refusal(400, "a request must have one Host");
        }
        isAllRead = headers.isWithoutBody();
        return Optional.of(new HttpRequest(start.group(1), path(start.group(2)), () -> form(headers)));
    }

    /** Whether there may be more than was read. */
    boolean hasUnread() {
        return !isAllRead;
    }

    private static List<String> path(String target) throws Refusal {
        var absolute = ABSOLUTE.matcher(target);
        String local = absolute.matches() ? absolute.group(1) : target;
        if (!local.startsWith("/")) {
            throw new Refusal(400, "the target of a request must be a path");
        }
        int query = local.indexOf('?');
        return Arrays.asList(
                local.substring(1, query < 0 ? local.length() : query).split("/", -1));
    }

    // --- headers

    /** Those that mean something here. */
    private static final class Headers {
        private int hosts;
        private Optional<String> length = Optional.empty();
        private String type = "";
        private boolean isChunked;
        private boolean waits;

        boolean isWithoutBody() {
            return length.isEmpty() && !isChunked;
        }
    }

    private Headers headers() throws IOException, Refusal {
        var headers = new Headers();
        int left = MAX_HEADER_BYTES;
        for (int count = 0; ; count++) {
            String line = line(left, 431, "the header").orElseThrow(EOFException::new);
            if (line.isEmpty()) {
                return headers;
            }
            if (count == MAX_HEADERS) {
                throw new Refusal(431, "the header has more than " + MAX_HEADERS + " fields");
            }
            left -= line.length();
            add(line, headers);
        }
    }

    private static void add(String line, Headers headers) throws Refusal {
        var field = HEADER.matcher(line);
        if (!field.matches()) {
            throw new Refusal(400, "this is no field of a header");
        }
        String value = field.group(2);
        switch (field.group(1).toLowerCase(Locale.ROOT)) {
            case "host" -> headers.hosts++;
            case "transfer-encoding" -> headers.isChunked = true;
            case "content-type" -> headers.type = value.toLowerCase(Locale.ROOT);
            case "expect" -> headers.waits = value.equalsIgnoreCase("100-continue");
            case "content-length" -> {
                if (!LENGTH.matcher(value).matches()
                        || !headers.length.orElse(value).equals(value)) {
                    throw new Refusal(400, "the length of the body is no number, or several");
                }
                headers.length = Optional.of(value);
            }
            default -> {} // says nothing to us
        }
    }

    /**
     * The bytes up to the end of a line, each as one character.
     *
     * @return empty if nothing follows
     */
    private Optional<String> line(int limit, int statusBeyond, String what) throws IOException, Refusal {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                if (line.size() == 0) {
                    return Optional.empty();
                }
                throw new EOFException();
            }
            if (line.size() == limit) {
                throw new Refusal(statusBeyond, what + " is longer than " + limit + " bytes");
            }
            line.write(next);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        text = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
        if (text.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
            throw new Refusal(400, "there are control characters in " + what);
        }
        return Optional.of(text);
    }

    // --- body

    private Form form(Headers headers) throws IOException, Refusal {
        if (headers.isChunked || headers.length.isEmpty()) {
            throw new Refusal(411, "a form must say its length");
        }
        long length = Long.parseLong(headers.length.get());
        if (length > MAX_BODY_BYTES) {
            throw new Refusal(413, "a form may have " + MAX_BODY_BYTES + " bytes");
        }
        if (!headers.type.split(";", 2)[0].strip().equals("application/x-www-form-urlencoded")) {
            throw new Refusal(415, "this is asked by a form: application/x-www-form-urlencoded");
        }
        if (headers.waits) {
            out.write(CONTINUE);
        }
        byte[] body = in.readNBytes((int) length);
        isAllRead = true;
        if (body.length < length) {
            throw new EOFException();
        }
        return Form.read(body);
    }
}
