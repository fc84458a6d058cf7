package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodUuid;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class EventsTest {
    private static final PodUuid POD = PodUuid.random();

    @TempDir
    private Path directory;

    private static PodEvent event(int number) {
        return new PodEvent.PodStarted(POD, Instant.ofEpochSecond(number));
    }

    @Test
    void every_listener_is_told_of_everything_in_order() throws InterruptedException {
        BlockingQueue<PodEvent> told = new LinkedBlockingQueue<>();
        try (var events = new Events(Clock.systemUTC(), new EventJournal(directory));
                var _ = events.subscribe(told::add)) {
            for (int i = 0; i < 100; i++) {
                events.publish(event(i));
            }
            for (int i = 0; i < 100; i++) {
                assertEquals(event(i), told.poll(10, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void a_slow_listener_holds_up_nobody_and_is_told_what_it_missed() throws InterruptedException {
        BlockingQueue<PodEvent> told = new LinkedBlockingQueue<>();
        var go = new CountDownLatch(1);
        int count = Events.PATIENCE * 2;
        try (var events = new Events(Clock.systemUTC(), new EventJournal(directory));
                var _ = events.subscribe(event -> {
                    await(go);
                    told.add(event);
                })) {
            for (int i = 0; i < count; i++) {
                events.publish(event(i));
            }
            go.countDown();
            List<PodEvent> all = new ArrayList<>();
            while (all.isEmpty() || !all.getLast().equals(event(count - 1))) {
                all.add(told.poll(10, TimeUnit.SECONDS));
            }
            var missed = all.stream()
                    .filter(PodEvent.Missed.class::isInstance)
                    .map(PodEvent.Missed.class::cast)
                    .toList(); // twice, if nothing was taken before the first were dropped
            long lost = missed.stream().mapToLong(PodEvent.Missed::count).sum();
            assertEquals(count, lost + all.size() - missed.size());
            assertTrue(lost > 0);
        }
    }

    @Test
    void a_listener_that_fails_is_told_of_the_next_event_too() throws InterruptedException {
        BlockingQueue<PodEvent> told = new LinkedBlockingQueue<>();
        try (var events = new Events(Clock.systemUTC(), new EventJournal(directory));
                var _ = events.subscribe(event -> {
                    told.add(event);
                    throw new IllegalArgumentException("a bug in a listener");
                })) {
            events.publish(event(1));
            events.publish(event(2));
            assertEquals(event(1), told.poll(10, TimeUnit.SECONDS));
            assertEquals(event(2), told.poll(10, TimeUnit.SECONDS));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
