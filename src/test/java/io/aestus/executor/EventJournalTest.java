package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EventJournalTest {
    private static final PodUuid POD = PodUuid.random();
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private Path directory;

    private static PodEvent event(int number) {
        return new PodEvent.PodStarted(POD, Instant.ofEpochSecond(number));
    }

    private List<PodEvent> all(Instant since) throws InterruptedException {
        var found = new ArrayList<PodEvent>();
        try (var events = PodEvents.open(directory, since)) {
            for (var next = events.next(Duration.ZERO); next.isPresent(); next = events.next(Duration.ZERO)) {
                found.add(next.get());
            }
        }
        return found;
    }

    @Test
    void every_kind_of_event_is_read_as_it_was_written() throws InterruptedException {
        var at = Instant.parse("2026-11-29T01:02:03.000000004Z");
        var web = Node.name("web");
        var killed = ExitStatus.ofSignal(9).withOutOfMemory(true);
        List<PodEvent> kinds = List.of(
                new PodEvent.PodPrepared(POD, at),
                new PodEvent.PodStarted(POD, at),
                new PodEvent.AppCreated(POD, web, at),
                new PodEvent.AppStarted(POD, web, at),
                new PodEvent.AppExited(POD, web, at, killed),
                new PodEvent.AppExited(POD, web, at, ExitStatus.notStarted("no \"such\"\nprogram")),
                new PodEvent.AppRemoved(POD, web, at),
                new PodEvent.LogStalled(POD, web, at, "disk full"),
                new PodEvent.PodExited(POD, at),
                new PodEvent.PodRemoved(POD, at),
                new PodEvent.Missed(at, 7));
        try (var journal = new EventJournal(directory)) {
            kinds.forEach(journal::add);
        }
        assertEquals(kinds, all(Instant.MIN));
        assertEquals(List.of(), all(at.plusNanos(1)));
    }

    @Test
    void what_is_written_while_somebody_reads_is_told_at_once_by_whichever_process() throws InterruptedException {
        try (var events = PodEvents.open(directory, Instant.MIN);
                var one = new EventJournal(directory);
                var other = new EventJournal(directory)) {
            for (int i = 0; i < 20; i += 2) {
                one.add(event(i));
                assertEquals(event(i), events.next(SOON).orElseThrow());
                other.add(event(i + 1));
                assertEquals(event(i + 1), events.next(SOON).orElseThrow());
            }
        }
    }

    @Test
    void the_journal_does_not_grow_for_ever_and_a_reader_follows_it() throws IOException, InterruptedException {
        int count = 25_000;
        try (var events = PodEvents.open(directory, Instant.MIN)) {
            for (int i = 0; i < count; i += 1000) {
                try (var journal = new EventJournal(directory)) {
                    for (int j = i; j < i + 1000; j++) {
                        journal.add(event(j));
                    }
                }
                for (int j = i; j < i + 1000; j++) {
                    assertEquals(event(j), events.next(SOON).orElseThrow());
                }
            }
        }
        long size = Files.size(EventJournal.previous(directory))
                + (Files.exists(EventJournal.current(directory)) ? Files.size(EventJournal.current(directory)) : 0);
        assertTrue(size < 3 * EventJournal.MOST_BYTES, () -> size + " bytes");
        var rest = all(Instant.MIN);
        assertEquals(event(count - 1), rest.getLast());
        assertTrue(rest.size() > 5000 && rest.size() < count, () -> rest.size() + " events");
    }

    @Test
    void a_line_that_was_torn_hides_no_other() throws IOException, InterruptedException {
        try (var journal = new EventJournal(directory)) {
            journal.add(event(1));
        }
        Files.writeString(EventJournal.current(directory), "{\"at\":\"2026-\n", StandardOpenOption.APPEND);
        try (var journal = new EventJournal(directory)) {
            journal.add(event(2));
        }
        assertEquals(List.of(event(1), event(2)), all(Instant.MIN));
    }
}
