package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.linux.UserNamespaceMap.Range;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UserNamespaceMapTest {
    @Test
    void ids_are_shifted_within_the_range_and_nowhere_else() {
        var map = UserNamespaceMap.shifted(100_000, 65_536);
        assertEquals(OptionalInt.of(100_000), map.hostUser(0));
        assertEquals(OptionalInt.of(165_535), map.hostGroup(65_535));
        assertEquals(OptionalInt.empty(), map.hostUser(65_536));
        assertEquals(OptionalInt.empty(), map.hostUser(-1));
        assertEquals("0 100000 65536\n", UserNamespaceMap.text(map.users()));
    }

    @Test
    void ids_of_the_host_go_beyond_two_to_the_thirty_first() {
        var map = UserNamespaceMap.shifted((int) 0xFFFE_0000L, 65_536);
        assertEquals("0 4294836224 65536\n", UserNamespaceMap.text(map.users()));
        assertThrows(IllegalArgumentException.class, () -> UserNamespaceMap.shifted((int) 0xFFFF_0000L, 65_536));
    }

    @Test
    void maps_that_the_kernel_would_refuse_are_refused() {
        var twice = List.of(new Range(0, 1000, 10), new Range(5, 5000, 10));
        assertThrows(IllegalArgumentException.class, () -> new UserNamespaceMap(twice, twice));
        var twiceOutside = List.of(new Range(0, 1000, 10), new Range(50, 1009, 10));
        assertThrows(IllegalArgumentException.class, () -> new UserNamespaceMap(twiceOutside, twiceOutside));
        assertThrows(IllegalArgumentException.class, () -> new UserNamespaceMap(List.of(), List.of()));
        var many = IntStream.range(0, 341).mapToObj(i -> new Range(i, i, 1)).toList();
        assertThrows(IllegalArgumentException.class, () -> new UserNamespaceMap(many, many));
        assertThrows(IllegalArgumentException.class, () -> new Range(0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Range(Integer.MAX_VALUE, 0, 2));
    }

    @Test
    void neighbours_do_not_overlap() {
        var map = new UserNamespaceMap(
                List.of(new Range(0, 1000, 10), new Range(10, 0, 1000)), List.of(new Range(0, 0, 1)));
        assertEquals(OptionalInt.of(1009), map.hostUser(9));
        assertEquals(OptionalInt.of(0), map.hostUser(10));
    }
}
