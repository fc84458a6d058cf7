package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.linux.CgroupLayout.Mode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class CgroupDriverTest {
    @Test
    void systemd_makes_cgroups_where_it_is_and_there_is_one_tree() {
        assertEquals(CgroupDriver.CGROUPFS, CgroupDriver.of("auto", Mode.HYBRID, true));
        assertEquals(CgroupDriver.CGROUPFS, CgroupDriver.of("auto", Mode.UNIFIED, false));
        assertEquals(CgroupDriver.CGROUPFS, CgroupDriver.of("cgroupfs", Mode.UNIFIED, true));
    }

    @Test
    void who_asks_for_what_cannot_be_is_told_why_and_what_to_do() throws IOException {
        var refusal = assertThrows(AestusException.class, () -> CgroupDriver.of("systemd", Mode.UNIFIED, false));
        assertEquals("cannot have cgroups made by systemd: it does not run this host", refusal.message());
        assertEquals("aestus.cgroups=cgroupfs", refusal.remedy().orElseThrow());
        assertThrows(AestusException.class, () -> CgroupDriver.of("systemd", Mode.HYBRID, true));
        assertThrows(AestusException.class, () -> CgroupDriver.of("runit"));
    }
}
