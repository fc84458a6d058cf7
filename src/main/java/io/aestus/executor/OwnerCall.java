package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodUuid;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;

/** Asks the owner of a pod for a change; the other side is {@link OwnerServer}. */
final class OwnerCall {
    /** An owner that says nothing for so long hangs. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private final PodUuid pod;
    private final OwnerSockets sockets;
    private final String socket;

    private OwnerCall(PodUuid pod, OwnerSockets sockets, String socket) {
        this.pod = pod;
        this.sockets = sockets;
        this.socket = socket;
    }

    /** That of a pod's owner; empty if nobody says to be it. */
    static Optional<OwnerCall> to(OwnerSockets sockets, PodUuid pod) throws IOException {
        return sockets.find(pod).map(socket -> new OwnerCall(pod, sockets, socket));
    }

    /**
     * Asks, and waits until it is done.
     *
     * @return false if the owner is gone or is not the owner any more
     * @throws AestusException what the owner refuses it with; {@link Problem#UNAVAILABLE} if it hangs
     */
    boolean asks(Change change) throws IOException {
        JsonObject question = JsonObject.builder()
                .put("pod", pod.toString())
                .put("change", change.toJson())
                .build();
        try (var channel = sockets.at(socket, SocketChannel::open)) {
            write(channel, OwnerServer.line(question));
            return answer(channel).filter(this::isDone).isPresent();
        } catch (SocketException _) { // nobody is there any more: refused, reset, or the socket is removed
            return false;
        }
    }

    private static void write(SocketChannel channel, byte[] line) throws IOException {
        var bytes = ByteBuffer.wrap(line);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private boolean isDone(JsonView answer) {
        Optional<JsonView> problem = answer.optional("problem");
        if (problem.isEmpty()) {
            return answer.isTrue("done");
        }
        var refused = new AestusException(
                Problem.valueOf(problem.get().string()),
                answer.required("message").string());
        throw answer.optional("remedy")
                .map(remedy -> refused.withRemedy(remedy.string()))
                .orElse(refused);
    }

    /** The last line. @return empty if the owner went away before it said so */
    private Optional<JsonView> answer(SocketChannel channel) throws IOException {
        var said = new ByteArrayOutputStream();
        var chunk = ByteBuffer.allocate(4096);
        channel.configureBlocking(false);
        try (Selector selector = Selector.open()) {
            channel.register(selector, SelectionKey.OP_READ);
            while (selector.select(SILENCE.toMillis()) > 0) {
                selector.selectedKeys().clear();
                int count = channel.read(chunk.clear());
                if (count < 0) {
                    byte[] line = said.toByteArray();
                    return line.length == 0
                            ? Optional.empty()
                            : Optional.of(JsonReader.readOwn(line, "the answer of the owner of pod " + pod));
                }
                take(chunk.flip(), said);
            }
        }
        throw new AestusException(
                Problem.UNAVAILABLE,
                "cannot change pod " + pod + ": the process that looks after it says nothing for " + SILENCE.toSeconds()
                        + " s");
    }

    /** Empty lines say that the owner is at it. */
    private static void take(ByteBuffer chunk, ByteArrayOutputStream said) throws IOException {
        while (chunk.hasRemaining()) {
            byte one = chunk.get();
            if (one != '\n') {
                said.write(one);
            }
        }
        if (said.size() > OwnerServer.LONGEST_LINE) {
            throw new IOException("the owner answers with more than " + OwnerServer.LONGEST_LINE + " bytes");
        }
    }
}
