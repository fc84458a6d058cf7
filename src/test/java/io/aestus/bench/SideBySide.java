package io.aestus.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures contestants in turns, so that a noisy moment hits all of them, and prints medians with their ratios to the first
 * one. Machines differ and are noisy: only the ratios of one run mean anything.
 */
public final class SideBySide {
    /** One turn of one contestant. */
    public interface Turn {
        /** How long the part that counts has taken. */
        Duration take() throws Exception;
    }

    private final Map<String, Turn> contestants = new LinkedHashMap<>();
    private final int warmUps;
    private final int rounds;

    public SideBySide(int warmUps, int rounds) {
        this.warmUps = warmUps;
        this.rounds = rounds;
    }

    public SideBySide with(String name, Turn turn) {
        contestants.put(name, turn);
        return this;
    }

    /** A command as a whole process; it must exit with 0. */
    SideBySide with(String name, List<String> command) {
        return with(name, () -> {
            long begin = System.nanoTime();
            run(command);
            return Duration.ofNanos(System.nanoTime() - begin);
        });
    }

    /** Runs a command silently. @throws IOException unless it exits with 0 */
    static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Path.of("/dev/null").toFile())
                .start();
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException(String.join(" ", command) + " exited with " + code);
        }
    }

    /** Runs all and prints a table in Markdown. */
    public void print(String title) throws Exception {
        var times = new LinkedHashMap<String, List<Long>>();
        for (int i = 0; i < warmUps + rounds; i++) {
            for (var contestant : contestants.entrySet()) {
                long nanos = contestant.getValue().take().toNanos();
                if (i >= warmUps) {
                    times.computeIfAbsent(contestant.getKey(), _ -> new ArrayList<>())
                            .add(nanos);
                }
            }
        }
        System.out.println("| " + title + " | median ms | minimum ms | against the first |");
        System.out.println("|---|---|---|---|");
        double first = 0;
        for (var time : times.entrySet()) {
            long[] sorted =
                    time.getValue().stream().mapToLong(Long::longValue).sorted().toArray();
            double median = sorted[sorted.length / 2] / 1e6;
            first = first == 0 ? median : first;
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.2f | %.2f | %.2f× |%n",
                    time.getKey(),
                    median,
                    Arrays.stream(sorted).min().orElseThrow() / 1e6,
                    median / first);
        }
        System.out.printf("%n%d rounds in turns after %d to warm up.%n%n", rounds, warmUps);
    }
}
