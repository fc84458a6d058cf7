package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.linux.Rlimit.Resource;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RlimitTest {
    @Test
    void our_own_limit_is_read_and_set_to_itself() throws IOException {
        var files = Rlimit.of(Resource.NOFILE, 0);
        assertTrue(files.soft() > 0);
        files.set(0);
        assertEquals(files, Rlimit.of(Resource.NOFILE, ProcessHandle.current().pid()));
    }

    @Test
    void limits_are_unsigned_and_the_soft_one_is_the_lower() {
        assertEquals(
                "0a00000000000000ffffffffffffffff",
                HexFormat.of().formatHex(new Rlimit(Resource.CORE, 10, Rlimit.INFINITY).bytes()));
        var error = assertThrows(IllegalArgumentException.class, () -> new Rlimit(Resource.CORE, Rlimit.INFINITY, 10));
        assertEquals("soft limit 18446744073709551615 of CORE is above the hard limit 10", error.getMessage());
    }

    @Test
    void names_are_read_as_people_write_them() {
        assertEquals(Optional.of(Resource.NOFILE), Resource.find("RLIMIT_NOFILE"));
        assertEquals(Optional.of(Resource.AS), Resource.find("as"));
        assertEquals(Optional.empty(), Resource.find("RLIMIT_COFFEE"));
    }
}
