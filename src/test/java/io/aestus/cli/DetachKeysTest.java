package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DetachKeysTest {
    private static String pass(DetachKeys keys, String typed) {
        byte[] bytes = typed.getBytes(StandardCharsets.ISO_8859_1);
        return new String(keys.pass(bytes, bytes.length), StandardCharsets.ISO_8859_1);
    }

    @Test
    void the_sequence_is_kept_from_the_app_even_if_it_comes_in_pieces() {
        var keys = DetachKeys.parse("ctrl-p,ctrl-q");
        assertEquals("ab", pass(keys, "ab\u0010"));
        assertFalse(keys.isComplete());
        assertEquals("", pass(keys, "\u0011rest"));
        assertTrue(keys.isComplete());
    }

    @Test
    void what_only_begins_like_it_goes_through() {
        var keys = DetachKeys.parse("ctrl-p,ctrl-q");
        assertEquals("", pass(keys, "\u0010"));
        assertEquals("\u0010x", pass(keys, "x"));
        assertEquals("\u0010", pass(keys, "\u0010\u0010"));
        assertEquals("", pass(keys, "\u0011"));
        assertTrue(keys.isComplete());
    }

    @Test
    void other_keys_can_be_chosen_or_none() {
        var keys = DetachKeys.parse("x,CTRL-],~");
        assertEquals("a", pass(keys, "ax\u001d~b"));
        assertTrue(keys.isComplete());
        var none = DetachKeys.parse("");
        assertEquals("\u0010\u0011", pass(none, "\u0010\u0011"));
        assertFalse(none.isComplete());
        for (String wrong : new String[] {"ctrl-", "ctrl-1", "ab", ",", "é"}) {
            assertThrows(WrongUsage.class, () -> DetachKeys.parse(wrong), wrong);
        }
    }
}
