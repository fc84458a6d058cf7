package io.aestus.metadata;

import io.aestus.json.Json;
import io.aestus.json.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What is said to a caller, before the connection ends. */
final class HttpAnswer {
    private static final int OK = 200;
    private static final String TEXT = "text/plain; charset=us-ascii";
    private static final String UNICODE = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";

    private final int status;
    private final String type;
    private final byte[] body;
    private final List<String> allowed;

    /** @param allowed methods, where another one was tried */
    private HttpAnswer(int status, String type, byte[] body, List<String> allowed) {
        this.status = status;
        this.type = type;
        this.body = body;
        this.allowed = List.copyOf(allowed);
    }

    /** How much of it. */
    enum Part {
        ALL,
        /** All but the body. */
        HEAD
    }

    static HttpAnswer text(String text) {
        return new HttpAnswer(OK, TEXT, text.getBytes(StandardCharsets.US_ASCII), List.of());
    }

    /** Text that somebody else wrote, in whatever language. */
    static HttpAnswer foreignText(String text) {
        return new HttpAnswer(OK, UNICODE, text.getBytes(StandardCharsets.UTF_8), List.of());
    }

    static HttpAnswer json(Json value) {
        return json(JsonWriter.compact(value));
    }

    /** JSON as somebody else wrote it. */
    static HttpAnswer json(byte[] text) {
        return new HttpAnswer(OK, JSON, text, List.of());
    }

    static HttpAnswer of(Refusal refusal) {
        byte[] why = (refusal.getMessage() + "\n").getBytes(StandardCharsets.US_ASCII);
        return new HttpAnswer(refusal.status(), TEXT, why, refusal.allowed());
    }

    void writeTo(OutputStream out, Part part) throws IOException {
        var head = new StringBuilder()
                .append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(reason())
                .append("\r\nContent-Type: ")
                .append(type)
                .append("\r\nContent-Length: ")
                .append(body.length)
                .append("\r\nCache-Control: no-store\r\nConnection: close\r\n");
        if (!allowed.isEmpty()) {
            head.append("Allow: ").append(String.join(", ", allowed)).append("\r\n");
        }
        byte[] first = head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        var whole = new byte[first.length + (part == Part.ALL ? body.length : 0)];
        System.arraycopy(first, 0, whole, 0, first.length);
        System.arraycopy(body, 0, whole, first.length, whole.length - first.length);
        out.write(whole);
    }

    private String reason() {
        return switch (status) {
            case OK -> "OK";
            case 400 -> "Bad Request";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 411 -> "Length Required";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 415 -> "Unsupported Media Type";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 503 -> "Service Unavailable";
            case 505 -> "HTTP Version Not Supported";
            default -> throw new IllegalStateException("no words for status " + status);
        };
    }
}
