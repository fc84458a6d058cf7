package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CapabilitySetTest {
    @Test
    void the_standard_set_is_the_one_of_the_other_runtimes() {
        assertEquals(0xa804_25fbL, CapabilitySet.STANDARD.mask());
        assertEquals(14, CapabilitySet.STANDARD.members().size());
        assertEquals(0x1ff_ffff_ffffL, CapabilitySet.ALL.mask());
    }

    @Test
    void numbers_are_the_kernels() {
        assertEquals(0, Capability.CHOWN.number());
        assertEquals(21, Capability.SYS_ADMIN.number());
        assertEquals(40, Capability.CHECKPOINT_RESTORE.number());
        int next = 0;
        for (Capability capability : Capability.values()) {
            assertEquals(next++, capability.number());
        }
    }

    @Test
    void names_are_read_as_people_write_them() {
        assertEquals(Optional.of(Capability.NET_ADMIN), Capability.find("CAP_NET_ADMIN"));
        assertEquals(Optional.of(Capability.NET_ADMIN), Capability.find("net_admin"));
        assertEquals(Optional.empty(), Capability.find("CAP_EVERYTHING"));
        assertEquals("CAP_NET_ADMIN", Capability.NET_ADMIN.toString());
    }

    @Test
    void sets_are_added_and_taken_away() {
        var two = CapabilitySet.of(Capability.KILL, Capability.BPF);
        assertTrue(two.contains(Capability.BPF));
        assertEquals(
                List.of(Capability.KILL),
                two.without(CapabilitySet.of(Capability.BPF)).members());
        assertEquals(two, CapabilitySet.of(Capability.KILL).with(CapabilitySet.of(Capability.BPF)));
        assertFalse(two.containsAll(CapabilitySet.STANDARD));
        assertEquals(CapabilitySet.of(Capability.KILL), two.upTo(Capability.PERFMON.number()));
        assertEquals("CAP_KILL CAP_BPF", two.toString());
        assertEquals("", CapabilitySet.NONE.toString());
    }

    @Test
    void the_words_for_capset_are_laid_out_low_word_first() {
        byte[] data = CapabilitySet.data(
                CapabilitySet.of(Capability.CHOWN),
                CapabilitySet.of(Capability.BPF, Capability.KILL),
                CapabilitySet.NONE);
        var words = ByteBuffer.wrap(data).order(ByteOrder.nativeOrder());
        int[] found = new int[6];
        words.asIntBuffer().get(found);
        assertArrayEquals(new int[] {1, 1 << 5, 0, 0, 1 << 7, 0}, found);
        assertEquals("2205082000000000", HexFormat.of().formatHex(CapabilitySet.header()));
    }
}
