package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SignalTest {
    @Test
    void the_shell_gives_the_same_names() throws IOException {
        var list = new ProcessBuilder("/bin/bash", "-c", "for n in $(seq 1 31); do kill -l $n; done").start();
        String[] names = new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\n", -1);
        for (int number = 1; number <= 31; number++) {
            assertEquals("SIG" + names[number - 1], Signal.name(number));
            assertEquals(Optional.of(number), Signal.parse(names[number - 1]));
        }
    }

    @Test
    void a_signal_is_read_by_any_of_its_names() {
        assertEquals(Optional.of(15), Signal.parse("SIGTERM"));
        assertEquals(Optional.of(15), Signal.parse("term"));
        assertEquals(Optional.of(15), Signal.parse("15"));
        assertEquals(Optional.of(37), Signal.parse("SIGRTMIN+3"));
        assertEquals(Optional.of(64), Signal.parse("RTMAX"));
    }

    @Test
    void what_is_no_signal_is_none() {
        for (String text : new String[] {"", "SIG", "0", "65", "RTMIN+31", "TERMINATE", "-9"}) {
            assertEquals(Optional.empty(), Signal.parse(text), text);
        }
    }
}
