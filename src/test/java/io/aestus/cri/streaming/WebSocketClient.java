package io.aestus.cri.streaming;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** The JDK's own WebSocket client, with what arrives sorted by channel. */
final class WebSocketClient implements WebSocket.Listener, AutoCloseable {
    private static final long LIMIT_SECONDS = 20;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Integer, ByteArrayOutputStream> received = new TreeMap<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private ByteArrayOutputStream message = new ByteArrayOutputStream();
    private StringBuilder text = new StringBuilder();
    private boolean isReading = true;
    final WebSocket socket;

    WebSocketClient(URI url, String... protocols) throws Exception {
        var builder = http.newWebSocketBuilder().connectTimeout(Duration.ofSeconds(LIMIT_SECONDS));
        if (protocols.length > 0) {
            builder.subprotocols(protocols[0], java.util.Arrays.copyOfRange(protocols, 1, protocols.length));
        }
        socket = builder.buildAsync(URI.create(url.toString().replace("http:", "ws:")), this)
                .get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    void send(int channel, String data) throws Exception {
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        sendBytes(ByteBuffer.allocate(bytes.length + 1)
                .put((byte) channel)
                .put(bytes)
                .flip());
    }

    void sendText(int channel, String data) throws Exception {
        String encoded = Base64.getEncoder().encodeToString(data.getBytes(StandardCharsets.UTF_8));
        socket.sendText(channel + encoded, true).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** As version 5 has it. */
    void end(int channel) throws Exception {
        sendBytes(ByteBuffer.wrap(new byte[] {(byte) 0xff, (byte) channel}));
    }

    void sendBytes(ByteBuffer bytes) throws Exception {
        socket.sendBinary(bytes, true).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** Takes nothing more from the connection. */
    synchronized void stopReading() {
        isReading = false;
    }

    synchronized void goOnReading() {
        isReading = true;
        socket.request(1);
    }

    synchronized String received(int channel) {
        var bytes = received.get(channel);
        return bytes == null ? "" : bytes.toString(StandardCharsets.UTF_8);
    }

    synchronized boolean hasChannel(int channel) {
        return received.containsKey(channel);
    }

    synchronized int count(int channel) {
        var bytes = received.get(channel);
        return bytes == null ? 0 : bytes.size();
    }

    /** Waits for text on a channel. */
    synchronized String await(int channel, Predicate<String> wanted) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!wanted.test(received(channel))) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new TimeoutException("channel " + channel + " has only: " + received(channel));
            }
            wait(left);
        }
        return received(channel);
    }

    /** Waits for the server's goodbye. */
    WebSocketClient awaitClose() throws Exception {
        closed.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        return this;
    }

    @Override
    public synchronized CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        message.writeBytes(bytes);
        if (last) {
            take(message.toByteArray());
            message = new ByteArrayOutputStream();
        }
        if (isReading) {
            webSocket.request(1);
        }
        return null;
    }

    @Override
    public synchronized CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            byte[] decoded = Base64.getDecoder().decode(text.substring(1));
            var bytes = ByteBuffer.allocate(decoded.length + 1)
                    .put((byte) (text.charAt(0) - '0'))
                    .put(decoded);
            take(bytes.array());
            text = new StringBuilder();
        }
        webSocket.request(1);
        return null;
    }

    private void take(byte[] whole) {
        received.computeIfAbsent((int) whole[0], _ -> new ByteArrayOutputStream())
                .write(whole, 1, whole.length - 1);
        notifyAll();
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
        closed.complete(code);
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        closed.completeExceptionally(error);
    }

    @Override
    public void close() {
        socket.abort();
        http.shutdownNow();
        http.close();
    }
}
