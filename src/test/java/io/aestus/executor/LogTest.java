package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.executor.LogLine.Stream;
import io.aestus.linux.Pipe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What apps write, on its way from their pipes into their logs, and out of those again. */
@Timeout(60)
class LogTest {
    private static final Instant NOW = Instant.parse("2016-10-06T00:17:09.669794202Z");
    private static final String STAMP = NOW + " stdout ";

    @TempDir
    Path directory;

    private LogPump pump;
    private final List<String> stalls = new CopyOnWriteArrayList<>();

    @BeforeEach
    void open() throws IOException {
        pump = LogPump.open(Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void close() {
        pump.close();
    }

    private AppOutput output(Optional<LogRotation> rotation) {
        var place = new AppOutput.Place(directory.resolve("log"), rotation, directory.resolve("log.state"));
        return new AppOutput(pump, place, stalls::add);
    }

    private static void write(Pipe pipe, String text) throws IOException {
        pipe.writer().writeFully(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Has an app write that, and end. */
    private String written(Optional<LogRotation> rotation, String... texts) throws Exception {
        AppOutput output = output(rotation);
        Pipe pipe = Pipe.open();
        output.add(Stream.STDOUT, pipe.reader(), AppOptions.Terminal.NONE);
        for (String text : texts) {
            write(pipe, text);
        }
        pipe.writer().close();
        output.finish(Duration.ofSeconds(20)).get(20, TimeUnit.SECONDS);
        return Files.readString(directory.resolve("log"));
    }

    @Test
    void an_entry_has_the_time_the_stream_and_a_tag() throws Exception {
        assertEquals(STAMP + "F one\n" + STAMP + "F \n" + STAMP + "F two\n", written(Optional.empty(), "one\n\ntwo\n"));
    }

    @Test
    void a_line_without_an_end_is_ended() throws Exception {
        String log = written(Optional.empty(), "no end");
        assertTrue(log.equals(STAMP + "F no end\n") || log.equals(STAMP + "P no end\n" + STAMP + "F \n"), () -> log);
    }

    @Test
    void a_long_line_is_split() throws Exception {
        String line = "x".repeat(LogFormat.LONGEST_TEXT) + "y".repeat(LogFormat.LONGEST_TEXT) + "z";
        String log = written(Optional.empty(), line + "\n");
        assertEquals(
                STAMP + "P " + "x".repeat(LogFormat.LONGEST_TEXT) + "\n" + STAMP + "P "
                        + "y".repeat(LogFormat.LONGEST_TEXT) + "\n" + STAMP + "F z\n",
                log);
    }

    @Test
    void a_line_just_as_long_as_an_entry_is_whole() throws Exception {
        String line = "x".repeat(LogFormat.LONGEST_TEXT);
        assertEquals(STAMP + "F " + line + "\n", written(Optional.empty(), line + "\n"));
    }

    @Test
    void nothing_but_line_feeds_fits_too() throws Exception {
        String log = written(Optional.empty(), "\n".repeat(60_000));
        assertEquals(60_000, log.lines().count());
    }

    @Test
    void entries_are_read_as_they_were_written() throws Exception {
        written(Optional.empty(), "one\n\nthr\u00e9e\n");
        try (var reader = new LogReader(new LogFiles(directory.resolve("log")), LogQuery.all(), () -> false)) {
            var first = reader.next(Duration.ZERO).orElseThrow();
            assertEquals(NOW, first.at());
            assertEquals(Stream.STDOUT, first.stream());
            assertFalse(first.isPartial());
            assertArrayEquals("one".getBytes(StandardCharsets.UTF_8), first.text());
            assertEquals("stdout F ", Node.show(reader.next(Duration.ZERO).orElseThrow()));
            assertEquals(
                    "stdout F thr\u00e9e", Node.show(reader.next(Duration.ZERO).orElseThrow()));
            assertEquals(Optional.empty(), reader.next(Duration.ZERO));
            assertTrue(reader.atEnd());
        }
    }

    // --- rotation

    private List<String> read(LogQuery query) throws Exception {
        var lines = new ArrayList<String>();
        try (var reader = new LogReader(new LogFiles(directory.resolve("log")), query, () -> false)) {
            for (var line = reader.next(Duration.ZERO); line.isPresent(); line = reader.next(Duration.ZERO)) {
                lines.add(new String(line.get().text(), StandardCharsets.UTF_8));
            }
        }
        return lines;
    }

    @Test
    void a_full_log_is_put_aside_and_old_ones_go() throws Exception {
        var rotation = Optional.of(new LogRotation(200, 3));
        for (int i = 0; i < 20; i++) {
            written(rotation, "line " + i + "\n");
        }
        try (var files = Files.list(directory)) {
            assertEquals(
                    List.of("log", "log.1", "log.2", "log.state"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        var lines = read(LogQuery.all());
        assertEquals("line 19", lines.getLast());
        assertTrue(lines.size() >= 9 && lines.size() < 20, lines::toString);
    }

    @Test
    void the_tail_goes_back_over_files() throws Exception {
        var rotation = Optional.of(new LogRotation(120, 9));
        for (int i = 0; i < 10; i++) {
            written(rotation, "line " + i + "\n");
        }
        assertEquals(List.of("line 9"), read(LogQuery.all().last(1)));
        assertEquals(
                List.of("line 4", "line 5", "line 6", "line 7", "line 8", "line 9"),
                read(LogQuery.all().last(6)));
        assertEquals(10, read(LogQuery.all().last(1000)).size());
        assertEquals(List.of(), read(LogQuery.all().last(0)));
    }

    @Test
    void a_tail_has_no_line_that_comes_while_it_is_read() throws Exception {
        written(Optional.empty(), "one\n", "two\n");
        Path log = directory.resolve("log");
        try (var reader = new LogReader(new LogFiles(log), LogQuery.all().last(1), () -> true)) {
            Files.writeString(log, STAMP + "F three\n", StandardOpenOption.APPEND);
            assertEquals("stdout F two", Node.show(reader.next(Duration.ZERO).orElseThrow()));
            assertEquals(Optional.empty(), reader.next(Duration.ZERO));
            assertTrue(reader.atEnd());
        }
    }

    @Test
    void who_follows_misses_nothing_when_files_are_put_aside() throws Exception {
        int count = 2000;
        AppOutput output = output(Optional.of(new LogRotation(2000, 50)));
        Pipe pipe = Pipe.open();
        output.add(Stream.STDOUT, pipe.reader(), AppOptions.Terminal.NONE);
        write(pipe, "line 0\n");
        var isWritten = new AtomicBoolean(true);
        var writer = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 1; i < count; i++) {
                    write(pipe, "line " + i + "\n");
                }
                pipe.writer().close();
                output.finish(Duration.ofSeconds(20)).join();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            isWritten.set(false);
        });
        try (var reader = new LogReader(
                new LogFiles(directory.resolve("log")), LogQuery.all().following(), isWritten::get)) {
            for (int i = 0; i < count; i++) {
                assertEquals(
                        "stdout F line " + i, Node.show(reader.next(Node.SOON).orElseThrow()));
            }
            assertEquals(Optional.empty(), reader.next(Node.SOON));
            assertTrue(reader.atEnd());
        }
        writer.join();
    }

    @Test
    void a_log_that_somebody_renamed_goes_on_in_a_new_file() throws Exception {
        AppOutput output = output(Optional.empty());
        Pipe pipe = Pipe.open();
        output.add(Stream.STDOUT, pipe.reader(), AppOptions.Terminal.NONE);
        write(pipe, "one\n");
        await(() -> Files.exists(directory.resolve("log")) && Files.size(directory.resolve("log")) > 0);
        Files.move(directory.resolve("log"), directory.resolve("old"));
        output.reopen().join();
        write(pipe, "two\n");
        pipe.writer().close();
        output.finish(Duration.ofSeconds(20)).join();
        assertEquals(STAMP + "F one\n", Files.readString(directory.resolve("old")));
        assertEquals(STAMP + "F two\n", Files.readString(directory.resolve("log")));
    }

    // --- trouble

    @Test
    void a_log_that_cannot_be_written_keeps_its_bytes_in_the_pipe() throws Exception {
        Files.createDirectory(directory.resolve("log")); // no file can be opened there
        AppOutput output = output(Optional.empty());
        Pipe pipe = Pipe.open();
        output.add(Stream.STDOUT, pipe.reader(), AppOptions.Terminal.NONE);
        write(pipe, "one\n");
        await(() -> !stalls.isEmpty());
        assertEquals(4, Pipe.available(pipe.reader()));
        Files.delete(directory.resolve("log"));
        write(pipe, "two\n");
        pipe.writer().close();
        output.finish(Duration.ofSeconds(20)).join();
        assertEquals(STAMP + "F one\n" + STAMP + "F two\n", Files.readString(directory.resolve("log")));
        assertEquals(1, stalls.size(), stalls::toString);
    }

    @Test
    void one_stalled_log_does_not_hold_up_another() throws Exception {
        var broken = new AppOutput(
                pump,
                new AppOutput.Place(directory.resolve("no/such/log"), Optional.empty(), directory.resolve("state")),
                stalls::add);
        Pipe stuck = Pipe.open();
        broken.add(Stream.STDOUT, stuck.reader(), AppOptions.Terminal.NONE);
        write(stuck, "lost for now\n");
        await(() -> !stalls.isEmpty());
        assertEquals(STAMP + "F fine\n", written(Optional.empty(), "fine\n"));
        broken.drop().join();
        stuck.close();
    }

    @Test
    void nobody_waits_for_a_log_whose_directory_is_gone() throws Exception {
        var place = new AppOutput.Place(directory.resolve("no/such/log"), Optional.empty(), directory.resolve("state"));
        var broken = new AppOutput(pump, place, stalls::add);
        Pipe pipe = Pipe.open();
        broken.add(Stream.STDOUT, pipe.reader(), AppOptions.Terminal.NONE);
        write(pipe, "for nobody\n");
        await(() -> !stalls.isEmpty());
        pipe.writer().close();
        broken.finish(Duration.ofDays(1)).get(20, TimeUnit.SECONDS);
    }

    @Test
    void what_was_half_written_is_cut_off() throws Exception {
        written(Optional.empty(), "whole\n");
        Path log = directory.resolve("log");
        long length = Files.size(log);
        try (var journal = LogJournal.open(directory.resolve("log.state"))) {
            journal.begin((Long) Files.getAttribute(log, "unix:ino"), length);
        }
        Files.writeString(log, "half an ent", StandardOpenOption.APPEND);
        assertEquals(STAMP + "F whole\n" + STAMP + "F half an entry\n", written(Optional.empty(), "half an entry\n"));
    }

    @Test
    void what_was_half_written_into_another_file_is_left_alone() throws Exception {
        written(Optional.empty(), "whole\n");
        try (var journal = LogJournal.open(directory.resolve("log.state"))) {
            journal.begin(1, 0);
        }
        assertEquals(STAMP + "F whole\n" + STAMP + "F more\n", written(Optional.empty(), "more\n"));
    }

    @Test
    void a_log_does_not_follow_a_symbolic_link() throws Exception {
        Path target = Files.createFile(directory.resolve("target"));
        Files.createSymbolicLink(directory.resolve("log"), target);
        var journal = LogJournal.open(directory.resolve("log.state"));
        assertThrows(
                IOException.class,
                () -> new LogFile(
                        directory.resolve("log"), Optional.empty(), journal, Clock.systemUTC(), LogFile.newBuffer()));
        journal.close();
        assertEquals(0, Files.size(target));
    }

    /** Something that becomes so. */
    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws Exception {
        long deadline = System.nanoTime() + Node.SOON.toNanos();
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, "it did not happen");
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }
}
