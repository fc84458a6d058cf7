package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.fetch.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FetchProgressTest {
    private static final long MIB = 1 << 20;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private FetchProgress to(boolean isTerminal, String columns) {
        return new FetchProgress(
                new PrintStream(err, true, StandardCharsets.UTF_8), Dialect.AESTUS, isTerminal, columns, () -> now);
    }

    private static Progress.Report received(long bytes, long rate) {
        return new Progress.Report("example.com/web", Progress.Phase.RECEIVING, bytes, OptionalLong.of(40 * MIB), rate);
    }

    private static Progress.Report in(Progress.Phase phase, long bytes) {
        return new Progress.Report("example.com/web", phase, bytes, OptionalLong.empty(), 0);
    }

    private String shown() {
        String text = err.toString(StandardCharsets.UTF_8);
        err.reset();
        return text;
    }

    @Test
    void a_terminal_has_one_line_that_is_written_over() {
        var progress = to(true, "200");
        progress.update(in(Progress.Phase.DISCOVERING, 0));
        assertEquals("\rexample.com/web: asking where it is", shown());
        progress.update(received(10 * MIB, 5 * MIB));
        assertEquals("\rexample.com/web: 10.0 MiB of 40.0 MiB (25%), 5.0 MiB/s, 6s left", shown());
        now = now.plusSeconds(8);
        progress.update(in(Progress.Phase.DONE, 40 * MIB));
        String end = shown();
        assertTrue(end.startsWith("\r ") && end.endsWith("\rexample.com/web: 40.0 MiB in 8s\n"), end);
    }

    @Test
    void a_line_never_wraps_and_what_is_longer_than_the_next_is_wiped() {
        var progress = to(true, "30");
        progress.update(received(10 * MIB, 5 * MIB));
        assertEquals("\rexample.com/web: 10.0 MiB of 4".substring(0, 30), shown());
        progress.update(received(0, 0));
        progress.close();
        String end = shown();
        assertTrue(end.endsWith("\r" + " ".repeat(29) + "\r"), end);
    }

    @Test
    void a_file_gets_lines_only_of_what_takes_long() {
        var progress = to(false, null);
        progress.update(received(MIB, MIB));
        now = now.plusSeconds(9);
        progress.update(received(9 * MIB, MIB));
        progress.update(in(Progress.Phase.DONE, 40 * MIB));
        assertEquals("", shown());
        now = now.plusSeconds(1);
        progress.update(received(10 * MIB, MIB));
        assertEquals("aestus: example.com/web: 10.0 MiB of 40.0 MiB (25%), 1.0 MiB/s, 30s left\n", shown());
        progress.update(in(Progress.Phase.DONE, 40 * MIB));
        assertEquals("aestus: example.com/web: 40.0 MiB in 10s\n", shown());
    }

    @Test
    void a_notice_is_a_line_of_its_own() {
        var progress = to(true, "80");
        progress.update(in(Progress.Phase.TRUSTING, 0));
        progress.notice("trying the next place");
        assertTrue(shown().endsWith("\raestus: trying the next place\n"));
    }
}
