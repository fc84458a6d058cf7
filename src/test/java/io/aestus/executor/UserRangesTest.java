package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodUuid;
import io.aestus.linux.Directory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No two pods of a host have users in common, whatever their data directories. */
class UserRangesTest {
    @TempDir
    Path dir;

    private UserRanges ranges(String owner) throws IOException {
        Path data = Files.createDirectories(dir.resolve(owner));
        return new UserRanges(
                data.resolve("users"), new UserBlocks(dir.resolve("run"), data, List.of(dir.resolve("subuid"))));
    }

    private static Set<Integer> take(UserRanges ranges, int count) throws IOException {
        var bases = new HashSet<Integer>();
        for (int i = 0; i < count; i++) {
            bases.add(ranges.take(PodUuid.random()).base());
        }
        assertEquals(count, bases.size());
        return bases;
    }

    @Test
    void two_data_directories_take_from_different_ranges_however_many_they_need() throws IOException {
        Set<Integer> first = take(ranges("first"), 150);
        Set<Integer> second = take(ranges("second"), 150);
        first.retainAll(second);
        assertEquals(Set.of(), first);
    }

    @Test
    void two_processes_on_one_directory_share_its_blocks() throws IOException {
        Set<Integer> one = take(ranges("data"), 40);
        one.addAll(take(ranges("data"), 20));
        assertEquals(60, one.size());
        try (var claims = Files.list(dir.resolve("run"))) {
            assertEquals(2, claims.count(), "one block and the lock");
        }
    }

    @Test
    void what_the_hosts_users_have_is_left_out() throws IOException {
        long half = 0x2000_0000L + (0x6fff_0000L - 0x2000_0000L) / 2;
        Files.writeString(dir.resolve("subuid"), "root:536870912:" + (half - 0x2000_0000L) + "\n# no range\nme:1:x\n");
        assertTrue(take(ranges("data"), 100).stream().allMatch(base -> base >= half));
    }

    @Test
    void a_block_whose_directory_is_gone_is_anybodys() throws IOException {
        Files.writeString(
                dir.resolve("subuid"), "root:" + (0x2000_0000L + 64 * 65536) + ":" + 0x6fff_0000L + "\n"); // leaves one
        take(ranges("first"), 1);
        var refused = assertThrows(AestusException.class, () -> ranges("second").take(PodUuid.random()));
        assertEquals(Problem.EXHAUSTED, refused.problem());
        try (Directory all = Directory.open(dir)) {
            all.removeTree("first");
        }
        assertEquals(64, take(ranges("second"), 64).size());
    }

    @Test
    void what_is_given_back_can_be_taken_again() throws IOException {
        UserRanges ranges = ranges("data");
        PodUuid pod = PodUuid.random();
        UserRange range = ranges.take(pod);
        ranges.give(PodUuid.random(), Optional.of(range));
        assertFalse(take(ranges, 63).contains(range.base()));
        ranges.give(pod, Optional.of(range));
        assertTrue(take(ranges, 1).contains(range.base()));
    }

    @Test
    void without_a_registry_a_directory_looks_after_itself() throws IOException {
        Files.writeString(dir.resolve("run"), "a file in the way");
        assertEquals(100, take(ranges("data"), 100).size());
    }
}
