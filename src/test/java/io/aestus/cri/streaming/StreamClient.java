package io.aestus.cri.streaming;

import com.google.protobuf.ByteString;
import io.aestus.testing.TestTier;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The client library of kubectl and the kubelet, as a process: {@code src/test/go/stream-client}. */
public final class StreamClient implements AutoCloseable {
    private static final long LIMIT_SECONDS = 60;

    private final Process process;

    /** How it ended, and what it wrote. */
    public record Outcome(int code, ByteString output, String stderr) {
        public byte[] bytes() {
            return output.toByteArray();
        }

        public String stdout() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }
    }

    private StreamClient(Process process) {
        this.process = process;
    }

    /** Skips the test, with the reason, where the client was not built. */
    private static Path program() {
        Path program = TestTier.clusterTools().resolve("stream-client");
        Assumptions.assumeTrue(Files.isExecutable(program), "there is no stream-client (scripts/cluster-tools)");
        return program;
    }

    /** Opens the URL of a command. */
    public static StreamClient command(URI url, String... options) throws IOException {
        return command(List.of(), url, options);
    }

    /** The same from elsewhere, by a program that executes the rest of its arguments there. */
    public static StreamClient command(List<String> entrance, URI url, String... options) throws IOException {
        var command = new ArrayList<>(entrance);
        command.add(program().toString());
        command.addAll(List.of(options));
        command.addAll(List.of("command", url.toString()));
        return new StreamClient(new ProcessBuilder(command).start());
    }

    /** Opens the URL of a port-forward. */
    public static StreamClient forward(URI url, String transport, int port) throws IOException {
        return forward(List.of(), url, transport, port);
    }

    /** The same from elsewhere. */
    public static StreamClient forward(List<String> entrance, URI url, String transport, int port) throws IOException {
        var command = new ArrayList<>(entrance);
        command.addAll(List.of(program().toString(), "-transport", transport, "forward", url.toString(), ":" + port));
        return new StreamClient(new ProcessBuilder(command).start());
    }

    /** The local port that it forwards. */
    public int awaitPort() throws IOException {
        BufferedReader reader = process.inputReader();
        String line = reader.readLine();
        if (line == null) {
            throw new IOException(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        return Integer.parseInt(line.split(" ", -1)[1]);
    }

    /** What it is told. */
    public BufferedReader stdout() {
        return process.inputReader(StandardCharsets.UTF_8);
    }

    public OutputStream stdin() {
        return process.getOutputStream();
    }

    /** Whether it goes on. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Gives it all its input, and waits for its end. */
    public Outcome run(byte[] stdin) throws Exception {
        var stdout = CompletableFuture.supplyAsync(() -> readAll(process.getInputStream()));
        var stderr = CompletableFuture.supplyAsync(() -> readAll(process.getErrorStream()));
        try (OutputStream out = process.getOutputStream()) {
            out.write(stdin);
        } catch (IOException e) {
            System.getLogger("test").log(System.Logger.Level.DEBUG, "it did not read all", e);
        }
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            close();
            throw new AssertionError("stream-client did not end within " + LIMIT_SECONDS + " s");
        }
        return new Outcome(
                process.exitValue(),
                ByteString.copyFrom(stdout.get()),
                new String(stderr.get(), StandardCharsets.UTF_8));
    }

    private static byte[] readAll(java.io.InputStream in) {
        try (in) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What was started, the last first: an entrance may wait for the client instead of becoming it. */
    List<ProcessHandle> processes() {
        var all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        return all;
    }

    @Override
    public void close() {
        List<ProcessHandle> all = processes();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(each -> each.onExit().join());
    }
}
