package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("host")
@Timeout(60)
class ExitEventsTest {
    /** A shell that ends as it is told to, when its input ends. */
    private static Process shell(String end) throws IOException {
        return new ProcessBuilder("/bin/sh", "-c", "read x; " + end).start();
    }

    private static int pid(Process process) {
        return (int) process.pid();
    }

    private static void end(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        process.waitFor();
    }

    private static SortedSet<Integer> setOf(Integer... pids) {
        return new TreeSet<>(List.of(pids));
    }

    @Test
    void the_ends_of_those_that_are_watched_for_wait_in_their_order_and_no_others() throws Exception {
        Process first = shell("exit 7");
        Process other = shell("exit 8");
        Process second = shell("kill -9 $$");
        try (var events = ExitEvents.open()) {
            events.watch(setOf(pid(first), pid(second)));
            end(first);
            end(other);
            end(second);
            assertEquals(Optional.of(new ExitEvents.Ended(pid(first), 7 << 8)), events.first());
            assertEquals(Optional.of(new ExitEvents.Ended(pid(first), 7 << 8)), events.first(), "taken out by a look");
            events.take();
            assertEquals(Optional.of(new ExitEvents.Ended(pid(second), Signal.SIGKILL)), events.first());
            events.take();
            assertEquals(Optional.empty(), events.first());
            events.end();
        }
    }

    @Test
    void the_socket_says_who_is_watched_for_also_to_another_process() throws Exception {
        try (var events = ExitEvents.open()) {
            assertEquals(setOf(), events.watched());
            for (int count : new int[] {1, 2, 255, 256, 700, ExitEvents.MOST}) {
                SortedSet<Integer> pids = IntStream.range(0, count)
                        .map(i -> 1 + i * 1201)
                        .boxed()
                        .collect(Collectors.toCollection(TreeSet::new));
                events.watch(pids);
                assertEquals(pids, events.watched());
            }
            events.watch(setOf());
            assertEquals(setOf(), events.watched());
        }
    }

    @Test
    void what_waits_outlives_a_change_of_those_that_are_watched_for() throws Exception {
        Process first = shell("exit 1");
        try (var events = ExitEvents.open()) {
            events.watch(setOf(pid(first)));
            end(first);
            events.watch(setOf());
            assertEquals(Optional.of(new ExitEvents.Ended(pid(first), 1 << 8)), events.first());
        }
    }

    @Test
    void there_is_an_end_to_how_many_can_be_watched_for() throws Exception {
        try (var events = ExitEvents.open()) {
            SortedSet<Integer> pids = IntStream.rangeClosed(1, ExitEvents.MOST + 1)
                    .boxed()
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(
                    Errno.E2BIG,
                    assertThrows(SyscallException.class, () -> events.watch(pids))
                            .errno());
        }
    }
}
