package io.aestus.cli;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.aestus.Quoted;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Publishes a directory of images over https, in the two ways that clients ask: by discovery, where a page for each image's
 * name leads to its archive, signature and keys; and by file name. For one host or many: whoever is asked by the name of an
 * image's host answers for that name. Files may come and go while it runs.
 */
final class RepositoryServer implements AutoCloseable {
    private static final Pattern BY_NAME = Pattern.compile("/images/([^/]+)/([^/]+)/([^/]+)/(.+)\\.(aci|aci\\.asc)");
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");
    private static final Pattern AUTHORITY = Pattern.compile("([A-Za-z0-9.-]+|\\[[0-9a-fA-F:.]+])(:\\d{1,5})?");
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final int BUFFER = 256 << 10;

    private final HttpsServer server;
    private final ExecutorService threads;
    private final RepositoryIndex index;
    private final Consumer<String> log;

    private RepositoryServer(HttpsServer server, RepositoryIndex index, Consumer<String> log) {
        this.server = server;
        this.threads = Executors.newVirtualThreadPerTaskExecutor();
        this.index = index;
        this.log = log;
    }

    /**
     * Starts to listen; returns at once.
     *
     * @param address port 0 for one of the kernel's choice
     * @param log told of each request, one line
     */
    static RepositoryServer start(
            RepositoryIndex index, InetSocketAddress address, RepositoryCertificate certificate, Consumer<String> log)
            throws IOException {
        var server = HttpsServer.create(address, 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        var repository = new RepositoryServer(server, index, log);
        server.setExecutor(repository.threads);
        server.createContext("/", repository::serve);
        server.start();
        return repository;
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Ends every transfer. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            int status = answer(exchange);
            log.accept(exchange.getRemoteAddress().getAddress().getHostAddress() + " " + exchange.getRequestMethod()
                    + " " + Quoted.of(exchange.getRequestURI().toString()) + " " + status);
        }
    }

    private int answer(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return send(exchange, 405, "text/plain", "only GET and HEAD\n");
        }
        String host = exchange.getRequestHeaders().getFirst("Host");
        if (host == null || !AUTHORITY.matcher(host).matches()) {
            return send(exchange, 400, "text/plain", "no usable Host header\n");
        }
        String path = exchange.getRequestURI().getPath();
        String query = exchange.getRequestURI().getRawQuery();
        if (query != null && List.of(query.split("&")).contains("ac-discovery=1")) {
            return discover(exchange, host, path);
        }
        if (path.equals("/")) {
            return overview(exchange);
        }
        Optional<Path> file = byName(path).or(() -> byFile(path));
        return file.isPresent() ? sendFile(exchange, file.get()) : notFound(exchange);
    }

    private int notFound(HttpExchange exchange) throws IOException {
        return send(exchange, 404, "text/plain", "not here\n");
    }

    private Optional<Path> byFile(String path) {
        try {
            return index.file(path.substring(1));
        } catch (IOException e) {
            log.accept("cannot read directory: " + e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<Path> byName(String path) {
        Matcher asked = BY_NAME.matcher(path);
        if (!asked.matches()) {
            return Optional.empty();
        }
        try {
            Optional<RepositoryIndex.Image> image =
                    index.find(asked.group(4), asked.group(1), asked.group(2), asked.group(3));
            if (asked.group(5).equals("aci")) {
                return image.map(RepositoryIndex.Image::file);
            }
            return image.flatMap(found -> byFile("/" + found.file().getFileName() + ".asc"));
        } catch (IOException e) {
            log.accept("cannot read directory: " + e.getMessage());
            return Optional.empty();
        }
    }

    /** The page of one name: its tags speak for that name and all below it. */
    private int discover(HttpExchange exchange, String authority, String path) throws IOException {
        String host = authority.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
        String name = host + (path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
        if (!index.covers(name)) {
            return notFound(exchange);
        }
        String base = "https://" + authority + "/";
        var page = new StringBuilder("<!doctype html>\n<title>")
                .append(escaped(name))
                .append("</title>\n");
        tag(page, "ac-discovery", name + " " + base + "images/{version}/{os}/{arch}/{name}.{ext}");
        for (Path key : index.keys()) {
            tag(page, "ac-discovery-pubkeys", name + " " + base + encoded(key));
        }
        return send(exchange, 200, "text/html; charset=utf-8", page.toString());
    }

    private static void tag(StringBuilder page, String name, String content) {
        page.append("<meta name=\"")
                .append(name)
                .append("\" content=\"")
                .append(escaped(content))
                .append("\">\n");
    }

    /** For people. */
    private int overview(HttpExchange exchange) throws IOException {
        var page = new StringBuilder("<!doctype html>\n<title>App Container Images</title>\n<ul>\n");
        for (RepositoryIndex.Image image : index.images()) {
            String shown = image.manifest().name() + (image.version().isEmpty() ? "" : ":" + image.version());
            link(page, image.file(), shown);
        }
        for (Path key : index.keys()) {
            link(page, key, key.getFileName().toString());
        }
        return send(
                exchange,
                200,
                "text/html; charset=utf-8",
                page.append("</ul>\n").toString());
    }

    private static void link(StringBuilder page, Path file, String shown) {
        page.append("<li><a href=\"/")
                .append(escaped(encoded(file)))
                .append("\">")
                .append(escaped(shown))
                .append("</a>\n");
    }

    private static String encoded(Path file) {
        return URLEncoder.encode(file.getFileName().toString(), StandardCharsets.UTF_8)
                .replace("+", "%20");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static int send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        return send(exchange, status, body.length, out -> out.write(body));
    }

    private interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    private static int send(HttpExchange exchange, int status, long length, Body body) throws IOException {
        boolean hasBody = length > 0 && exchange.getRequestMethod().equals("GET");
        if (!hasBody && length > 0) {
            exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
        }
        exchange.sendResponseHeaders(status, hasBody ? length : -1);
        if (hasBody) {
            try (OutputStream out = exchange.getResponseBody()) {
                body.writeTo(out);
            }
        }
        return status;
    }

    private static int sendFile(HttpExchange exchange, Path file) throws IOException {
        try (FileChannel content = FileChannel.open(file)) {
            long size = content.size();
            Instant changed = Files.getLastModifiedTime(file).toInstant();
            String etag = "\"" + Long.toHexString(size) + "-" + Long.toHexString(changed.getEpochSecond()) + "-"
                    + Integer.toHexString(changed.getNano()) + "\"";
            Headers response = exchange.getResponseHeaders();
            response.set("Content-Type", "application/octet-stream");
            response.set("ETag", etag);
            response.set("Last-Modified", HTTP_DATE.format(changed));
            response.set("Accept-Ranges", "bytes");
            Headers request = exchange.getRequestHeaders();
            if (etag.equals(request.getFirst("If-None-Match"))) {
                return send(exchange, 304, 0, _ -> {});
            }
            Optional<Part> part = part(request, etag, HTTP_DATE.format(changed), size);
            if (part.isEmpty()) {
                return send(exchange, 200, size, out -> copy(content, 0, size, out));
            }
            Part asked = part.get();
            if (asked.first >= size || asked.last < asked.first) {
                response.set("Content-Range", "bytes */" + size);
                return send(exchange, 416, 0, _ -> {});
            }
            response.set("Content-Range", "bytes " + asked.first + "-" + asked.last + "/" + size);
            return send(
                    exchange,
                    206,
                    asked.last - asked.first + 1,
                    out -> copy(content, asked.first, asked.last - asked.first + 1, out));
        }
    }

    private record Part(long first, long last) {}

    /** What of the file is asked for; empty for all of it, also if the condition does not hold any more. */
    private static Optional<Part> part(Headers request, String etag, String changed, long size) {
        Matcher range =
                RANGE.matcher(Optional.ofNullable(request.getFirst("Range")).orElse(""));
        String condition = request.getFirst("If-Range");
        if (!range.matches() || (condition != null && !condition.equals(etag) && !condition.equals(changed))) {
            return Optional.empty();
        }
        String first = range.group(1);
        String last = range.group(2);
        if (first.isEmpty()) {
            return last.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Part(Math.max(0, size - Long.parseLong(last)), size - 1));
        }
        long end = last.isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(last));
        return Optional.of(new Part(Long.parseLong(first), end));
    }

    private static void copy(FileChannel from, long first, long length, OutputStream to) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (long done = 0; done < length; ) {
            int count = from.read(ByteBuffer.wrap(buffer, 0, (int) Math.min(BUFFER, length - done)), first + done);
            if (count < 0) {
                throw new IOException("the file became shorter");
            }
            to.write(buffer, 0, count);
            done += count;
        }
    }
}
