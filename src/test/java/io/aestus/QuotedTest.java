package io.aestus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class QuotedTest {
    @Test
    void plain_text_is_only_quoted() {
        assertEquals("'example.com/web'", Quoted.of("example.com/web"));
    }

    @Test
    void controls_and_direction_overrides_cannot_reach_a_terminal() {
        assertEquals("'a\\u001b[2Jb\\n\\u202ec\\''", Quoted.of("a\u001b[2Jb\n\u202ec'"));
    }

    @Test
    void text_beyond_eighty_characters_is_cut() {
        assertEquals("'" + "x".repeat(80) + "…'", Quoted.of("x".repeat(81)));
        assertEquals("'" + "x".repeat(80) + "'", Quoted.of("x".repeat(80)));
    }
}
