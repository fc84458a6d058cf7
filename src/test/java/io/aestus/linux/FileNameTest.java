package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class FileNameTest {
    @Property
    void any_bytes_but_nul_survive(@ForAll byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                bytes[i] = 1;
            }
        }
        assertArrayEquals(bytes, FileName.encode(FileName.decode(bytes)));
    }

    @Test
    void text_stays_text() {
        assertEquals("größe-文", FileName.decode("größe-文".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    @Test
    void nul_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> FileName.encode("a\0b"));
    }
}
