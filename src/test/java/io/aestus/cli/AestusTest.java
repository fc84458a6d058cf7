package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AestusTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... words) {
        return new Aestus(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of())
                .run(List.of(words));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void no_command_is_wrong_usage_and_shows_the_commands() {
        assertEquals(2, run());
        assertTrue(err().contains("Commands:"), err());
        assertEquals("", out());
    }

    @Test
    void help_that_was_asked_for_is_a_result() {
        assertEquals(0, run("--help"));
        assertTrue(out().contains("Examples:"), out());
    }

    @Test
    void a_unique_beginning_stands_for_a_command() {
        assertEquals(0, run("--dir", "/nowhere", "vers"));
        assertTrue(out().startsWith("aestus Version: "), out());
    }

    @Test
    void a_misspelt_command_is_answered_with_the_nearest() {
        assertEquals(2, run("vresion"));
        assertTrue(err().startsWith("aestus: unknown command 'vresion', did you mean version?"), err());
    }

    @Test
    void an_unknown_option_shows_one_line_of_usage() {
        assertEquals(2, run("version", "--frob"));
        assertEquals(
                "aestus: unknown option: '--frob'\nusage: aestus version [OPTIONS]   (aestus version --help explains)\n",
                err());
    }

    @Test
    void versions_are_there_for_programs_too() {
        assertEquals(0, run("version", "--format=json"));
        assertTrue(out().startsWith("{\"aestus\":\"" + Version.AESTUS + "\",\"appc\":\"0.8.11\","), out());
    }

    @Test
    void a_value_may_be_called_as_a_command_is() {
        assertEquals(0, run("--insecure-options=image", "version", "--format=json"));
        assertEquals(0, run("--dir", "image", "version", "--format=json"));
    }

    @Test
    void an_unknown_format_is_refused_before_anything_is_done() {
        assertEquals(2, run("version", "--format=xml"));
        assertEquals("""
                aestus: cannot print as 'xml': expected text, json, json-pretty or yaml
                usage: aestus version [OPTIONS]   (aestus version --help explains)
                """, err());
        assertEquals("", out());
    }

    @Test
    void a_completion_script_knows_the_commands() {
        assertEquals(0, run("completion"));
        assertTrue(out().contains("_picocli_aestus_version"), out());
    }
}
