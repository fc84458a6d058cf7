package io.aestus.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.executor.Backoff;
import io.aestus.operator.WorkQueue.Next;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorkQueueTest {
    private static final Backoff QUICK = new Backoff(Duration.ofMillis(1), Duration.ofMillis(8));

    private final LinkedBlockingQueue<String> done = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<RuntimeException> bugs = new LinkedBlockingQueue<>();

    private WorkQueue<String> started(WorkQueue.Work<String> work) {
        var queue = new WorkQueue<>("test", 3, QUICK, work, (_, bug) -> bugs.add(bug));
        queue.start();
        return queue;
    }

    private String next() throws InterruptedException {
        String key = done.poll(10, TimeUnit.SECONDS);
        if (key == null) {
            throw new AssertionError("nothing was worked on");
        }
        return key;
    }

    @Test
    void what_was_added_before_the_start_is_worked_on() throws InterruptedException {
        var queue = new WorkQueue<String>(
                "test",
                1,
                QUICK,
                key -> {
                    done.add(key);
                    return Next.DONE;
                },
                (_, bug) -> bugs.add(bug));
        queue.add("a");
        queue.start();
        try (queue) {
            assertEquals("a", next());
        }
    }

    @Test
    void a_key_added_while_it_is_worked_on_is_worked_on_once_more_and_never_twice_at_a_time()
            throws InterruptedException {
        var entered = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        try (var queue = started(key -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            entered.countDown();
            goOn.await();
            inside.decrementAndGet();
            done.add(key);
            return Next.DONE;
        })) {
            queue.add("a");
            assertTrue(entered.await(10, TimeUnit.SECONDS));
            queue.add("a");
            queue.add("a");
            queue.add("a");
            goOn.countDown();
            assertEquals("a", next());
            assertEquals("a", next());
            assertNull(done.poll(50, TimeUnit.MILLISECONDS), "worked on more than once more");
            assertEquals(1, most.get(), "threads inside at a time");
        }
    }

    @Test
    void keys_do_not_wait_for_one_another() throws InterruptedException {
        var release = new CountDownLatch(1);
        try (var queue = started(key -> {
            if (key.equals("slow")) {
                release.await();
            }
            done.add(key);
            return Next.DONE;
        })) {
            queue.add("slow");
            queue.add("quick");
            assertEquals("quick", next());
            release.countDown();
            assertEquals("slow", next());
        }
    }

    @Test
    void work_that_fails_is_repeated_until_it_does_not() throws InterruptedException {
        var attempts = new AtomicInteger();
        try (var queue = started(key -> {
            if (attempts.incrementAndGet() < 4) {
                return Next.RETRY;
            }
            done.add(key);
            return Next.DONE;
        })) {
            queue.add("a");
            assertEquals("a", next());
            assertEquals(4, attempts.get());
        }
    }

    @Test
    void a_bug_is_told_and_the_work_repeated() throws InterruptedException {
        var attempts = new AtomicInteger();
        try (var queue = started(key -> {
            if (attempts.incrementAndGet() == 1) {
                throw new IllegalStateException("a bug");
            }
            done.add(key);
            return Next.DONE;
        })) {
            queue.add("a");
            assertEquals("a", next());
            assertEquals("a bug", bugs.remove().getMessage());
        }
    }

    @Test
    void work_can_ask_to_be_looked_at_again() throws InterruptedException {
        var looks = new AtomicInteger();
        try (var queue = started(key -> {
            done.add(key);
            return looks.incrementAndGet() < 3 ? new Next.After(Duration.ofMillis(2)) : Next.DONE;
        })) {
            queue.add("a");
            next();
            next();
            next();
            assertNull(done.poll(50, TimeUnit.MILLISECONDS));
        }
    }

    @Test
    void an_earlier_date_beats_a_later_one() throws InterruptedException {
        try (var queue = started(key -> {
            done.add(key);
            return Next.DONE;
        })) {
            queue.add("a", Duration.ofHours(1));
            queue.add("a", Duration.ofMillis(1));
            assertEquals("a", next());
        }
    }

    @Test
    void closing_interrupts_what_is_under_way() throws InterruptedException {
        var entered = new CountDownLatch(1);
        var interrupted = new CountDownLatch(1);
        var queue = started(_ -> {
            entered.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
            return Next.DONE;
        });
        queue.add("a");
        assertTrue(entered.await(10, TimeUnit.SECONDS));
        queue.close();
        assertEquals(0, interrupted.getCount());
    }

    @Test
    void what_failing_work_stirs_up_hastens_no_retry_but_who_asks_does() throws InterruptedException {
        var slow = new Backoff(Duration.ofHours(1), Duration.ofHours(1));
        var queues = new LinkedBlockingQueue<WorkQueue<String>>();
        var looks = new AtomicInteger();
        try (var queue = new WorkQueue<String>(
                "test",
                1,
                slow,
                key -> {
                    done.add(key);
                    if (looks.incrementAndGet() < 3) {
                        queues.element().hint(key);
                    }
                    return key.equals("fails") ? Next.RETRY : Next.DONE;
                },
                (_, bug) -> bugs.add(bug))) {
            queues.add(queue);
            queue.start();
            queue.add("fails");
            assertEquals("fails", next());
            queue.hint("fails");
            queue.add("other");
            assertEquals("other", next());
            assertEquals("other", next(), "its own hint, after work that did not fail");
            queue.add("fails");
            assertEquals("fails", next());
        }
    }
}
