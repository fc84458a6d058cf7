package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.linux.SubordinateIds.Grant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubordinateIdsTest {
    @Test
    void a_user_has_what_stands_beside_their_name_or_number() {
        String text = """
                # a comment
                alice:100000:65536
                bob:165536:65536
                1000:300000:10
                alice:nonsense:1
                alice:1:2:3
                alice:200000:5
                """;
        assertEquals(
                List.of(new Grant(100000, 65536), new Grant(300000, 10), new Grant(200000, 5)),
                SubordinateIds.parse(text, "alice", 1000));
        assertEquals(List.of(), SubordinateIds.parse(text, "carol", 1001));
    }

    @Test
    void ids_that_an_int_does_not_hold_are_left_out() {
        assertEquals(List.of(), SubordinateIds.parse("alice:4000000000:65536", "alice", 1));
        assertEquals(List.of(), SubordinateIds.parse("alice:100000:0", "alice", 1));
        assertEquals(List.of(new Grant(2147483600, 46)), SubordinateIds.parse("alice:2147483600:65536", "alice", 1));
    }

    @Test
    void without_a_grant_there_is_one_id() {
        var ids = new SubordinateIds(1000, 1001, List.of(), List.of(new Grant(5000, 10)));
        assertEquals("no range in /etc/subuid", ids.obstacle().orElseThrow());
        assertEquals("0 1000 1\n", UserNamespaceMap.text(ids.map().users()));
        assertEquals("0 1001 1\n", UserNamespaceMap.text(ids.map().groups()));
    }
}
