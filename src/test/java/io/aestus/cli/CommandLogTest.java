package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told on the way, in a process of its own: a process has one way of logging. */
class CommandLogTest {
    /** What logs: one thing of each weight. */
    static final class Talker {
        public static void main(String[] args) {
            CommandLog.prepare(args[0], args.length > 1);
            System.Logger log = System.getLogger("io.aestus.test");
            log.log(Level.DEBUG, "looked at {0}", "it");
            log.log(Level.INFO, "found {0}", "it");
            log.log(Level.WARNING, "cannot use it", new IOException("it is broken"));
            log.log(Level.ERROR, "gave up", new IllegalStateException());
        }
    }

    private static Path place(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static List<String> said(String... arguments) throws Exception {
        var line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                place(CommandLog.class) + ":"
                        + place(Talker.class), // as the command line has it, without the agent's ways
                Talker.class.getName()));
        line.addAll(List.of(arguments));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), text);
        return text.lines().toList();
    }

    private static final List<String> ALL = List.of(
            "aestus: looked at it",
            "aestus: found it",
            "aestus: cannot use it: it is broken",
            "aestus: gave up: java.lang.IllegalStateException");

    @ParameterizedTest
    @CsvSource({"debug, 0", "info, 1", "warn, 2", "error, 3"})
    void a_level_tells_what_weighs_as_much_in_a_line_each(String level, int first) throws Exception {
        assertEquals(ALL.subList(first, ALL.size()), said(level));
    }

    @Test
    void who_debugs_is_told_where_it_comes_from() throws Exception {
        List<String> said = said("warn", "traces");
        assertEquals("aestus: cannot use it: it is broken", said.getFirst());
        assertTrue(said.get(1).startsWith("java.io.IOException"), said.toString());
        assertTrue(said.get(2).contains("CommandLogTest"), said.toString());
    }

    @Test
    void an_unknown_level_is_refused() {
        var refusal = assertThrows(AestusException.class, () -> CommandLog.prepare("loud", false));
        assertEquals("cannot read --log-level 'loud': expected error, warn, info or debug", refusal.message());
    }
}
