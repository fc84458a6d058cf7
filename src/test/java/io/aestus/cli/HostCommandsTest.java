package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code config}, {@code doctor} and {@code agent --help}. */
class HostCommandsTest {
    @TempDir
    Path dir;

    private Shell shell;

    @BeforeEach
    void open() throws IOException {
        shell = new Shell(dir);
        Files.createDirectories(shell.config());
    }

    private List<String> config(String name, String... words) {
        var all = new java.util.ArrayList<>(List.of(words));
        all.addAll(List.of("config", "--no-legend"));
        return shell.run(all.toArray(String[]::new))
                .ok()
                .lines()
                .map(line -> line.replaceAll(" +", " "))
                .filter(line -> line.contains(" " + name + " "))
                .toList();
    }

    @Test
    void each_setting_says_where_it_came_from_and_options_win() throws IOException {
        assertEquals(List.of("setting aestus.dir " + shell.data() + " --dir"), config("aestus.dir"));
        assertEquals(List.of("setting aestus.gc.grace 24h default"), config("aestus.gc.grace"));
        Path file = Files.writeString(
                shell.config().resolve("aestus.properties"), "aestus.gc.grace = 1h\naestus.ca.file=/ca.pem\n");
        assertEquals(List.of("setting aestus.gc.grace 1h " + file), config("aestus.gc.grace"));
        shell.with("AESTUS_GC_GRACE", "2h");
        assertEquals(List.of("setting aestus.gc.grace 2h AESTUS_GC_GRACE"), config("aestus.gc.grace"));
        assertEquals(List.of("setting aestus.ca.file /ca.pem " + file), config("aestus.ca.file"));
        assertEquals(
                List.of("setting aestus.ca.file /other.pem --ca-file"),
                config("aestus.ca.file", "--ca-file=/other.pem"));
    }

    @Test
    void commands_heed_the_file_of_settings() throws IOException {
        Files.writeString(shell.config().resolve("aestus.properties"), "aestus.insecure.options = nonsense\n");
        assertTrue(shell.run("image", "list").fails(254).contains("unknown word 'nonsense'"));
    }

    @Test
    void secrets_are_not_printed() throws IOException {
        Path file = Files.createDirectories(shell.config().resolve("auth.d")).resolve("example.json");
        Files.writeString(file, """
                {"rktKind": "auth", "rktVersion": "v1", "domains": ["dl.example.com"], "type": "basic",
                 "credentials": {"user": "carol", "password": "hunter2"}}
                """);
        shell.with("HTTPS_PROXY", "http://me:hunter2@proxy.example.com:3128");
        assertEquals(List.of("credentials dl.example.com basic " + file), config("dl.example.com"));
        assertEquals(List.of("proxy https_proxy http://…@proxy.example.com:3128 HTTPS_PROXY"), config("https_proxy"));
        for (String format : List.of("text", "json", "yaml")) {
            assertFalse(shell.run("config", "--format", format).ok().contains("hunter2"), format);
        }
    }

    @Test
    void doctor_says_what_is_there_and_whether_pods_can_run() {
        var text = shell.run("doctor");
        var json = shell.run("doctor", "--format=json");
        assertTrue(text.out().contains("data directory"), text.out());
        assertTrue(json.out().contains("{\"name\":\"clone3\",\"need\":\"required\",\"present\":"), json.out());
        boolean canRun = json.out().contains("\"can_run_pods\":true");
        assertEquals(canRun ? 0 : 254, text.code());
        assertEquals(canRun, text.out().endsWith("\nPods can run here.\n"));
    }

    @Test
    void colours_are_for_terminals_and_for_those_who_want_them() {
        assertFalse(shell.run("doctor").out().contains("\u001b"), "in a file");
        assertTrue(shell.shown("doctor").out().contains("\u001b[32mok     \u001b[0m"), "on a terminal");
        assertFalse(shell.shown("--no-color", "doctor").out().contains("\u001b"), "--no-color");
        assertTrue(shell.shown("status", "nosuch").fails(254).startsWith("\u001b[31maestus:\u001b[0m cannot "));
        assertTrue(shell.with("NO_COLOR", "").shown("doctor").out().contains("\u001b"), "NO_COLOR is empty");
        assertFalse(shell.with("NO_COLOR", "1").shown("doctor").out().contains("\u001b"), "NO_COLOR");
        assertTrue(shell.shown("status", "nosuch").fails(254).startsWith("aestus: cannot "));
        shell.with("NO_COLOR", "").with("TERM", "dumb");
        assertFalse(shell.shown("doctor").out().contains("\u001b"), "TERM=dumb");
    }

    @Test
    void configuration_of_the_lowest_priority_is_where_it_is_said() throws IOException {
        Path vendor = Files.createDirectories(dir.resolve("vendor"));
        Path file = Files.writeString(vendor.resolve("aestus.properties"), "aestus.gc.grace = 3h\n");
        assertEquals(
                List.of("setting aestus.gc.grace 3h " + file),
                config("aestus.gc.grace", "--system-config", vendor.toString()));
    }

    @Test
    void doctor_fails_where_no_data_can_be_kept() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "");
        var result = new Shell(file).run("doctor");
        assertEquals(254, result.code());
        assertTrue(result.out().contains("MISSING  data directory"), result.out());
        assertTrue(result.out().endsWith("\nPods cannot run here.\n"), result.out());
    }

    @Test
    void help_for_the_agent_lists_every_setting_once() {
        String help = shell.run("agent", "--help").ok();
        for (Settings.Known setting : Settings.known()) {
            assertEquals(1, help.split("\n  " + setting.name() + "=", -1).length - 1, setting.name());
        }
        assertTrue(shell.run("agent").fails(254).contains("cannot start the agent"));
    }

    @Test
    void options_of_a_command_may_stand_before_it() {
        assertEquals("", shell.run("--store-only", "fetch", "example.com/none").out());
        assertTrue(shell.run("--pull-policy=never", "fetch", "example.com/none")
                .fails(254)
                .contains("the pull policy is never"));
        assertTrue(shell.run("--nonsense", "fetch", "example.com/none").fails(2).contains("'--nonsense'"));
    }
}
