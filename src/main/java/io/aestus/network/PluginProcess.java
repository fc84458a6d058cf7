package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One run of a plugin's program: a text in, a text out, within a time. Its three streams have a thread each, since a program
 * may fill one while it waits for another.
 */
final class PluginProcess {
    static final int MOST_OUTPUT = 1 << 20;
    private static final int MOST_COMPLAINT = 16 << 10;

    /** For a stream to end after its program has: a child of the program may still hold it. */
    private static final Duration LINGER = Duration.ofSeconds(2);

    private PluginProcess() {}

    /** What a program left. */
    static final class Output {
        private final int code;
        private final byte[] text;
        private final String complaint;

        private Output(int code, byte[] text, String complaint) {
            this.code = code;
            this.text = text;
            this.complaint = complaint;
        }

        int code() {
            return code;
        }

        byte[] text() {
            return text.clone();
        }

        String asText() {
            return new String(text, StandardCharsets.UTF_8);
        }

        boolean isSilent() {
            return asText().isBlank();
        }

        /** The beginning of what it wrote to standard error. */
        String complaint() {
            return complaint;
        }
    }

    /**
     * Runs {@code program} to its end. It and its children are killed when it takes longer than {@code limit}.
     *
     * @throws AestusException {@link Problem#UNAVAILABLE} when it takes too long, says too much, or we are interrupted
     */
    static Output run(Path program, Map<String, String> environment, byte[] input, Duration limit) {
        var builder =
                new ProcessBuilder(program.toString()).directory(Path.of("/").toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot run " + program + ": " + e.getMessage(), e);
        }
        var text = new Collector(process.getInputStream(), MOST_OUTPUT);
        var complaint = new Collector(process.getErrorStream(), MOST_COMPLAINT);
        try {
            Thread feeder = thread("stdin", () -> feed(process.getOutputStream(), input));
            feeder.start();
            text.thread.start();
            complaint.thread.start();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw failed(program, "it did not end within " + limit.toMillis() + " ms");
            }
            if (!text.thread.join(LINGER)) {
                throw failed(program, "it ended and left its output open");
            }
            complaint.thread.join(LINGER);
            if (text.isTooLong()) {
                throw failed(program, "it wrote more than " + MOST_OUTPUT + " bytes");
            }
            return new Output(process.exitValue(), text.bytes(), complaint.text());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(program, "interrupted");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static AestusException failed(Path program, String why) {
        return new AestusException(Problem.UNAVAILABLE, "cannot run " + program + ": " + why);
    }

    private static Thread thread(String name, Runnable work) {
        return Thread.ofPlatform()
                .daemon()
                .name("aestus-plugin-" + name)
                .inheritInheritableThreadLocals(false)
                .unstarted(work);
    }

    private static void feed(OutputStream to, byte[] input) {
        try (to) {
            to.write(input);
        } catch (IOException _) {
            // It does not want to know: its answer says why.
            return;
        }
    }

    /** Keeps the beginning of a stream and takes all of it, so that the program never waits for us. */
    private static final class Collector {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final int limit;
        private final Thread thread;
        private boolean tooLong;

        Collector(InputStream from, int limit) {
            this.limit = limit;
            this.thread = PluginProcess.thread("output", () -> collect(from));
        }

        private void collect(InputStream from) {
            try (from) {
                var piece = new byte[8192];
                for (int length = from.read(piece); length >= 0; length = from.read(piece)) {
                    keep(piece, length);
                }
            } catch (IOException e) {
                keep(new byte[0], 0); // killed with it: what was read is what there is
            }
        }

        private synchronized void keep(byte[] piece, int length) {
            int room = Math.min(length, limit - kept.size());
            kept.write(piece, 0, room);
            tooLong |= room < length;
        }

        synchronized boolean isTooLong() {
            return tooLong;
        }

        synchronized byte[] bytes() {
            return kept.toByteArray();
        }

        synchronized String text() {
            return kept.toString(StandardCharsets.UTF_8);
        }
    }
}
