package io.aestus.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A command that runs a container in the foreground until it is told to end: from its call to the first line of what it runs. */
final class StartedCommand {
    private static final long LIMIT_SECONDS = 60;

    private final IntFunction<List<String>> command;
    private final IntFunction<List<String>> ending;
    private final Path complaints;
    private @Nullable Process process;
    private int count;

    /**
     * @param command what to run in each round
     * @param ending what asks it to end; nothing for a signal
     * @param complaints where it may write what it has to say besides
     */
    StartedCommand(IntFunction<List<String>> command, IntFunction<List<String>> ending, Path complaints) {
        this.command = command;
        this.ending = ending;
        this.complaints = complaints;
    }

    /** @throws IOException when it does not say {@code line} first */
    Duration start(String line) throws IOException {
        List<String> words = command.apply(++count);
        long begin = System.nanoTime();
        process = new ProcessBuilder(words)
                .redirectError(Redirect.to(complaints.toFile()))
                .start();
        @SuppressWarnings("resource") // its process is ended by end()
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String said = output.readLine();
        long end = System.nanoTime();
        if (!line.equals(said)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", words) + " said " + said + ", and " + Files.readString(complaints));
        }
        return Duration.ofNanos(end - begin);
    }

    /** From asking it to end to its end. */
    Duration end() throws IOException, InterruptedException {
        if (process == null) {
            throw new IllegalStateException("it was not started");
        }
        long begin = System.nanoTime();
        List<String> words = ending.apply(count);
        if (words.isEmpty()) {
            process.destroy();
        } else {
            SideBySide.run(words);
        }
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("it goes on: " + process.info());
        }
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
