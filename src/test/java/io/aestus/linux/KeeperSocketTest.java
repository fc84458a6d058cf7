package io.aestus.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeeperSocketTest {
    private static List<String> labels(KeeperSocket keeper) throws SyscallException {
        var labels = new ArrayList<String>();
        for (var entry : keeper.parked()) {
            labels.add(entry.label());
            entry.close();
        }
        return labels;
    }

    private static long openDescriptors() throws IOException {
        try (var numbers = Files.list(Path.of("/proc/self/fd"))) {
            return numbers.count();
        }
    }

    @Test
    void what_is_parked_outlives_its_owner() throws IOException {
        try (var keeper = KeeperSocket.open()) {
            try (var pipe = Pipe.open()) {
                pipe.writer().writeFully("last words".getBytes(US_ASCII));
                keeper.park("web/1 stdout", List.of(pipe.reader()));
            }
            var entry = keeper.parked().getFirst();
            try (entry) {
                assertEquals("web/1 stdout", entry.label());
                byte[] words = entry.descriptors().getFirst().readAll(100);
                assertEquals("last words", new String(words, US_ASCII));
            }
        }
    }

    @Test
    void a_later_agent_finds_everything_in_the_process_that_keeps_it() throws IOException {
        try (var program = new ChildProgram();
                var pipe = Pipe.open()) {
            ChildProcess child;
            try (var keeper = KeeperSocket.open()) {
                program.closeOnExecFrom(3);
                program.assign(List.of(keeper.writer(), keeper.reader()), 3);
                program.execute(List.of("/bin/sleep"), List.of("sleep", "1000"), List.of());
                child = ProcessLauncher.open().launch(program, LaunchOptions.PLAIN);
                keeper.park("web/1 pidfd", List.of(child.pidfd().fd()));
                keeper.park("web/1 stdout", List.of(pipe.reader()));
            }
            try (child) {
                try (var holder = PidFd.open(child.pid()).orElseThrow();
                        var found = KeeperSocket.of(holder.takeDescriptor(3), holder.takeDescriptor(4))) {
                    assertEquals(List.of("web/1 pidfd", "web/1 stdout"), labels(found));
                    found.park("log/1 stdout", List.of(pipe.reader()));
                    assertEquals(2, found.remove(label -> label.startsWith("web/")));
                    assertEquals(List.of("log/1 stdout"), labels(found));
                } finally {
                    child.pidfd().signal(9);
                    child.pidfd().reap();
                }
            }
        }
    }

    @Test
    void looking_takes_nothing_out() throws IOException {
        try (var keeper = KeeperSocket.open();
                var pipe = Pipe.open()) {
            for (int i = 0; i < 5; i++) {
                keeper.park("app " + i, List.of(pipe.reader(), pipe.writer()));
            }
            var expected = List.of("app 0", "app 1", "app 2", "app 3", "app 4");
            assertEquals(expected, labels(keeper));
            assertEquals(expected, labels(keeper));
        }
    }

    @Test
    void entries_without_descriptors_and_of_any_length_are_told_apart() throws IOException {
        try (var keeper = KeeperSocket.open();
                var pipe = Pipe.open()) {
            keeper.park("a", List.of());
            keeper.park("b".repeat(4096), List.of(pipe.reader()));
            keeper.park("c", List.of());
            assertEquals(List.of("a", "b".repeat(4096), "c"), labels(keeper));
            assertThrows(IllegalArgumentException.class, () -> keeper.park("", List.of()));
            assertThrows(IllegalArgumentException.class, () -> keeper.park("d".repeat(4097), List.of()));
        }
    }

    @Test
    void what_is_removed_is_closed_and_the_rest_stays() throws IOException {
        try (var keeper = KeeperSocket.open()) {
            try (var first = Pipe.open();
                    var second = Pipe.open()) {
                keeper.park("web", List.of(first.reader()));
                keeper.park("log", List.of(second.reader()));
                keeper.park("web 2", List.of());
                assertEquals(2, keeper.remove(label -> label.startsWith("web")));
                first.reader().close();
                second.reader().close();
                assertThrows(SyscallException.class, () -> first.writer().writeFully(new byte[1]), "nobody reads");
                second.writer().writeFully(new byte[1]);
            }
            assertEquals(List.of("log"), labels(keeper));
            assertEquals(0, keeper.remove(label -> label.startsWith("web")));
            assertEquals(List.of("log"), labels(keeper));
        }
    }

    @Test
    void an_entry_that_a_crash_left_twice_is_reported_once_and_removed_twice() throws IOException {
        try (var keeper = KeeperSocket.open()) {
            keeper.park("web", List.of());
            keeper.park("log", List.of());
            keeper.park("web", List.of());
            assertEquals(List.of("web", "log"), labels(keeper));
            assertEquals(2, keeper.remove("web"::equals));
            assertEquals(List.of("log"), labels(keeper));
        }
    }

    @Test
    void no_descriptor_is_left_behind() throws IOException {
        long before = openDescriptors();
        try (var keeper = KeeperSocket.open();
                var pipe = Pipe.open()) {
            for (int i = 0; i < 20; i++) {
                keeper.park("app " + i, List.of(pipe.reader(), pipe.writer(), pipe.reader()));
            }
            labels(keeper);
            keeper.remove(label -> label.endsWith("7"));
            assertEquals(before + 4, openDescriptors());
        }
        assertEquals(before, openDescriptors());
    }

    @Test
    void a_full_keeper_refuses_and_loses_nothing() throws IOException {
        try (var keeper = KeeperSocket.open();
                var pipe = Pipe.open()) {
            int parked = 0;
            SyscallException refusal = null;
            while (refusal == null) {
                try {
                    keeper.park("app " + parked, List.of(pipe.reader()));
                    parked++;
                } catch (SyscallException e) {
                    refusal = e;
                }
            }
            assertTrue(refusal.errno() == Errno.EAGAIN || refusal.errno() == 109, refusal.getMessage());
            assertTrue(parked >= 200, parked + " entries fit");
            assertEquals(parked, labels(keeper).size());
        }
    }
}
