package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class EpollTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    @Test
    void tokens_come_back_whole() throws IOException {
        try (var epoll = Epoll.open();
                var pipe = Pipe.open()) {
            epoll.add(pipe.reader(), Epoll.IN, 0x1234_5678_9abc_def0L);
            assertEquals(List.of(), epoll.await(Duration.ZERO));
            pipe.writer().writeFully(new byte[1]);
            assertEquals(List.of(new Epoll.Ready(0x1234_5678_9abc_def0L, Epoll.IN)), epoll.await(LONG));
        }
    }

    @Test
    void the_end_of_a_pipe_is_reported_even_when_not_asked_for() throws IOException {
        try (var epoll = Epoll.open();
                var pipe = Pipe.open()) {
            epoll.add(pipe.reader(), 0, 7);
            pipe.writer().close();
            assertTrue(epoll.await(LONG).getFirst().has(Epoll.HUP));
        }
    }

    @Test
    void many_descriptors_are_told_apart() throws IOException {
        var pipes = new ArrayList<Pipe>();
        try (var epoll = Epoll.open()) {
            for (int i = 0; i < 100; i++) {
                pipes.add(Pipe.open());
                epoll.add(pipes.get(i).reader(), Epoll.IN | Epoll.EDGE, i);
                pipes.get(i).writer().writeFully(new byte[1]);
            }
            var tokens = new TreeSet<Long>();
            while (tokens.size() < 100) {
                epoll.await(LONG).forEach(ready -> tokens.add(ready.token()));
            }
            assertEquals(99, tokens.last());
        } finally {
            pipes.forEach(Pipe::close);
        }
    }

    @Test
    void one_shot_is_silent_until_asked_again() throws IOException {
        try (var epoll = Epoll.open();
                var pipe = Pipe.open()) {
            epoll.add(pipe.reader(), Epoll.IN | Epoll.ONESHOT, 1);
            pipe.writer().writeFully(new byte[1]);
            assertEquals(1, epoll.await(LONG).size());
            assertEquals(List.of(), epoll.await(Duration.ZERO));
            epoll.modify(pipe.reader(), Epoll.IN | Epoll.ONESHOT, 2);
            assertEquals(2, epoll.await(LONG).getFirst().token());
        }
    }

    @Test
    void what_is_removed_is_not_reported_and_can_be_removed_once() throws IOException {
        try (var epoll = Epoll.open();
                var pipe = Pipe.open()) {
            epoll.add(pipe.reader(), Epoll.IN, 1);
            assertTrue(epoll.remove(pipe.reader()));
            assertFalse(epoll.remove(pipe.reader()));
            pipe.writer().writeFully(new byte[1]);
            assertEquals(List.of(), epoll.await(Duration.ZERO));
        }
    }

    @Test
    void another_thread_wakes_the_one_that_waits() throws Exception {
        try (var epoll = Epoll.open()) {
            var woken = new ArrayList<Epoll.Ready>(List.of(new Epoll.Ready(0, 0)));
            var waiter = Thread.ofPlatform().start(() -> {
                try {
                    woken.clear();
                    woken.addAll(epoll.await());
                } catch (SyscallException e) {
                    throw new AssertionError(e);
                }
            });
            epoll.wake();
            waiter.join();
            assertEquals(List.of(), woken);
            epoll.wake();
            epoll.wake();
            assertEquals(List.of(), epoll.await(LONG), "two rings wake once");
            assertEquals(List.of(), epoll.await(Duration.ofMillis(1)));
        }
    }

    @Test
    void the_token_of_the_bell_is_taken() throws IOException {
        try (var epoll = Epoll.open();
                var pipe = Pipe.open()) {
            assertThrows(IllegalArgumentException.class, () -> epoll.add(pipe.reader(), Epoll.IN, Long.MIN_VALUE));
        }
    }
}
